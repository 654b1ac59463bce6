import { add, broadcastTo, type Expr, grad, literal, mean, mul, type TensorValue } from '@torsor/tensor';
import { leaves } from '@torsor/tree';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  computeLoss,
  embedPrefix,
  embedSuffix,
  type GemmaOutput,
  gemma,
  layoutOf,
  type Params,
  paramsBelow,
  pi0Experts,
  predictFlow,
  sampleActions,
  velocityOf,
} from '../../src/index.js';
import { changed, changedAt, tinyConfig as config, type Inputs, randomInputs, run, runOne } from './tiny.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const check = (law: (seed: number) => void, numRuns = 5): void => fc.assert(fc.property(seeds, law), { numRuns });

const loss = ({ params, batch }: Inputs<Expr>): Expr => computeLoss(config, params, batch);

const sample =
  (numSteps: number) =>
  ({ params, batch }: Inputs<Expr>): Expr =>
    sampleActions(config, params, batch.observation, batch.noise, numSteps);

/** One pass over prefix and suffix, without a cache. */
const fullPass = ({ params, batch }: Inputs<Expr>, x: Expr, time: Expr): GemmaOutput => {
  const prefix = embedPrefix(config, params, batch.observation);
  const suffix = embedSuffix(config, params, batch.observation.state, x, time);
  const tokens = [prefix.tokens, suffix.tokens];
  const llm = paramsBelow(params, 'PaliGemma/llm');
  return gemma(llm, pi0Experts(config), { tokens, ...layoutOf([prefix, suffix]) }, config.computeDtype);
};

const outputs = (inputs: Inputs<Expr>): { readonly prefix: Expr; readonly suffix: Expr } => {
  const { x_t } = predictFlow(config, inputs.params, inputs.batch);
  const [prefix = x_t, suffix = x_t] = fullPass(inputs, x_t, inputs.batch.time).outputs;
  return { prefix, suffix };
};

const expectClose = (actual: readonly number[] = [], expected: readonly number[] = [], tolerance = 1e-12): void => {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  expect(Math.max(...actual.map((x, i) => Math.abs(x - (expected[i] ?? Number.NaN))))).toBeLessThan(tolerance * scale);
};

/** Another token wherever the prompt is padding. */
const otherPadding = (inputs: Inputs<TensorValue>): Inputs<TensorValue> =>
  changedAt(inputs, 'batch/observation/tokenizedPrompt', (token, i) =>
    inputs.batch.observation.tokenizedPromptMask.data[i] === 1 ? token : (token + 1) % config.vocabSize,
  );

describe('attention mask', () => {
  it('hides masked prompt tokens from losses, gradients and samples', () => {
    const all = (inputs: Inputs<Expr>) => ({
      loss: loss(inputs),
      grads: grad((params: Params) => mean(loss({ ...inputs, params })))(inputs.params),
      sample: sample(2)(inputs),
    });
    check((seed) => {
      const inputs = randomInputs(seed);
      const [before, after] = [run(inputs, all), run(otherPadding(inputs), all)];
      // The embedding rows of padding tokens get an exact zero gradient, so this holds for them too.
      for (const [path, values] of before) expectClose(after.get(path), values);
    }, 3);
  });

  it('hides state and actions from the prefix, and actions from the state token', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const before = run(inputs, outputs);
      const otherActions = run(
        changedAt(inputs, 'batch/noise', (x) => x + 1),
        outputs,
      );
      const otherState = run(
        changedAt(inputs, 'batch/observation/state', (x) => x + 1),
        outputs,
      );
      const { width } = config.actionExpert;
      const stateTokens = (values: readonly number[] = []): readonly number[] =>
        values.filter((_, i) => Math.floor(i / width) % (config.actionHorizon + 1) === 0);
      // A padding token sees nothing, so its softmax is uniform over everything: its output is not defined by the model.
      const mask = inputs.batch.observation.tokenizedPromptMask.data;
      const validTokens = (values: readonly number[] = []): readonly number[] =>
        values.filter((_, i) => mask[Math.floor(i / config.paligemma.width)] === 1);
      expectClose(validTokens(otherActions.get('prefix')), validTokens(before.get('prefix')));
      expectClose(validTokens(otherState.get('prefix')), validTokens(before.get('prefix')));
      expect(stateTokens(otherActions.get('suffix'))).toEqual(stateTokens(before.get('suffix')));
      expect(otherActions.get('suffix')).not.toEqual(before.get('suffix'));
      expect(stateTokens(otherState.get('suffix'))).not.toEqual(stateTokens(before.get('suffix')));
    });
  });

  it('hides an absent camera, which changes nothing', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const withCamera =
        (present: number) =>
        (given: Inputs<Expr>): Expr => {
          const tokens = broadcastTo(literal([0.3, -1, 2, 0.1, 1, -0.5], 'f64'), [3, 2, config.paligemma.width]);
          const mask = literal([present, present, present], 'bool');
          return computeLoss(config, given.params, given.batch, [{ tokens, mask }]);
        };
      expectClose(runOne(inputs, withCamera(0)), runOne(inputs, loss));
      expect(runOne(inputs, withCamera(1))).not.toEqual(runOne(inputs, loss));
    });
  });
});

describe('batch', () => {
  it('computes each sample from itself only', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const isSample = (path: string): boolean => path.startsWith('batch/');
      const rotated = changed(inputs, isSample, ({ data }) => {
        const row = data.length / 3;
        return [...data.subarray(row), ...data.subarray(0, row)];
      });
      for (const of of [loss, sample(2)]) {
        const before = runOne(inputs, of);
        const row = before.length / 3;
        expectClose(runOne(rotated, of), [...before.slice(row), ...before.slice(0, row)]);
      }
    });
  });
});

describe('sampling', () => {
  const velocity = (inputs: Inputs<Expr>, x: Expr, t: number): Expr =>
    velocityOf(inputs.params, fullPass(inputs, x, literal([t, t, t], 'f64')), x);

  it('with the cached prefix equals computing the prefix again at every step', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const again = (given: Inputs<Expr>): Expr => {
        const half = add(given.batch.noise, mul(velocity(given, given.batch.noise, 1), -0.5));
        return add(half, mul(velocity(given, half, 0.5), -0.5));
      };
      expectClose(runOne(inputs, sample(2)), runOne(inputs, again));
    });
  });

  it('in one step is one Euler step from t = 1', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const step = (given: Inputs<Expr>): Expr =>
        add(given.batch.noise, mul(velocity(given, given.batch.noise, 1), -1));
      expectClose(runOne(inputs, sample(1)), runOne(inputs, step));
    });
  });

  it('refuses a number of steps that is not a positive integer', () => {
    for (const numSteps of [0, -1, 1.5, Number.NaN]) {
      expect(() => runOne(randomInputs(1), sample(numSteps))).toThrow(/positive integer/);
    }
  });
});

describe('gradient', () => {
  it('is the central difference along a random direction of all parameters', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const direction = randomInputs(seed + 1).params;
      const along = leaves(direction);
      const h = 1e-5;
      const moved = (sign: number): number => {
        let k = 0;
        const at = changed(
          inputs,
          (path) => path.startsWith('params/'),
          (value) => {
            const by = along[k++];
            return Array.from(value.data, (x, i) => x + sign * h * (by?.data[i] ?? 0));
          },
        );
        return runOne(at, (given) => mean(loss(given)))[0] ?? Number.NaN;
      };
      const slope = [
        ...run(inputs, (given) => grad((params: Params) => mean(loss({ ...given, params })))(given.params)).values(),
      ]
        .flatMap((g, k) => g.map((x, i) => x * (along[k]?.data[i] ?? 0)))
        .reduce((a, b) => a + b, 0);
      const difference = (moved(1) - moved(-1)) / (2 * h);
      expect(Math.abs(slope - difference)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
    }, 4);
  });
});
