import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleDatasetPath } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDataset } from './dataset.js';
import { refusal, result, tiny, torsor } from './torsor.js';

let dir = '';
let made = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-bad-'));
});

afterAll(() => rm(dir, { recursive: true }));

const fresh = (): string => join(dir, String(made++));

const moving = (episode: number, row: number, dim: number): number => (dim === 0 ? Math.sin(episode + row) : 0.5);

const dataset = async (options: Partial<Parameters<typeof writeDataset>[1]> = {}): Promise<string> => {
  const path = fresh();
  await writeDataset(path, { episodes: 5, value: moving, ...options });
  return path;
};

const small = [...tiny, '--set', 'data.deltaActionMask=null', '--set', 'data.heldOut=1', '--set', 'data.units=null'];

describe('configuration', () => {
  it.each([
    ['usage: bathSize: unknown key (--set bathSize=3); did you mean batchSize?', '--set', 'bathSize=3'],
    ['usage: batchSize', '--set', 'batchSize=many'],
    ['usage: steps', '--steps', '-3'],
    ['usage: optimizer.betta1: unknown key', '--set', 'optimizer.betta1=0.9'],
    ['usage: model.vocabSize is 100, the tokenizer has 512 tokens', '--set', 'model.vocabSize=100'],
    ["openpi's SGD ignores its own lr", '--set', 'optimizer={"kind":"sgd","lr":0.1}'],
  ])('%s', async (message, ...words) => {
    const out = fresh();
    expect(await refusal(...tiny, '--out', out, ...words)).toContain(message);
    expect(existsSync(join(out, 'config.json'))).toBe(false);
  });
});

describe('data', () => {
  it('missing, or empty', async () => {
    expect(await refusal(...small, '--out', fresh(), '--data', join(dir, 'none'))).toContain(
      'data: No dataset directory',
    );
    expect(await refusal(...small, '--out', fresh(), '--data', await dataset({ episodes: 0 }))).toMatch(
      /^data: .*episode/s,
    );
  });

  it('videos that are not there, with the flag that trains without them', async () => {
    const message = await refusal(...tiny, '--out', fresh(), '--data', sampleDatasetPath());
    expect(message).toContain('episode_000000.mp4');
    expect(message).toContain('--without-camera observation.images.cam_high');
  });

  it('a parquet file that is missing or cut short', async () => {
    const path = await dataset();
    const file = join(path, 'data/chunk-000/episode_000003.parquet');
    await truncate(file, 200);
    expect(await refusal(...small, '--out', fresh(), '--data', path)).toMatch(/^data: .*episode_000003\.parquet/s);
    await rm(file);
    expect(await refusal(...small, '--out', fresh(), '--data', path)).toMatch(/^data: .*episode_000003\.parquet/s);
  });

  it('NaN in an action, naming episode, frame and joint', async () => {
    const path = await dataset({ value: (e, r, d) => (e === 2 && r === 4 && d === 1 ? Number.NaN : moving(e, r, d)) });
    expect(await refusal(...small, '--out', fresh(), '--data', path)).toMatch(/^data: .*still.*/s);
  });

  it('fewer episodes than the split needs', async () => {
    const words = [...small, '--out', fresh(), '--data', await dataset(), '--set', 'data.heldOut=5'];
    expect(await refusal(...words)).toContain('data: 5 episodes cannot be split with 5 held out');
  });

  it('a task that no tokenizer takes, or that is too long for the model', async () => {
    const empty = await dataset({ task: ' ' });
    expect(await refusal(...small, '--out', fresh(), '--data', empty)).toMatch(/^data: /);
    const long = await dataset({ task: 'move '.repeat(60) });
    expect(await refusal(...small, '--out', fresh(), '--data', long)).toContain('48');
  });

  it('a dimension that never varies is trained, with a warning that names it', async () => {
    const warnings: string[] = [];
    const ended = await torsor([...small, '--out', fresh(), '--data', await dataset()], {
      heard: (event) => {
        if (event._tag === 'Warning') warnings.push(event.message);
      },
    });
    expect(E.isRight(ended)).toBe(true);
    expect(warnings.join('\n')).toContain('still');
  });
});

describe('folders and checkpoints', () => {
  const run = async (): Promise<string> => {
    const out = fresh();
    await result(...tiny, '--steps', '3', '--out', out);
    return out;
  };
  const checkpoint = (out: string, file = ''): string => join(out, 'checkpoints/00000003', file);

  it('a folder that cannot be written', async () => {
    const file = fresh();
    await writeFile(file, '');
    expect(await refusal(...tiny, '--out', join(file, 'run'))).toMatch(/^checkpoint: .* cannot be (written|read)/);
  });

  it('a flipped byte or a file cut short', async () => {
    const out = await run();
    const params = checkpoint(out, 'params.safetensors');
    const whole = await readFile(params);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(whole.length - 5) ^ 1, whole.length - 5);
    await writeFile(params, flipped);
    expect(await refusal('eval', checkpoint(out))).toMatch(/^checkpoint: .*params\.safetensors/s);
    expect(await refusal(...tiny, '--out', out, '--resume')).toMatch(/^checkpoint: .*params\.safetensors/s);
    await writeFile(params, whole.subarray(0, 1000));
    expect(await refusal('eval', checkpoint(out))).toMatch(/^checkpoint: .*params\.safetensors/s);
  });

  it('a checkpoint of another model, or of other statistics', async () => {
    const [out, wider] = [await run(), fresh()];
    await result(
      ...tiny,
      '--steps',
      '3',
      '--out',
      wider,
      '--set',
      'model.maxTokenLen=40',
      '--set',
      'model.vocabSize=600',
    );
    await rm(checkpoint(wider), { recursive: true });
    await cp(checkpoint(out), checkpoint(wider), { recursive: true });
    expect(await refusal('train', '--out', wider, '--resume', '--backend', 'wasm')).toMatch(
      /^checkpoint: .*input_embedding/s,
    );
    const other = fresh();
    await result(...tiny, '--steps', '3', '--out', other, '--set', 'seed=7');
    await rm(checkpoint(other), { recursive: true });
    await cp(checkpoint(out), checkpoint(other), { recursive: true });
    expect(await refusal('train', '--out', other, '--resume', '--backend', 'wasm')).toMatch(
      /^checkpoint: .*statistics/is,
    );
  });
});
