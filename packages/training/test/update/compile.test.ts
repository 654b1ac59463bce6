import { type Backend, referenceBackend } from '@torsor/backend';
import { type FreezeSettings, placementOn } from '@torsor/policy';
import { add, fromFloat64, square, tensorType, toFloat64 } from '@torsor/tensor';
import { paths, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { compileLoss, compileUpdate, firstState, objective, optimizerOf, recipeOn } from '../../src/index.js';
import { nothingFrozen } from '../../src/update/frozen.js';
import { stepOnDevice } from '../../src/update/step.js';
import { done } from '../right.js';

const one = tensorType('f32', [1]);
const two = objective({ a: one, b: one }, { x: one }, ({ b }, { x }) => ({ loss: square(b), measured: { x } }));

const settings = (more: Partial<FreezeSettings> = {}, emaDecay: number | null = null) => ({
  ...{ ...nothingFrozen, ...more, emaDecay, gradientAccumulation: 1 },
  optimizer: optimizerOf({ kind: 'sgd', momentum: 0.5, nesterov: false }),
});

/** The reference with fewer dtypes. */
const lacking = (): Backend => {
  const backend = referenceBackend();
  return { ...backend, name: 'small', capabilities: { ...backend.capabilities, dtypes: ['f32', 'i32', 'bool'] } };
};

describe('recipeOn', () => {
  it('refuses parameters in a dtype that the backend lacks', async () => {
    const narrow = settings({ freeze: ['a'], frozenDtype: 'bf16' });
    expect(await recipeOn(lacking(), narrow, two)()).toEqual(
      E.left({ _tag: 'NoDType', backend: 'small', dtype: 'bf16' }),
    );
    const { params } = await done(recipeOn(referenceBackend(), narrow, two));
    expect(params).toEqual({ a: tensorType('bf16', [1]), b: one });
    // What is not said is left to the backend, and nothing is rounded as openpi does that is not asked to be.
    expect(await done(recipeOn(lacking(), settings({ freeze: ['a'], frozenDtype: 'auto' }), two))).toMatchObject({
      params: two.paramTypes,
      frozen: { numbers: 'f32', held: 'f32' },
      roundNarrowNorm: false,
    });
  });

  it('refuses patterns that freeze nothing, or everything', async () => {
    for (const freeze of [['c'], ['.*'], ['a', 'b']]) {
      expect(await recipeOn(lacking(), settings({ freeze }), two)()).toMatchObject({
        left: { _tag: 'Optim', error: { _tag: 'NoMatch' } },
      });
    }
  });
});

const refusal = { _tag: 'Foreign', backend: 'reference', what: 'a program' } as const;

describe('what cannot be compiled', () => {
  it('is a loss of shapes that do not fit', async () => {
    const backend = referenceBackend();
    const [pair, three] = [tensorType('f32', [2]), tensorType('f32', [3])];
    const odd = objective({ pair }, { three }, (params, batch) => ({
      loss: add(params.pair, batch.three),
      measured: {},
    }));
    const recipe = await done(recipeOn(backend, settings(), odd));
    const refused = { left: { _tag: 'Program', error: { _tag: 'ShapeError' } } };
    expect(await compileUpdate(placementOn(backend, 0), recipe, odd)()).toMatchObject(refused);
    expect(await compileLoss(placementOn(backend, 0), recipe, odd)()).toMatchObject(refused);
  });

  it('is what the backend refuses', async () => {
    const backend: Backend = { ...referenceBackend(), compile: () => TE.left(refusal) };
    const recipe = await done(recipeOn(backend, settings(), two));
    const refused = E.left({ _tag: 'Backend', error: refusal });
    expect(await compileUpdate(placementOn(backend, 0), recipe, two)()).toEqual(refused);
    expect(await compileLoss(placementOn(backend, 0), recipe, two)()).toEqual(refused);
  });
});

const initial = { a: fromFloat64(one, [1 + 2 ** -10]), b: fromFloat64(one, [3]) };

const opened = async (more: Partial<FreezeSettings> = {}, emaDecay: number | null = null) => {
  const backend = referenceBackend();
  const placement = placementOn(backend, 0);
  const recipe = await done(recipeOn(backend, settings(more, emaDecay), two));
  const programs = await done(compileUpdate(placement, recipe, two));
  const state = await done(firstState(programs, initial));
  const numberOf = async (tree: Tree<unknown>, path: string): Promise<number | undefined> => {
    const buffer = path.split('/').reduce((node, key) => Object(node)[key], tree);
    return toFloat64(await done(backend.get(buffer as never)))[0];
  };
  return { backend, placement, programs, state, numberOf };
};

describe('firstState', () => {
  it('is the parameters, an optimizer that has seen nothing, and averages that begin as the parameters', async () => {
    const { state, numberOf } = await opened({}, 0.5);
    expect(await numberOf(state.params, 'b')).toBe(3);
    expect(await numberOf(state.ema, 'b')).toBe(3);
    expect(paths(state.ema)).toEqual(['a', 'b']);
    expect(paths(state.optimizer)).toEqual(['0/trace/a', '0/trace/b']);
    expect(await numberOf(state.optimizer, '0/trace/b')).toBe(0);
  });

  it('keeps no averages where none are asked for, and none of what is frozen', async () => {
    expect((await opened()).state.ema).toEqual({});
    const { state } = await opened({ freeze: ['a'] }, 0.5);
    expect([paths(state.ema), paths(state.optimizer)]).toEqual([['b'], ['0/trace/b']]);
  });

  it('keeps what is frozen as the recipe says', async () => {
    const { state, numberOf } = await opened({ freeze: ['a'], frozenDtype: 'bf16' });
    // 1 + 2⁻¹⁰ is no number of bf16.
    expect([await numberOf(state.params, 'a'), await numberOf(state.params, 'b')]).toEqual([1, 3]);
    const exact = await opened({ freeze: ['a'] });
    expect(await exact.numberOf(exact.state.params, 'a')).toBe(1 + 2 ** -10);
  });
});

describe('stepOnDevice', () => {
  const batch = {
    inputs: { x: fromFloat64(one, [7]) },
    learningRate: fromFloat64(tensorType('f32'), [0.25]),
  };

  it('gives the next state in the place of the old one, and the scalars of its metrics', async () => {
    const { backend, placement, programs, state, numberOf } = await opened();
    const before = backend.memory().buffers;
    const next = await done(stepOnDevice(placement, programs.update)(state, batch));
    // The derivative of b² at 3 is 6.
    expect(next.metrics).toEqual({ loss: 9, x: 7, grad_norm: 6, param_norm: 0 });
    expect([await numberOf(next.state.params, 'a'), await numberOf(next.state.params, 'b')]).toEqual([
      1 + 2 ** -10,
      1.5,
    ]);
    expect(backend.memory().buffers).toBe(before);
    expect(await backend.get((state.params as { b: never }).b)()).toMatchObject({ left: { _tag: 'ReleasedBuffer' } });
  });

  it('is refused with what the backend says', async () => {
    const { backend, placement, programs, state } = await opened();
    const failing: Backend = { ...backend, run: () => TE.left(refusal) };
    expect(await stepOnDevice({ ...placement, backend: failing }, programs.update)(state, batch)()).toEqual(
      E.left(refusal),
    );
  });
});
