import { type BackendError, type Buffer, referenceBackend } from '@torsor/backend';
import {
  type CheckpointError,
  fromTypedArray,
  type OpenCheckpoint,
  type SafetensorsDType,
  type StoredArray,
  type TensorSource,
  withCheckpoint,
} from '@torsor/checkpoint';
import { type DType, type HostArray, TensorValue, tensorType } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import {
  badPart,
  checkpointFiles,
  fastContents,
  getTree,
  type Put,
  putTensors,
  savedFast,
  storedDTypes,
} from '../../src/index.js';
import { fastFiles } from '../fast-files.js';
import { left, right } from '../right.js';
import { runFolder, save, stored } from '../saved-run.js';

const folder = runFolder();

const params = 'params.safetensors';

const one = new Map([['w', fromTypedArray('F32', [1], Float32Array.of(1))]]);

const putAnywhere: Put<BackendError> = (value) => referenceBackend().put(value);

/** The values of a checkpoint's file, through a device. */
const through = async (
  path: string,
  file: string,
  prefix = '',
  wanted?: (name: string) => boolean,
): Promise<{ readonly values: Tree<TensorValue>; readonly paths: readonly string[] }> => {
  const backend = referenceBackend();
  const paths: string[] = [];
  const put = (value: TensorValue, at: string) => {
    paths.push(at);
    return backend.put(value);
  };
  const tree = right(await withCheckpoint(path)((open) => putTensors(put, open, file, prefix, wanted))());
  return { values: right(await getTree(backend)(tree)()) as Tree<TensorValue>, paths };
};

const value = (dtype: DType, data: HostArray): TensorValue => new TensorValue(tensorType(dtype, [data.length]), data);

/** A tensor of every dtype, with the extremes of each. */
const every = {
  f32: value('f32', Float32Array.of(1.5, -0, Number.POSITIVE_INFINITY)),
  nested: { f64: value('f64', Float64Array.of(Math.PI, Number.MIN_VALUE)) },
  i32: value('i32', Int32Array.of(-(2 ** 31), 2 ** 31 - 1)),
  u32: value('u32', Uint32Array.of(0, 2 ** 32 - 1)),
  bool: value('bool', Uint8Array.of(0, 1)),
  bf16: value('bf16', Uint16Array.of(0x3f80, 0xc000)),
  f16: value('f16', Uint16Array.of(0x3c00, 0xc000)),
};

describe('putTensors', () => {
  it('brings tensors of every dtype onto a device as they were saved', async () => {
    const path = await save(await folder.fresh(), { [params]: stored(every) });
    expect((await through(path, params)).values).toEqual(every);
  });

  it('says to the device where each lies, and takes those that are wanted', async () => {
    const path = await save(await folder.fresh(), { [params]: stored(every) });
    const { values, paths } = await through(path, params, 'params/', (name) => name.includes('32'));
    expect(values).toEqual({ f32: every.f32, i32: every.i32, u32: every.u32 });
    expect(paths.toSorted()).toEqual(['params/f32', 'params/i32', 'params/u32']);
  });

  it('takes them one after another', async () => {
    const path = await save(await folder.fresh(), { [params]: stored(every) });
    const backend = referenceBackend();
    let underWay = 0;
    let most = 0;
    const put =
      (held: TensorValue): TE.TaskEither<never, Buffer> =>
      async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((done) => {
          setImmediate(done);
        });
        underWay -= 1;
        return backend.put(held)() as ReturnType<TE.TaskEither<never, Buffer>>;
      };
    right(await withCheckpoint(path)((open) => putTensors(put, open, params, ''))());
    expect(most).toBe(1);
  });

  it('misses a file by name', async () => {
    const path = await save(await folder.fresh(), { [params]: one });
    const opened = withCheckpoint(path)((open) => putTensors(putAnywhere, open, checkpointFiles.others, ''));
    expect(left(await opened())).toEqual({ _tag: 'MissingFile', path, file: 'train_state.safetensors' });
  });

  it.each<readonly [SafetensorsDType, StoredArray]>([
    ['I64', BigInt64Array.of(1n)],
    ['U64', BigUint64Array.of(1n)],
    ['I8', Int8Array.of(1)],
    ['I16', Int16Array.of(1)],
    ['U8', Uint8Array.of(1)],
    ['U16', Uint16Array.of(1)],
  ])('refuses %s, which no tensor has', async (dtype, data) => {
    const path = await save(await folder.fresh(), { [params]: new Map([['a/w', fromTypedArray(dtype, [1], data)]]) });
    const opened = withCheckpoint(path)((open) => putTensors(putAnywhere, open, params, ''));
    expect(left(await opened())).toEqual({
      _tag: 'BadManifest',
      path: expect.stringContaining(path),
      field: params,
      expected: `a/w is ${dtype}, which no tensor here has`,
    });
  });

  it('refuses a tensor that does not fill its shape', async () => {
    const path = await save(await folder.fresh(), { [params]: one });
    const lying = ({ tensors, ...source }: TensorSource): TensorSource => ({
      ...source,
      tensors: new Map([...tensors].map(([name, tensor]) => [name, { ...tensor, shape: [3] }])),
    });
    const opened = withCheckpoint(path)((open) => {
      const sources = new Map([...open.sources].map(([file, source]) => [file, lying(source)]));
      return putTensors(putAnywhere, { ...open, sources }, params, '');
    });
    expect(left(await opened())).toMatchObject({
      _tag: 'BadManifest',
      field: params,
      expected: expect.stringMatching(/^w: /u),
    });
  });

  it('names that are no tree are refused', async () => {
    const two = new Map([
      ['w', fromTypedArray('F32', [1], Float32Array.of(1))],
      ['w/a', fromTypedArray('F32', [1], Float32Array.of(1))],
    ]);
    const path = await save(await folder.fresh(), { [params]: two });
    const opened = withCheckpoint(path)((open) => putTensors(putAnywhere, open, params, ''));
    expect(left(await opened())).toMatchObject({ _tag: 'BadTree' });
  });

  it('says what the device refused, as it said it', async () => {
    const path = await save(await folder.fresh(), { [params]: one });
    const opened = withCheckpoint(path)((open) => putTensors(() => TE.left('no room' as const), open, params, ''));
    expect(left(await opened())).toBe('no room');
  });
});

describe('the tokenizer of actions in a checkpoint', () => {
  const kept = {
    'fast_processor_config.json': new TextEncoder().encode(fastFiles['processor_config.json']),
    'fast_tokenizer.json': new TextEncoder().encode(fastFiles['tokenizer.json']),
  };

  it('is kept in two files', () => {
    expect(fastContents(fastFiles)).toEqual(kept);
  });

  const found = async (files: { readonly [file: string]: Uint8Array }) => {
    const path = await save(await folder.fresh(), { [params]: one }, { files });
    const opened = await withCheckpoint(path)((open: OpenCheckpoint) => TE.fromEither(savedFast(open)))();
    return { path, opened };
  };

  it('is found there', async () => {
    expect(right((await found(kept)).opened)).toEqual(fastFiles);
  });

  it.each([
    ['fast_processor_config.json', { 'fast_tokenizer.json': kept['fast_tokenizer.json'] }],
    ['fast_tokenizer.json', { 'fast_processor_config.json': kept['fast_processor_config.json'] }],
    ['fast_processor_config.json', {}],
  ])('misses %s by name, of %j', async (file, files) => {
    const { path, opened } = await found(files);
    expect(left(opened)).toEqual({ _tag: 'MissingFile', path, file });
  });
});

it('the names of files and dtypes are those of checkpoints of today', () => {
  expect(checkpointFiles).toEqual({
    params: 'params.safetensors',
    others: 'train_state.safetensors',
    host: 'host_state.json',
    fast: { 'processor_config.json': 'fast_processor_config.json', 'tokenizer.json': 'fast_tokenizer.json' },
  });
  expect(storedDTypes).toEqual({
    f32: 'F32',
    f64: 'F64',
    i32: 'I32',
    u32: 'U32',
    bool: 'BOOL',
    bf16: 'BF16',
    f16: 'F16',
  });
});

it('a part of another form is named', () => {
  const error: CheckpointError = badPart('run/20', 'host_state.json', 'a number');
  expect(error).toEqual({ _tag: 'BadManifest', path: 'run/20', field: 'host_state.json', expected: 'a number' });
});
