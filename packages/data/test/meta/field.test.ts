import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { showDataError } from '../../src/error.js';
import { decodeInfo, parseInfo } from '../../src/meta/info.js';
import { decodeEpisodes, decodeTasks } from '../../src/meta/lines.js';
import { parseNormStats } from '../../src/stats/norm-stats.js';
import { right } from '../right.js';

const info = {
  codebase_version: 'v2.1',
  fps: 30,
  total_episodes: 0,
  total_frames: 0,
  chunks_size: 1000,
  data_path: 'data',
  features: { 'observation.state': { dtype: 'float32', shape: [1], names: ['x'] } },
};

const infoMessage = (more: object): string =>
  E.match(
    showDataError,
    () => 'accepted',
  )(decodeInfo({ file: 'info.json' }, JSON.parse(JSON.stringify({ ...info, ...more }))));

describe('info.json', () => {
  it('is read with what it leaves out', () => {
    expect(right(decodeInfo({ file: 'info.json' }, JSON.parse(JSON.stringify(info))))).toEqual({
      codebaseVersion: 'v2.1',
      robotType: null,
      fps: 30,
      totalEpisodes: 0,
      totalFrames: 0,
      chunksSize: 1000,
      dataPath: 'data',
      videoPath: null,
      features: new Map([['observation.state', { dtype: 'float32', shape: [1], names: ['x'], note: null }]]),
    });
    expect(infoMessage({ robot_type: 'g1', video_path: 'videos', more: 'unknown' })).toBe('accepted');
  });

  it.each([
    [{ codebase_version: 2.1 }, 'codebase_version should be a text, but it is 2.1.'],
    [{ robot_type: 1 }, 'robot_type should be a text or null, but it is 1.'],
    [{ fps: 0 }, 'fps should be a number above 0, but it is 0.'],
    [{ fps: '30' }, 'fps should be a number above 0, but it is "30".'],
    [{ total_episodes: -1 }, 'total_episodes should be a whole number, 0 or more, but it is -1.'],
    [{ total_frames: 0.5 }, 'total_frames should be a whole number, 0 or more, but it is 0.5.'],
    [{ chunks_size: 0 }, 'chunks_size should be a whole number, 1 or more, but it is 0.'],
    [{ data_path: undefined }, 'data_path should be a text, but it is absent.'],
    [{ features: [] }, 'features should be an object, but it is [].'],
    [{ features: { a: 3 } }, 'features.a should be an object with dtype and shape, but it is 3.'],
    [{ features: { 'a.b': { shape: [1] } } }, 'features.a.b.dtype should be a text, but it is absent.'],
    [
      { features: { a: { dtype: 'float32', shape: [1, -1] } } },
      'features.a.shape should be a list of whole numbers, 0 or more, but it is [1,-1].',
    ],
  ])('with %j says what should be there', (more, words) => {
    expect(infoMessage(more)).toBe(`info.json: field ${words}`);
  });

  it('names the first of several faults, and cuts what is long', () => {
    expect(infoMessage({ fps: 'x'.repeat(100), total_frames: -1 })).toBe(
      `info.json: field fps should be a number above 0, but it is "${'x'.repeat(56)}....`,
    );
  });

  it('that is no object', () => {
    expect(E.mapLeft(showDataError)(parseInfo('info.json', '[]'))).toEqual(
      E.left('info.json: field (whole file) should be an object, but it is [].'),
    );
  });
});

describe('lines', () => {
  it.each([
    ['7', '(whole line) should be an object, but it is 7.'],
    ['{"episode_index":0,"length":0,"tasks":[]}', 'length should be a whole number, 1 or more, but it is 0.'],
    ['{"episode_index":0,"length":1,"tasks":["a",3]}', 'tasks should be a list of texts, but it is ["a",3].'],
    ['{"episode_index":0,"length":1,"tasks":"a"}', 'tasks should be a list of texts, but it is "a".'],
  ])('%s of episodes.jsonl', (line, words) => {
    expect(E.mapLeft(showDataError)(decodeEpisodes('episodes.jsonl', `\n${line}\n`))).toEqual(
      E.left(`episodes.jsonl, line 2: field ${words}`),
    );
  });

  it('of tasks.jsonl', () => {
    expect(E.mapLeft(showDataError)(decodeTasks('tasks.jsonl', '{"task_index":0}'))).toEqual(
      E.left('tasks.jsonl, line 1: field task should be a text, but it is absent.'),
    );
  });
});

it.each([
  ['3', '(whole file) should be an object with norm_stats, but it is 3.'],
  ['{"norm_stats":[]}', 'norm_stats should be an object, but it is [].'],
  ['{"norm_stats":{"state":1}}', 'norm_stats.state should be an object with mean and std, but it is 1.'],
  [
    '{"norm_stats":{"state":{"mean":[1,"2"]}}}',
    'norm_stats.state.mean should be a list of numbers, but it is [1,"2"].',
  ],
  [
    '{"norm_stats":{"state":{"mean":[1],"std":[1],"q01":2}}}',
    'norm_stats.state.q01 should be a list of numbers or null, but it is 2.',
  ],
  [
    '{"norm_stats":{"state":{"mean":[1],"std":[1,2]}}}',
    'norm_stats.state should be lists of one length, but it is {"mean":[1],"std":[1,2]}.',
  ],
])('%s as norm_stats.json', (content, words) => {
  expect(E.mapLeft(showDataError)(parseNormStats('norm_stats.json', content))).toEqual(
    E.left(`norm_stats.json: field ${words}`),
  );
});
