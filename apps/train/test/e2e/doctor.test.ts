import { existsSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, fromTypedArray } from '@torsor/checkpoint';
import { sampleDatasetPath } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../src/terminal/event.js';
import { writeDataset } from './dataset.js';
import { refusal, result, tiny, torsor } from './torsor.js';

let dir = '';
let made = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-doctor-'));
});

afterAll(() => rm(dir, { recursive: true }));

const fresh = (): string => join(dir, String(made++));

const dataset = async (options: Partial<Parameters<typeof writeDataset>[1]> = {}): Promise<string> => {
  const path = fresh();
  const value = (episode: number, row: number, dim: number): number => Math.sin(episode + row + dim);
  await writeDataset(path, { episodes: 5, value, ...options });
  return path;
};

/** What it says and how it ends. */
const doctor = async (...words: readonly string[]): Promise<{ readonly text: string; readonly ended: string }> => {
  const said: Event[] = [];
  const ended = await torsor(['doctor', ...words], { heard: (event) => said.push(event) });
  const [shown] = E.isRight(ended) ? [ended.right] : said.filter(({ _tag }) => _tag === 'Result');
  return {
    text: shown?._tag === 'Result' ? shown.text : '',
    ended: E.isRight(ended) ? 'done' : `${ended.left.exit}: ${ended.left.messages.join('\n')}`,
  };
};

const unsafe = 'data: the dataset is not safe to train on';

describe('a dataset', () => {
  it('that is safe: the embedded sample', async () => {
    expect(await result('doctor')).toEqual({ findings: [], episodes: 40, frames: 14_296 });
  });

  it('whose videos are missing: said, and the rows are looked at', async () => {
    const { text, ended } = await doctor('--data', sampleDatasetPath());
    expect(ended).toBe(unsafe);
    expect(text).toContain('data.withoutCameras=["observation.images.cam_high"]');
    expect(text).toContain('40 episodes (14296 frames) looked at: 1 error');
    expect((await doctor('--data', sampleDatasetPath(), '--without-camera', 'all')).ended).toBe('done');
  });

  it('with a file cut short and a value of 1e30', async () => {
    const value = (e: number, r: number, d: number): number =>
      e === 1 && r === 4 && d === 1 ? 1e30 : Math.sin(e + r + d);
    const path = await dataset({ episodes: 50, value });
    await truncate(join(path, 'data/chunk-000/episode_000003.parquet'), 200);
    const { text, ended } = await doctor('--data', path);
    expect(ended).toBe(unsafe);
    expect(text).toContain('data.excludeEpisodes=[3]');
    expect(text).toContain('episode 1, frame 4, action, still');
    expect(text).toContain('49 episodes');
    for (const line of text.split('\n').slice(0, -1)) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('a run', () => {
  it('that has no room for the dimensions', async () => {
    const { text, ended } = await doctor('pi0-tiny', '--data', await dataset(), '--set', 'model.actionDim=1');
    expect(ended).toBe(unsafe);
    expect(text).toContain('model.actionDim=2');
  });

  it('is told what the doctor found, before its first step', async () => {
    const value = (e: number, r: number, d: number): number =>
      e === 1 && r === 4 && d === 1 ? 1e30 : Math.sin(e + r + d);
    const warned: string[] = [];
    const words = [...tiny, '--out', fresh(), '--data', await dataset({ episodes: 50, value })];
    await torsor([...words, '--set', 'data.heldOut=1', '--set', 'data.units=null'], {
      heard: (event) => {
        if (event._tag === 'Warning') warned.push(event.message);
      },
      stopAfter: 1,
    });
    expect(warned.filter((message) => message.includes('episode 1, frame 4, action, still'))).toHaveLength(1);
  });

  it('from weights of another tokenizer is refused', async () => {
    const table = fromTypedArray('F32', [257_152, 1], new Float32Array(257_152));
    const tensors = new Map([['PaliGemma/llm/embedder/input_embedding', table]]);
    const bytes = encodeSafetensors({ tensors, metadata: {} });
    const weights = join(dir, 'model.safetensors');
    await writeFile(weights, E.isRight(bytes) ? bytes.right : '');
    const out = fresh();
    const words = [...tiny, '--out', out, '--set', `init={"from":${JSON.stringify(weights)}}`];
    expect(await refusal(...words)).toMatch(
      /^checkpoint: init\.from .*embeddings of 257152 tokens, the embedded text tokenizer has 512/,
    );
    expect(existsSync(join(out, 'config.json'))).toBe(false);
  });
});
