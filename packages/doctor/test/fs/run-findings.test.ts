import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, fromTypedArray } from '@torsor/checkpoint';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { admitWeights, type RunSettings, runFindings } from '../../src/fs/run-findings.js';
import { datasetOf } from '../recordings.js';
import { tinyRun } from '../settings.js';

const dataset = datasetOf({ lengths: [40, 40, 40] });

const found = (settings: RunSettings, memory = 1e12) => runFindings(dataset, settings, memory);

/** Weights with a table of embeddings of so many rows, and nothing else. */
const weightsOf = (rows: number): string => {
  const table = fromTypedArray('F32', [rows, 1], new Float32Array(rows));
  const tensors = new Map([['PaliGemma/llm/embedder/input_embedding', table]]);
  const bytes = encodeSafetensors({ tensors, metadata: {} });
  if (E.isLeft(bytes)) throw new Error(bytes.left._tag);
  const file = join(mkdtempSync(join(tmpdir(), 'torsor-weights-')), 'model.safetensors');
  writeFileSync(file, bytes.right);
  return file;
};

const init = (from: string) => ({ from, fresh: [], unused: [] });

it('finds nothing in a run that can begin', async () => {
  expect(await found(tinyRun('pi0'))).toEqual([]);
});

it('says what the run would refuse', async () => {
  expect(await found(tinyRun('pi0', {}, { data: { heldOut: 9 } }))).toMatchObject([
    { _tag: 'Data', severity: 'error' },
  ]);
  expect(await found(tinyRun('pi0', {}, { data: { units: ['rad'] } }))).toMatchObject([{ _tag: 'UnitsMismatch' }]);
});

it('says which setting a sequence needs that is too long', async () => {
  const [long] = await found(tinyRun('pi05', { maxTokenLen: 4 }));
  expect(long).toMatchObject({ _tag: 'SequencesTooLong', severity: 'error' });
  expect(long?.remedy).toMatch(/^model\.maxTokenLen=\d+$/);
  expect(await found(tinyRun('pi05', { maxTokenLen: long?.numbers['longest'] }))).toEqual([]);
});

it('says how action tokens do', async () => {
  expect((await found(tinyRun('pi0-fast'))).map(({ _tag }) => _tag)).toContain('ActionTokens');
});

it('says what does not fit', async () => {
  expect(await found(tinyRun('pi0'), 1e5)).toMatchObject([{ _tag: 'DoesNotFit', severity: 'warning' }]);
});

describe('weights of another tokenizer', () => {
  it('are found, and refused', async () => {
    const settings = tinyRun('pi0', {}, { init: init(weightsOf(257_152)) });
    expect(await found(settings)).toMatchObject([{ _tag: 'OtherTokenizer', numbers: { rows: 257_152, tokens: 512 } }]);
    expect(await admitWeights(settings, 512)()).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'OtherWeights', path: settings.init?.from },
    });
  });

  it('are not those with as many rows', async () => {
    const settings = tinyRun('pi0', {}, { init: init(weightsOf(512)) });
    expect(await found(settings)).toEqual([]);
    expect(await admitWeights(settings, 512)()).toEqual(E.right(undefined));
  });

  it('that cannot be read are found here and left to the run there', async () => {
    const settings = tinyRun('pi0', {}, { init: init('/nowhere') });
    expect(await found(settings)).toMatchObject([{ _tag: 'UnreadableWeights', severity: 'error' }]);
    expect(await admitWeights(settings, 512)()).toEqual(E.right(undefined));
  });
});
