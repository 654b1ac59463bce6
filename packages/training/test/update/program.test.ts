import {
  evaluate,
  fromFloat64,
  mul,
  type Rounding,
  square,
  sub,
  type TensorValue,
  tensorType,
  toFloat64,
} from '@torsor/tensor';
import { flatten, paths, type Tree } from '@torsor/tree';
import { describe, expect, it } from 'vitest';
import { actingParams, objective, optimizerOf, recipeOf, type UpdateSettings } from '../../src/index.js';
import { nothingFrozen } from '../../src/update/frozen.js';
import { firstProgram, lossProgram, updateProgram } from '../../src/update/program.js';
import { right } from '../right.js';

/** Two axes, as what counts in `param_norm` has. */
const one = tensorType('f32', [1, 1]);
const rows = tensorType('f32', [4, 1, 2]);

const params = { body: { kernel: fromFloat64(one, [2]) }, head: fromFloat64(one, [3]) };
const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
const batch = { x: fromFloat64(rows, numbers) };

/** (kernel · head · x − 1)² of two numbers a sample, and x itself. */
const product = objective({ body: { kernel: one }, head: one }, { x: rows }, ({ body, head }, { x }) => ({
  loss: square(sub(mul(mul(body.kernel, head), x), 1)),
  measured: { x },
}));

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** At kernel · head = 6: the mean of (6 x − 1)², and its derivative by the product, the mean of 2 (6 x − 1) x. */
const loss = mean(numbers.map((x) => (6 * x - 1) ** 2));
const slope = mean(numbers.map((x) => 2 * (6 * x - 1) * x));

const flat = (tree: Tree<TensorValue>): object =>
  Object.fromEntries(flatten(tree).map(({ path, leaf }) => [path, toFloat64(leaf)[0]]));

const near = (value: number): number => expect.closeTo(value, 3);

type Given = {
  readonly ema?: Tree<TensorValue>;
  readonly from?: Tree<TensorValue>;
  readonly openpiHabits?: boolean;
  readonly rounding?: Rounding;
};

const updated = (
  more: Partial<UpdateSettings>,
  { ema = {}, from = params, openpiHabits = false, rounding = 'float64' }: Given = {},
) => {
  const optimizer = optimizerOf({ kind: 'sgd', momentum: 0.5, nesterov: false });
  const settings = { ...nothingFrozen, optimizer, emaDecay: null, gradientAccumulation: 1, ...more };
  const recipe = right(recipeOf(settings, { ...product, openpiHabits }, ['f32']));
  const first = right(firstProgram(recipe));
  const begun = right(evaluate(first, {})) as unknown as { optimizer: Tree<TensorValue> };
  const update = right(updateProgram(recipe, product, first.signature.outputs.optimizer));
  const given = { inputs: batch, learningRate: fromFloat64(tensorType('f32'), [2 ** -10]) };
  const { state, metrics } = right(
    evaluate(update, { state: { params: from, optimizer: begun.optimizer, ema }, batch: given } as never, rounding),
  ) as unknown as { state: { [part: string]: Tree<TensorValue> }; metrics: Tree<TensorValue> };
  return {
    params: flat(state['params'] ?? {}),
    ema: flat(state['ema'] ?? {}),
    metrics: flat(metrics),
    optimizer: paths(begun.optimizer),
    inputs: update.inputs.map(({ path }) => path),
  };
};

describe('an update', () => {
  const kernel = near(2 - 2 ** -10 * 3 * slope);
  const head = near(3 - 2 ** -10 * 2 * slope);

  it.each([1, 2, 4])('in %i parts is that of the whole batch', (gradientAccumulation) => {
    const found = updated({ gradientAccumulation });
    expect(found.params).toEqual({ 'body/kernel': kernel, head });
    expect(found.metrics).toMatchObject({
      loss: near(loss),
      x: near(4.5),
      grad_norm: near(slope * Math.hypot(3, 2)),
    });
    expect(found.ema).toEqual({});
  });

  it('leaves what is frozen as it is, and keeps moments and averages of the others alone', () => {
    const ema = { head: fromFloat64(one, [8]) };
    const found = updated({ freeze: ['body/.*'], emaDecay: 0.75 }, { ema });
    const moved = 3 - 2 ** -10 * 2 * slope;
    expect(found.params).toEqual({ 'body/kernel': 2, head: near(moved) });
    expect(found.ema).toEqual({ head: near(0.75 * 8 + 0.25 * moved) });
    expect(found.optimizer.every((path) => path.includes('head'))).toBe(true);
    expect(found.optimizer).not.toEqual([]);
    expect(found.metrics).toMatchObject({
      grad_norm: near(2 * slope),
      param_norm: near(Math.hypot(2, moved)),
    });
    expect(found.inputs.filter((path) => path.includes('kernel'))).toEqual(['state/params/body/kernel']);
  });
});

describe('param_norm under openpi’s habits', () => {
  it('has the squares of frozen parameters rounded to bf16', () => {
    // (17/16)² = 289/256 lies between 288/256 and 290/256, numbers of bf16; the even one is nearest.
    const from = { body: { kernel: fromFloat64(one, [17 / 16]) }, head: fromFloat64(one, [0]) };
    const norm = (openpiHabits: boolean): unknown => {
      const settings = { freeze: ['body/.*'], frozenDtype: 'auto' } as const;
      const { params: moved, metrics } = updated(settings, { from, openpiHabits, rounding: 'declared' });
      return Object(metrics).param_norm ** 2 - Object(moved).head ** 2;
    };
    expect(norm(true)).toBeCloseTo(288 / 256, 5);
    expect(norm(false)).toBeCloseTo(289 / 256, 5);
  });
});

describe('a loss program', () => {
  it('measures each sample: the mean over its other axes', () => {
    const built = right(lossProgram({ params: { body: { kernel: one }, head: one } }, product));
    const outputs = right(evaluate(built, { params, batch } as never)) as unknown as { [name: string]: TensorValue };
    const each = Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, [...toFloat64(value)]]));
    const pairs = [0, 1, 2, 3].map((i) => numbers.slice(2 * i, 2 * i + 2));
    expect(each).toEqual({
      loss: pairs.map((pair) => near(mean(pair.map((x) => (6 * x - 1) ** 2)))),
      x: [1.5, 3.5, 5.5, 7.5],
    });
  });
});

describe('actingParams', () => {
  const state = { params: { a: 1, b: { c: 2 } }, optimizer: {} };

  it('are the averages, and the parameters that have none', () => {
    expect(actingParams({ ...state, ema: { b: { c: 9 } } })).toEqual({ a: 1, b: { c: 9 } });
  });

  it('are the parameters themselves without averages', () => {
    expect(actingParams({ ...state, ema: {} })).toBe(state.params);
    // A tree of one leaf is an average too.
    expect(actingParams({ params: 1, optimizer: {}, ema: 9 })).toBe(9);
  });
});
