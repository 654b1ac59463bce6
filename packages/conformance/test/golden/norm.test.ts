import {
  absoluteActions,
  type DataError,
  deltaActions,
  normalize,
  padToDim,
  type Reals,
  runningStats,
  type StateActions,
  showDataError,
  subsampleActions,
  unnormalize,
  type VectorStats,
} from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { describeGolden } from './describe-golden.js';
import { number, numbers, object, objects, text } from './json.js';

const right = <A>(result: E.Either<DataError, A>): A => {
  if (E.isLeft(result)) throw new Error(showDataError(result.left));
  return result.right;
};

/** Both sides are float64 sums in another order, or float32 sums rounded as numpy rounds them. */
const close = (actual: ArrayLike<number>, expected: readonly number[], relative = 1e-12): void => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs((actual[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(value)));
  });
};

const vectorStats = (value: unknown): VectorStats => {
  const { mean, std, q01, q99 } = object(value);
  return { mean: numbers(mean), std: numbers(std), q01: numbers(q01), q99: numbers(q99) };
};

const nonZero = (counts: Float64Array): { idx: readonly number[]; count: readonly number[] } => {
  const idx = [...counts.keys()].filter((i) => counts[i] !== 0);
  return { idx, count: idx.map((i) => counts[i] ?? 0) };
};

const testRunningStats = (golden: Readonly<Record<string, unknown>>): void => {
  const isFloat32 = golden['dtype'] === 'float32';
  const [tolerance, kind] = isFloat32 ? [3e-7, Float32Array] : [1e-12, Float64Array];
  const updates = objects(golden['updates']);
  const dim = numbers(golden['mean']).length;
  const stats = runningStats(dim, { precision: isFloat32 ? 'float32' : 'float64' });
  objects(golden['batches']).forEach((batch, i) => {
    stats.update(kind.from(numbers(batch['data'])));
    const update = object(updates[i]);
    const found = right(stats.statistics());
    expect(stats.count()).toBe(number(update['count']));
    close(found.mean, numbers(update['mean']), tolerance);
    objects(update['hist']).forEach(({ idx, count }, d) => {
      const { edges, counts } = stats.histogram(d) ?? { edges: new Float64Array(), counts: new Float64Array() };
      expect([edges[0], edges.at(-1)]).toEqual([numbers(update['edge_first'])[d], numbers(update['edge_last'])[d]]);
      expect(nonZero(counts)).toEqual({ idx: numbers(idx), count: numbers(count) });
    });
  });
  const found = right(stats.statistics());
  const expected = vectorStats(golden);
  close(found.mean, expected.mean, tolerance);
  // The last bits of E[x²] − E[x]² cancel, so the variance is as exact as the squares are large.
  const squares = numbers(object(updates.at(-1))['mean_of_squares']);
  found.std.forEach((std, i) => {
    const goldenStd = expected.std[i] ?? Number.NaN;
    expect(Math.abs(std * std - goldenStd * goldenStd)).toBeLessThanOrEqual(tolerance * Math.max(1, squares[i] ?? 0));
  });
  expect(found.q01).toEqual(expected.q01);
  expect(found.q99).toEqual(expected.q99);
};

const stateActions = (value: unknown): StateActions => {
  const { state, actions } = object(value);
  const chunk = Array.isArray(actions) ? actions : [];
  const actionDim = numbers(chunk[0]).length;
  return {
    state: Float64Array.from(numbers(state)),
    actions: Float64Array.from(numbers(actions)),
    stateDim: numbers(state).length,
    actionDim,
    actionHorizon: chunk.length,
  };
};

type Vectors = 'state' | 'actions';
const vectors: readonly Vectors[] = ['state', 'actions'];

const testNormalize = (golden: Readonly<Record<string, unknown>>, stats: Readonly<Record<string, unknown>>): void => {
  const input = stateActions(golden['input']);
  const output = stateActions(golden['output']);
  const apply = golden['op'] === 'Normalize' ? normalize : unnormalize;
  const mode = golden['use_quantiles'] === true ? 'quantile' : 'mean_std';
  for (const name of vectors) {
    const dim = name === 'state' ? input.stateDim : input.actionDim;
    close(right(apply(vectorStats(stats[name]), mode, dim)(input[name])), [...output[name]]);
  }
};

const mask = (golden: Readonly<Record<string, unknown>>): readonly boolean[] =>
  Array.isArray(golden['mask']) ? golden['mask'].map((item) => item === true) : [];

/** openpi leaves vectors that are too wide as they are, where ours refuses them: then the golden output is its input. */
const pad = (golden: Readonly<Record<string, unknown>>, x: StateActions): StateActions => {
  const to = number(golden['model_action_dim']);
  const padded = (data: Reals, dim: number): Reals =>
    E.match(
      () => {
        expect(dim).toBeGreaterThan(to);
        return data;
      },
      (resized: { data: Reals }) => resized.data,
    )(padToDim(dim, to)(data));
  return { ...x, state: padded(x.state, x.stateDim), actions: padded(x.actions, x.actionDim) };
};

const transforms: Readonly<
  Record<string, (golden: Readonly<Record<string, unknown>>, x: StateActions) => StateActions>
> = {
  DeltaActions: (golden, x) => right(deltaActions(mask(golden))(x)),
  AbsoluteActions: (golden, x) => right(absoluteActions(mask(golden))(x)),
  PadStatesAndActions: pad,
  SubsampleActions: (golden, x) => right(subsampleActions(number(golden['stride']))(x)),
};

// `resize_with_pad` of the same file is tested in resize.test.ts.
describeGolden('norm', ['norm/norm.json'], (golden) => {
  const file = object(golden.json('norm/norm.json'));

  it.each(objects(file['running_stats']).map((c) => [text(c['name']), c] as const))('running stats: %s', (_, c) =>
    testRunningStats(c),
  );

  const { cases, stats } = object(file['normalize']);
  it.each(
    objects(cases).map(
      (c, i) => [`${i} ${String(c['op'])} quantiles ${String(c['use_quantiles'])} ${String(c['dims'])}`, c] as const,
    ),
  )('normalize: %s', (_, c) => testNormalize(c, object(stats)));

  describe('transforms', () => {
    it.each(objects(file['transforms']).map((c, i) => [`${i} ${text(c['op'])}`, c] as const))('%s', (_, c) => {
      const transform = transforms[text(c['op'])];
      if (transform === undefined) throw new Error(`golden norm: no transform ${text(c['op'])}`);
      const found = transform(c, stateActions(c['input']));
      const expected = stateActions(c['output']);
      for (const name of vectors) expect([...found[name]]).toEqual([...expected[name]]);
    });
  });
});
