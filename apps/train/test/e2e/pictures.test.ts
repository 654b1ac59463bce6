import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeVideo, showVideoError } from '@torsor/video';
import { encode } from 'fast-png';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSaves } from '../saves.js';
import { writeDataset } from './dataset.js';
import { lastEvaluation, metricsOf, refusal, result, tiny, torsor } from './torsor.js';

const [top, wrist] = ['observation.images.top', 'observation.images.cam_left_wrist'] as const;
const features = [top, wrist] as const;

let dir = '';
let made = 0;

const fresh = (): string => join(dir, String(made++));

const png = (from: number): Uint8Array =>
  encode({
    width: 32,
    height: 32,
    channels: 3,
    depth: 8,
    data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (from * 40 + i) & 255),
  });

type Draw = (episode: number, row: number) => Uint8Array;

const dataset = async (draw: Draw, cameras: readonly string[] = features): Promise<string> => {
  const path = fresh();
  await writeDataset(path, {
    episodes: 2,
    value: (episode, row, dim) => (dim === 0 ? Math.sin(episode + row) : Math.cos(row)),
    pictures: Object.fromEntries(cameras.map((camera) => [camera, draw])),
  });
  return path;
};

const model = {
  cameras: ['base_0_rgb', 'left_wrist_0_rgb', 'right_wrist_0_rgb'],
  imageSize: [32, 32],
  siglip: 'mu/16',
};

const set = (values: { readonly [path: string]: unknown }): readonly string[] =>
  Object.entries(values).flatMap(([path, value]) => ['--set', `${path}=${JSON.stringify(value)}`]);

const small = [
  ...tiny,
  ...set({
    ...Object.fromEntries(Object.entries(model).map(([key, value]) => [`model.${key}`, value])),
    batchSize: 2,
    steps: 4,
    'data.deltaActionMask': null,
    'data.augment': true,
    'data.heldOut': 1,
    'data.units': null,
    evalInterval: 2,
    saveInterval: 2,
  }).filter((word) => word !== ''),
  '--steps',
  '4',
];

const mapped = set({ 'data.cameras': { base_0_rgb: top, left_wrist_0_rgb: wrist, right_wrist_0_rgb: null } });

const drawn: Draw = (episode, row) => png(6 * episode + row);

let data = '';
let whole = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-pictures-'));
  data = await dataset(drawn);
  whole = fresh();
  await result(...small, ...mapped, '--data', data, '--out', whole);
}, 120_000);

afterAll(() => rm(dir, { recursive: true }));

const params = (out: string): Promise<Buffer> => readFile(join(out, 'checkpoints', '00000004', 'params.safetensors'));

describe('a run with pictures', () => {
  it('trains the image tower, and its report says what the cameras see', async () => {
    expect((await params(whole)).toString('latin1')).toContain('PaliGemma/img/embedding/kernel');
    const report = await readFile(join(whole, 'report.html'), 'utf8');
    expect(report).toContain(`base_0_rgb from ${top}, left_wrist_0_rgb from ${wrist}, right_wrist_0_rgb absent; 32x32`);
    expect(report).toContain('augmented in training by crop, turn and full colour jitter');
  });

  it('stopped and resumed makes the lines and the parameters of the uninterrupted one', async () => {
    const out = fresh();
    const words = [...small, ...mapped, '--data', data, '--out', out];
    expect(await torsor(words, { stopAfter: 1 })).toMatchObject(E.left({ exit: 'interrupted' }));
    await result(...words, '--resume');
    expect(await metricsOf(out)).toEqual(withSaves(await metricsOf(whole), [2]));
    expect(await params(out)).toEqual(await params(whole));
  }, 120_000);

  it('is evaluated as it ended', async () => {
    const evaluated = await result('eval', whole, '--backend', 'wasm');
    const last = lastEvaluation(await metricsOf(whole));
    expect(evaluated['losses']).toMatchObject({ live: last['eval/loss'], ema: last['eval/loss_ema'] });
  }, 60_000);

  it('learns from what it sees: other pictures, other losses', async () => {
    const out = fresh();
    const other = await dataset((episode, row) => png(99 + 7 * episode + 3 * row));
    await result(...small, ...mapped, '--data', other, '--out', out);
    const [ours, theirs] = [await metricsOf(whole), await metricsOf(out)];
    expect(theirs[0]?.['loss']).not.toBe(ours[0]?.['loss']);
    expect(lastEvaluation(theirs)['eval/loss']).not.toBe(lastEvaluation(ours)['eval/loss']);
  }, 120_000);

  it('makes other updates from pictures that are not varied', async () => {
    const out = fresh();
    await result(...small, ...mapped, '--data', data, '--out', out, '--set', 'data.augment=false');
    expect(await params(out)).not.toEqual(await params(whole));
  }, 120_000);

  it('of π0.5 and of π0-FAST trains too', async () => {
    const words = [...small.slice(2), ...mapped, '--data', data];
    const euler = words.indexOf('numSamplingSteps=2');
    const decoded = [...words.toSpliced(euler - 1, 2), ...set({ 'model.maxDecodingSteps': 4 })];
    for (const [preset, said] of [
      ['pi05-tiny', words],
      ['pi0-fast-tiny', decoded],
    ] as const) {
      const ended = await result('train', preset, ...said, '--out', fresh());
      expect(ended['step']).toBe(4);
    }
  }, 240_000);
});

describe('is refused', () => {
  it('a damaged picture, with dataset, episode, frame and camera', async () => {
    const path = await dataset((episode, row) =>
      row === 3 ? drawn(episode, row).subarray(0, 60) : drawn(episode, row),
    );
    const message = await refusal(...small, ...mapped, '--data', path, '--out', fresh());
    expect(message).toMatch(
      /^data: .*: the picture observation\.images\.\w+ of episode \d, frame 3: it cannot be decoded/,
    );
    expect(message).toContain(path);
  }, 60_000);

  it.each([
    [
      'cameras that are not said',
      [],
      '--set data.cameras.base_0_rgb=observation.images.top --set data.cameras.left_wrist_0_rgb=observation.images.cam_left_wrist --set data.cameras.right_wrist_0_rgb=null',
    ],
    [
      'a picture that no camera sees',
      set({ 'data.cameras': { base_0_rgb: top, left_wrist_0_rgb: null, right_wrist_0_rgb: null } }),
      `train without by --without-camera ${wrist}, or show it to the model: --set data.cameras.left_wrist_0_rgb=${wrist}`,
    ],
    [
      'a picture that is not there',
      set({
        'data.cameras': { base_0_rgb: 'observation.images.tpo', left_wrist_0_rgb: wrist, right_wrist_0_rgb: null },
      }),
      `There are no pictures observation.images.tpo. The nearest is ${top}`,
    ],
    ['a camera that the model has not', set({ 'data.cameras': { base_0_rbg: top } }), 'did you mean base_0_rgb?'],
  ])('%s', async (_, words, message) => {
    expect(await refusal(...small, ...words, '--data', data, '--out', fresh())).toContain(message);
  });
});

const fixture = fileURLToPath(new URL('../../../../packages/data/fixtures/lerobot/v3-tworobots', import.meta.url));

// Where the optional decoder of videos is not installed, its absence is what is told.
const found = await describeVideo(join(fixture, 'videos/observation.images.front/chunk-000/file-000.mp4'))();
const missing = E.isLeft(found) ? `: ${showVideoError(found.left)}` : '';

describe.runIf(missing === '')(`a run on videos that LeRobot wrote${missing}`, () => {
  it('trains on them and is evaluated', async () => {
    const info = JSON.parse(await readFile(join(fixture, 'meta', 'info.json'), 'utf8'));
    const cameras = Object.keys(info.features).filter((name) => info.features[name].dtype === 'video');
    const seen = Object.fromEntries(model.cameras.map((camera, i) => [camera, cameras[i] ?? null]));
    const words = [...small, ...set({ 'data.cameras': seen }), '--data', fixture];
    const out = fresh();
    const ended = await result(...words, '--out', out);
    expect(ended['step']).toBe(4);
    expect(await result('eval', out, '--backend', 'wasm', '--data', fixture)).toMatchObject({ step: 4 });
  }, 240_000);
});

describe('torsor convert of a policy with pictures', () => {
  const text = async (...words: readonly string[]): Promise<string> => {
    const ended = await torsor(words);
    return E.isRight(ended) && ended.right._tag === 'Result' ? ended.right.text : '';
  };

  it('for LeRobot: the averages of the newest checkpoint, with configuration and pipelines', async () => {
    const out = fresh();
    const said = await text('convert', whole, out, '--to', 'lerobot');
    expect(said).toMatch(/averaged: \d+ parameters/);
    expect(said).toContain('note: LeRobot has no setting for these sizes');
    expect((await readdir(out)).toSorted()).toEqual([
      'config.json',
      'conversion.json',
      'model.safetensors',
      'policy_postprocessor.json',
      'policy_postprocessor_step_0_unnormalizer_processor.safetensors',
      'policy_preprocessor.json',
      'policy_preprocessor_step_6_normalizer_processor.safetensors',
    ]);
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
    expect(Object.keys(config.input_features)).toEqual(['observation.state', top, wrist]);
  });

  it('for openpi: statistics by the name of its configuration; live parameters when asked for', async () => {
    const out = fresh();
    const said = await text('convert', whole, out, '--to', 'openpi-pytorch', '--live', '--asset-id', 'my/robot');
    expect(said).not.toContain('averaged');
    const stats = JSON.parse(await readFile(join(out, 'assets', 'my', 'robot', 'norm_stats.json'), 'utf8'));
    expect(Object.keys(stats.norm_stats)).toEqual(['state', 'actions']);
  });

  it("for openpi's JAX code, which inspect reads and training begins from", async () => {
    const out = fresh();
    await result('convert', whole, out, '--to', 'openpi');
    expect((await readdir(out)).toSorted()).toEqual(['assets', 'conversion.json', 'params']);
    expect(await text('inspect', out, '--hashes', 'none')).toContain('what Orbax saved, pi0 by the names of torsor');
    const again = fresh();
    await result(...small, ...mapped, '--data', data, '--out', again, '--steps', '1', '--set', `init.from=${out}`);
  });
});
