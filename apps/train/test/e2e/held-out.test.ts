import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../src/terminal/event.js';
import { writeDataset } from './dataset.js';
import { metricsOf, refusal, result, tiny, torsor } from './torsor.js';

let dir = '';
let made = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-held-out-'));
});

afterAll(() => rm(dir, { recursive: true }));

const fresh = (): string => join(dir, String(made++));

const moving = (episode: number, row: number, dim: number): number => (dim === 0 ? Math.sin(3 * episode + row) : row);

const dataset = async (episodes: number, rows: number, path = fresh()): Promise<string> => {
  await writeDataset(path, { episodes, rows, value: moving });
  return path;
};

const small = [...tiny, '--set', 'data.deltaActionMask=null', '--set', 'data.units=null', '--steps', '2'];

const told = async (...words: readonly string[]): Promise<readonly string[]> => {
  const heard: Event[] = [];
  const ended = await torsor(words, { heard: (event) => heard.push(event) });
  if (E.isLeft(ended)) throw new Error(ended.left.messages.join('\n'));
  const messages = heard.flatMap((event) => ('message' in event ? [event.message] : []));
  return [...messages, ended.right._tag === 'Result' ? ended.right.text : ''];
};

describe('what is held out never stops training', () => {
  it('episodes shorter than the chunk: their steps are left out of the baseline, and said', async () => {
    const out = fresh();
    const words = ['--data', await dataset(4, 3), '--set', 'data.heldOut=1', '--set', 'model.actionHorizon=8'];
    const said = (await told(...small, '--out', out, ...words)).join('\n');
    expect(said).toContain('75.0 % of the actions in training windows lie beyond the end of their episode');
    expect(said).toContain('mean chunk (3 of 8 steps)');
  });

  it('one episode, nothing held out: trained with a warning, and no evaluation', async () => {
    const out = fresh();
    const words = ['--data', await dataset(1, 8), '--set', 'data.heldOut=0'];
    const said = await told(...small, '--out', out, ...words);
    expect(said).toContain('nothing is held out (data.heldOut=0): nothing will say how good the policy is');
    expect(said.at(-1)).toContain('trained 2 updates; nothing was held out to evaluate on');
    const lines = await metricsOf(out);
    expect(lines.some((line) => 'loss' in line)).toBe(true);
    expect(lines.some((line) => 'eval/loss' in line)).toBe(false);
    expect(await refusal('eval', out)).toContain('all 1 episodes of the dataset were trained on');
  });
});

describe('a dataset that grows', () => {
  it('is evaluated on episodes that were never trained on, and a run goes on with its own', async () => {
    const out = fresh();
    const data = await dataset(6, 8);
    await result(...small, '--out', out, '--data', data, '--set', 'data.heldOut=2');
    const split = JSON.parse(await readFile(join(out, 'split.json'), 'utf8'));
    await dataset(9, 8, data);
    const judged = (await told('eval', out, '--data', data)).join('\n');
    expect(judged).toContain('5 episodes of its own dataset, which training never saw');
    expect(judged).toContain(`(${[...split.heldOut, 6, 7, 8].join(', ')})`);
    const resumed = await told('train', '--resume', '--out', out, '--steps', '4');
    expect(resumed.join('\n')).toContain('3 episodes were recorded since this run began: it does not use them');
    expect(JSON.parse(await readFile(join(out, 'split.json'), 'utf8'))).toEqual(split);
  });
});

describe('statistics of elsewhere', () => {
  it('are those of another run, in the run and in its checkpoint', async () => {
    const [first, second, data] = [fresh(), fresh(), await dataset(5, 8)];
    await result(...small, '--out', first, '--data', data, '--set', 'data.heldOut=1');
    await writeFile(
      join(first, 'norm_stats.json'),
      (await readFile(join(first, 'norm_stats.json'), 'utf8')).replace(/"mean": \[\s*[^,]+,/, '"mean": [ 0.125,'),
    );
    await result(...small, '--out', second, '--data', data, '--set', `data.stats=${first}`, '--set', 'data.heldOut=1');
    const stats = JSON.parse(await readFile(join(second, 'norm_stats.json'), 'utf8'));
    expect(stats.norm_stats.state.mean[0]).toBe(0.125);
  });
});
