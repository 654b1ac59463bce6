import { type Backend, type BackendError, type Buffer, referenceBackend } from '@torsor/backend';
import { add, program, type TensorType, TensorValue, tensorType } from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import {
  compileProgram,
  getTree,
  hosted,
  onDevice,
  type Placement,
  putTree,
  releaseTree,
  valued,
  withValues,
} from '../../src/index.js';
import { left, right } from '../right.js';

const vector = tensorType('f32', [2]);

const f32 = (...numbers: number[]): TensorValue =>
  new TensorValue(tensorType('f32', [numbers.length]), Float32Array.from(numbers));

/** A fresh backend, whole everywhere. */
const whole = (): Placement => ({ backend: referenceBackend(), specOf: () => [] });

const failure: BackendError = {
  _tag: 'RuntimeFailure',
  backend: 'reference',
  during: 'a test',
  message: 'as it was told to',
};

const sum = program({ a: vector, b: { c: vector } }, ({ a, b }) => ({ out: add(a, b.c) }));

const buffers = ({ backend }: Placement): number => backend.memory().buffers;

describe('compileProgram', () => {
  it('compiles for the layouts of its place', async () => {
    const { backend } = whole();
    const asked: unknown[] = [];
    const specOf = () => [];
    const watched: Backend = {
      ...backend,
      compile: (made, options) => {
        asked.push(options);
        return backend.compile(made, options);
      },
    };
    const executable = right(await compileProgram({ backend: watched, specOf }, sum)());
    expect(executable.program).toBe(right(sum));
    expect(asked).toEqual([{ specOf }]);
  });

  it('says what is wrong with the program, and compiles nothing', async () => {
    const refused = program({ a: vector, b: tensorType('f32', [3]) }, ({ a, b }) => ({ out: add(a, b) }));
    const compile: Backend['compile'] = () => {
      throw new Error('nothing should be compiled');
    };
    const placement = { ...whole(), backend: { ...referenceBackend(), compile } };
    expect(left(await compileProgram(placement, refused)())).toEqual({ _tag: 'Program', error: left(refused) });
  });

  it('says what the backend refused', async () => {
    const placement = { ...whole(), backend: { ...referenceBackend(), compile: () => TE.left(failure) } };
    expect(left(await compileProgram(placement, sum)())).toEqual({ _tag: 'Backend', error: failure });
  });
});

describe('trees of values', () => {
  const tree = fc.letrec<{ leaf: TensorValue; node: Tree<TensorValue>; tree: Tree<TensorValue> }>((tie) => ({
    leaf: fc
      .array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 3 })
      .map((numbers) => new TensorValue(tensorType('f32', [numbers.length]), Float32Array.from(numbers))),
    node: fc.dictionary(fc.stringMatching(/^[a-c]{1,2}$/), tie('tree'), { maxKeys: 3 }),
    tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('node')),
  })).tree;

  it('come back from a device as they went, and it keeps nothing that was released', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (values) => {
        const placement = whole();
        const there = right(await putTree(placement)(values)()) as Tree<Buffer>;
        expect(right(await getTree(placement.backend)(there)())).toEqual(values);
        right(await releaseTree(placement.backend)(there)());
        expect(buffers(placement)).toBe(0);
      }),
    );
  });

  it('lie as their paths say', async () => {
    const { backend } = whole();
    const asked: [path: string, type: TensorType][] = [];
    const put: [value: TensorValue, spec: unknown][] = [];
    const placement: Placement = {
      backend: {
        ...backend,
        put: (value, spec) => {
          put.push([value, spec]);
          return backend.put(value);
        },
      },
      specOf: (path, type) => {
        asked.push([path, type]);
        return [[path]];
      },
    };
    const [a, c] = [f32(1, 2), f32(3, 4)];
    right(await putTree(placement)({ a, b: { c } })());
    right(await putTree(placement)(a)());
    expect(asked).toEqual([
      ['a', vector],
      ['b/c', vector],
      ['', vector],
    ]);
    expect(put).toEqual([
      [a, [['a']]],
      [c, [['b/c']]],
      [a, [['']]],
    ]);
  });
});

describe('withValues', () => {
  const values = { a: f32(1, 2), b: { c: f32(10, 20) } };

  it('runs with values on the device, which are gone afterwards', async () => {
    const placement = whole();
    const executable = right(await compileProgram(placement, sum)());
    const run = withValues(
      placement,
      values,
    )((there) =>
      TE.flatMap((outputs: { readonly out: Buffer }) => hosted(placement, outputs))(
        onDevice(placement.backend.run(executable, there)),
      ),
    );
    expect(right(await run())).toEqual({ out: f32(11, 22) });
    expect(buffers(placement)).toBe(0);
  });

  it('gives them back where the run fails, and says why it did', async () => {
    const placement = whole();
    let during = 0;
    const run = withValues(
      placement,
      values,
    )(() => {
      during = buffers(placement);
      return TE.left({ _tag: 'Backend' as const, error: failure });
    });
    expect(left(await run())).toEqual({ _tag: 'Backend', error: failure });
    expect([during, buffers(placement)]).toEqual([2, 0]);
  });

  it('says where the values do not get onto the device', async () => {
    const placement = { ...whole(), backend: { ...referenceBackend(), put: () => TE.left(failure) } };
    expect(left(await withValues(placement, values)(() => TE.right(1))())).toEqual({ _tag: 'Backend', error: failure });
  });

  it('says where they do not get off it', async () => {
    const placement = { ...whole(), backend: { ...referenceBackend(), release: () => TE.left(failure) } };
    expect(left(await withValues(placement, values)(() => TE.right(1))())).toEqual({ _tag: 'Backend', error: failure });
  });
});

describe('putTree', () => {
  it('puts all or none: what was there is taken back where one of them does not get there', async () => {
    const { backend } = whole();
    let puts = 0;
    const put: Backend['put'] = (value, spec) => (++puts > 2 ? TE.left(failure) : backend.put(value, spec));
    const placement = { ...whole(), backend: { ...backend, put } };
    expect(left(await putTree(placement)({ a: f32(1), b: f32(2), c: f32(3), d: f32(4) })())).toBe(failure);
    expect([puts, backend.memory().buffers]).toEqual([3, 0]);
  });
});

describe('hosted', () => {
  it('brings results to the host, and leaves none on the device', async () => {
    const placement = whole();
    const there = right(await putTree(placement)({ a: f32(1), b: { c: f32(2) } })());
    expect(buffers(placement)).toBe(2);
    expect(right(await hosted(placement, there)())).toEqual({ a: f32(1), b: { c: f32(2) } });
    expect(buffers(placement)).toBe(0);
  });

  it('leaves none on the device where they do not get to the host', async () => {
    const { backend } = whole();
    const there = right(await putTree({ backend, specOf: () => [] })({ a: f32(1), b: f32(2) })());
    const placement = { ...whole(), backend: { ...backend, get: () => TE.left(failure) } };
    expect(left(await hosted(placement, there)())).toEqual({ _tag: 'Backend', error: failure });
    expect(backend.memory().buffers).toBe(0);
  });

  it.each(['get', 'release'] as const)('says where the device does not %s', async (name) => {
    const { backend } = whole();
    const there = right(await putTree({ backend, specOf: () => [] })({ a: f32(1) })());
    const placement = { ...whole(), backend: { ...backend, [name]: () => TE.left(failure) } };
    expect(left(await hosted(placement, there)())).toEqual({ _tag: 'Backend', error: failure });
  });
});

it('values that do not fill their types are a defect', async () => {
  expect(right(await valued(E.right(3))())).toBe(3);
  expect(left(await valued(E.left({ reason: '2 numbers for 3' }))())).toEqual({
    _tag: 'Defect',
    reason: '2 numbers for 3',
  });
});

it('a tree of types is no tree of values: every leaf is moved', async () => {
  const placement = whole();
  const there = right(await putTree(placement)({ x: { y: { z: f32(1) } } })());
  expect(map<Buffer, TensorType>(there as Tree<Buffer>, ({ type }) => type)).toEqual({
    x: { y: { z: tensorType('f32', [1]) } },
  });
});
