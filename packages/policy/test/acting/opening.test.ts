import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, referenceBackend } from '@torsor/backend';
import { key } from '@torsor/random';
import { hashProgram, type Program } from '@torsor/tensor';
import { fastTokenizer } from '@torsor/tokenizer';
import { describe, expect, it } from 'vitest';
import { familyOf, fastContents, openPolicy, type RobotObservation } from '../../src/index.js';
import { characters } from '../characters.js';
import { fastFiles, processor } from '../fast-files.js';
import { left, right } from '../right.js';
import { runFolder } from '../saved-run.js';
import { expert, tinyModel } from '../tiny.js';
import { zerosBut } from '../zeros-but.js';
import { type Saved, savePolicy, statistics } from './saved-policy.js';

const folder = runFolder();

const tokenizer = characters(140);

const opening = async (kind: 'pi0' | 'pi05' | 'pi0-fast', saved: Saved = {}, backend = referenceBackend()) => {
  const { path } = await savePolicy(await folder.fresh(), kind, saved);
  return { path, opened: await openPolicy({ backend, path, tokenizer })() };
};

const go: RobotObservation = { state: [1, 2], prompt: 'go', pictures: {} };

describe('settings that this version does not read', () => {
  it.each<readonly [field: string, saved: Saved]>([
    ['model.kind', { config: { model: { kind: 'pi1' } } }],
    ['model.actionDim', { config: { model: { kind: 'pi0-fast' } } }],
    ['model', { config: { model: null } }],
    ['data', { config: { data: null } }],
    ['data.normMode', { data: { normMode: 'max' } }],
    ['data.deltaActionMask.0', { data: { deltaActionMask: [1] } }],
    ['data.cameras', { data: { cameras: [] } }],
    ['data.cameras.front', { data: { cameras: { front: 3 } } }],
    ['data.tokenizer', { data: { tokenizer: 3 } }],
    ['data.maxTruncatedShare', { data: { maxTruncatedShare: '0' } }],
    ['numSamplingSteps', { config: { numSamplingSteps: 0 } }],
    ['numSamplingSteps', { config: { numSamplingSteps: 2.5 } }],
    ['freeze', { config: { freeze: 'PaliGemma/.*' } }],
    ['freezeForLora', { config: { freezeForLora: 'yes' } }],
    ['frozenDtype', { config: { frozenDtype: 'f16' } }],
  ])('%s', async (field, saved) => {
    const { path, opened } = await opening('pi0', saved);
    expect(left(opened)).toEqual({ _tag: 'BadSettings', path, field, reason: expect.any(String) });
  });

  it('statistics, by file and place', async () => {
    const { path, opened } = await opening('pi0', { statistics: { state: statistics.state } });
    expect(left(opened)).toMatchObject({
      _tag: 'Data',
      error: { _tag: 'InvalidField', file: `${path}/manifest.json`, field: expect.stringContaining('actions') },
    });
  });
});

describe('a checkpoint that is damaged', () => {
  const saved = async () => (await savePolicy(await folder.fresh(), 'pi0')).path;

  const opened = async (path: string) => left(await openPolicy({ backend: referenceBackend(), path, tokenizer })());

  it('or not there', async () => {
    const path = join(await folder.fresh(), 'checkpoints', '20');
    expect(await opened(path)).toMatchObject({ _tag: 'Checkpoint' });
  });

  it('without its parameters', async () => {
    const path = await saved();
    await rm(join(path, 'params.safetensors'));
    expect(await opened(path)).toEqual({
      _tag: 'Checkpoint',
      error: { _tag: 'MissingFile', path, file: 'params.safetensors' },
    });
  });

  it('in a byte of them', async () => {
    const path = await saved();
    const file = join(path, 'params.safetensors');
    const bytes = await readFile(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(file, bytes);
    expect(await opened(path)).toMatchObject({
      _tag: 'Checkpoint',
      error: { _tag: 'HashMismatch', file: 'params.safetensors' },
    });
  });
});

describe('the text tokenizer', () => {
  it('is the one that the checkpoint names', async () => {
    const { path } = await savePolicy(await folder.fresh(), 'pi0', { data: { tokenizer: '/nowhere/gemma.json' } });
    const backend = referenceBackend();
    const opened = await openPolicy({ backend, path })();
    expect(left(opened)).toMatchObject({ _tag: 'NotReadable', path: '/nowhere/gemma.json' });
    expect(backend.memory().buffers).toBe(0);
  });

  it('or else the one that is given', async () => {
    const { opened } = await opening('pi0', { data: { tokenizer: '/nowhere/gemma.json' } });
    expect(right(opened).model.kind).toBe('pi0');
  });

  it('has to have rows', async () => {
    const backend = referenceBackend();
    const { opened } = await opening('pi0', { model: { vocabSize: 139 } }, backend);
    expect(left(opened)).toEqual({ _tag: 'TooFewRows', rows: 139, tokens: 140 });
    expect(backend.memory().buffers).toBe(0);
  });

  it('says how many rows there are where the settings do not', async () => {
    const { opened } = await opening('pi0', { model: { vocabSize: null }, vocabulary: 140 });
    expect(right(await right(opened).act([go], key(1))()).length).toBe(1);
  });
});

describe('a prompt that is too long', () => {
  const long = { ...go, prompt: 'pick it up' };

  it('is cut where training cut some', async () => {
    const { opened } = await opening('pi0', { data: { maxTruncatedShare: 0.1 } });
    expect(right(await right(opened).act([long], key(1))()).length).toBe(1);
  });
});

/** Openpi's form of factors rounds a table that is frozen: the program depends on how it was kept. */
it.each([
  ['that was trained', {}, undefined],
  ['that factors stood in for', { freezeForLora: true }, 'bf16'],
  ['that was frozen by its path', { freeze: ['.*input_embedding'] }, 'bf16'],
  ['that was frozen in f32', { freezeForLora: true, frozenDtype: 'f32' }, undefined],
] as const)('a table %s is used as it was kept', async (_, config, dtype) => {
  const adapter = { rank: 2, alpha: 4 };
  const model = { lora: 'openpi', paligemma: { ...expert, lora: { attn: adapter, ffn: adapter } } };
  const programs: string[] = [];
  const backend = referenceBackend();
  const compile: Backend['compile'] = (made, options) => {
    programs.push(hashProgram(made as unknown as Program));
    return backend.compile(made, options);
  };
  const { opened } = await opening('pi0', { model, config }, { ...backend, compile });
  right(await right(opened).act([go], key(1))());
  const settings = tinyModel('pi0', model);
  const made = familyOf(settings).modelOf(settings, 140, dtype);
  right(
    await made.sampler({
      placement: { backend: { ...backend, compile }, specOf: () => [] },
      params: made.paramTypes,
      pictures: { features: {}, absent: [], size: [224, 224], augment: null },
      batchSize: 1,
      numSamplingSteps: 4,
      severalDraws: false,
      meaning: {
        space: { stats: statistics, normMode: 'mean_std', deltaActionMask: null, adaptToPi: false, actionDim: 3 },
        tokenizers: null,
      },
    })(),
  );
  expect(programs[0]).toBe(programs[1]);
  expect(programs.length).toBe(2);
});

describe('a policy that writes actions as tokens', () => {
  const actionTokens = fastTokenizer(processor).vocabSize;

  const chunk = { shape: [2, 2] as const, data: Float64Array.of(0.25, 0.5, 0.25, -0.5) };

  /** Ids of action tokens count down from behind the 140 of the text and the actions' own. */
  const written = [
    ...[...'Action: '].map((c) => 3 + c.charCodeAt(0)),
    ...right(fastTokenizer(processor).encode(chunk)).map((token) => 140 + actionTokens - 1 - token),
    3 + '|'.charCodeAt(0),
    1,
  ];

  /** Row k is 3^k (e_k + e_(k + 1)): of all rows the next one has the largest product with it. A prompt ends with a line. */
  const table = Object.fromEntries(
    [13, ...written].flatMap((token, k) => [
      [token * 16 + k, 3 ** k],
      [token * 16 + k + 1, 3 ** k],
    ]),
  );

  const saved = (model: object = {}): Saved => ({
    model: { paligemma: { ...expert, width: 16 }, vocabSize: null, maxDecodingSteps: 20, ...model },
    vocabulary: 140 + actionTokens + 128,
    data: { normMode: 'quantile', deltaActionMask: [true, false] },
    params: (types) => zerosBut(types, { 'PaliGemma/llm/embedder/input_embedding': table }),
    files: fastContents(fastFiles),
  });

  /** From q01 + (x + 1) / 2 · (q99 − q01), the first dimension beside the state. */
  const inUnits = (normalized: ArrayLike<number>, at: number): readonly number[] =>
    Array.from(normalized, (x, i) => expect.closeTo(i % 2 === 0 ? at + (x + 1) : 10 + 2 * (x + 1), 3));

  it('does what it has written', async () => {
    const policy = right((await opening('pi0-fast', saved())).opened);
    const acted = right(await policy.act([{ ...go, state: [50, 0] }, go], key(1))());
    expect(acted.map(({ failure, horizon }) => [failure, horizon])).toEqual([
      [null, 2],
      [null, 2],
    ]);
    const meant = right(fastTokenizer(processor).decode(right(fastTokenizer(processor).encode(chunk)), [2, 2])).data;
    expect(acted.map(({ actions }) => [...actions])).toEqual([inUnits(meant, 50), inUnits(meant, 1)]);
  });

  it('does what openpi would where that is nothing, and says why', async () => {
    const policy = right((await opening('pi0-fast', saved({ maxDecodingSteps: 5 }))).opened);
    const [acted] = right(await policy.act([go], key(1))());
    expect(acted?.failure).toContain('Actio');
    expect([...(acted?.actions ?? [])]).toEqual(inUnits([0, 0, 0, 0], 1));
  });

  it('needs the files of its tokenizer', async () => {
    const { path, opened } = await opening('pi0-fast', { ...saved(), files: {} });
    expect(left(opened)).toEqual({
      _tag: 'Checkpoint',
      error: { _tag: 'MissingFile', path, file: 'fast_processor_config.json' },
    });
  });

  it('and whole ones', async () => {
    const files = fastContents({ ...fastFiles, 'processor_config.json': '{}' });
    const { opened } = await opening('pi0-fast', { ...saved(), files });
    expect(left(opened)).toMatchObject({ _tag: 'Tokenizer', error: { _tag: 'BadProcessor' } });
  });
});
