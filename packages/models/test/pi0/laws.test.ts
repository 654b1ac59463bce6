import { add, type Expr, grad, literal, mean, mul, type TensorValue } from '@torsor/tensor';
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
  type Pi0Config,
  paramsBelow,
  pi0Experts,
  predictFlow,
  sampleActions,
  velocityOf,
} from '../../src/index.js';
import { changed, changedAt, type Inputs, randomInputs, run, runOne, tinyConfig, tinyPi05 } from './tiny.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const check = (law: (seed: number) => void, numRuns = 5): void => fc.assert(fc.property(seeds, law), { numRuns });

const loss =
  (config: Pi0Config) =>
  ({ params, batch }: Inputs<Expr>): Expr =>
    computeLoss(config, params, batch);

const sample =
  (config: Pi0Config, numSteps: number) =>
  ({ params, batch }: Inputs<Expr>): Expr =>
    sampleActions(config, params, batch.observation, batch.noise, numSteps);

/** One pass over prefix and suffix, without a cache. */
const fullPass = (config: Pi0Config, { params, batch }: Inputs<Expr>, x: Expr, time: Expr): GemmaOutput => {
  const prefix = embedPrefix(config, params, batch.observation);
  const suffix = embedSuffix(config, params, batch.observation.state, x, time);
  const tokens = [prefix.tokens, suffix.tokens];
  const conditions = [undefined, suffix.condition];
  const llm = paramsBelow(params, 'PaliGemma/llm');
  const pass = { tokens, conditions, ...layoutOf([prefix, suffix]) };
  return gemma(llm, pi0Experts(config), pass, config.computeDtype);
};

type Outputs = { readonly prefix: Expr; readonly suffix: Expr; readonly mask: Expr };

const outputs =
  (config: Pi0Config) =>
  (inputs: Inputs<Expr>): Outputs => {
    const { x_t } = predictFlow(config, inputs.params, inputs.batch);
    const [prefix = x_t, suffix = x_t] = fullPass(config, inputs, x_t, inputs.batch.time).outputs;
    return { prefix, suffix, mask: embedPrefix(config, inputs.params, inputs.batch.observation).mask };
  };

const expectClose = (actual: readonly number[] = [], expected: readonly number[] = [], tolerance = 1e-12): void => {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  expect(Math.max(...actual.map((x, i) => Math.abs(x - (expected[i] ?? Number.NaN))))).toBeLessThan(tolerance * scale);
};

/** Another token wherever the prompt is padding. */
const otherPadding = (inputs: Inputs<TensorValue>): Inputs<TensorValue> =>
  changedAt(inputs, 'batch/observation/tokenizedPrompt', (token, i) =>
    inputs.batch.observation.tokenizedPromptMask.data[i] === 1 ? token : (token + 1) % tinyConfig.vocabSize,
  );

/** Another image wherever the camera is absent. */
const otherAbsent = (inputs: Inputs<TensorValue>): Inputs<TensorValue> =>
  tinyConfig.cameras.reduce((at, camera) => {
    const { data } = inputs.batch.observation.imageMasks[camera] ?? { data: [] };
    const pixels = tinyConfig.imageSize[0] * tinyConfig.imageSize[1] * 3;
    return changedAt(at, `batch/observation/images/${camera}`, (x, i) => (data[Math.floor(i / pixels)] === 1 ? x : -x));
  }, inputs);

const families = [
  ['π0', tinyConfig],
  ['π0.5', tinyPi05],
] as const;

describe.each(families)('attention mask of %s', (_, config) => {
  it('hides masked prompt tokens and absent cameras from losses, gradients and samples', () => {
    const all = (inputs: Inputs<Expr>) => ({
      loss: loss(config)(inputs),
      grads: grad((params: Params) => mean(loss(config)({ ...inputs, params })))(inputs.params),
      sample: sample(config, 2)(inputs),
    });
    check((seed) => {
      const inputs = randomInputs(seed, 3, config);
      const [before, after] = [run(inputs, all), run(otherAbsent(otherPadding(inputs)), all)];
      // The embedding rows of padding tokens get an exact zero gradient, so this holds for them too.
      for (const [path, values] of before) expectClose(after.get(path), values);
    }, 3);
  });

  it('lets a present camera through', () => {
    check((seed) => {
      const inputs = randomInputs(seed, 3, config);
      const present = changed(
        inputs,
        (path) => path.includes('/imageMasks/'),
        ({ data }) => Array.from(data, () => 1),
      );
      for (const camera of config.cameras) {
        const other = changedAt(present, `batch/observation/images/${camera}`, (x) => -x);
        expect(runOne(other, loss(config))).not.toEqual(runOne(present, loss(config)));
      }
    }, 2);
  });

  it('hides state and actions from the prefix', () => {
    check((seed) => {
      const inputs = randomInputs(seed, 3, config);
      const before = run(inputs, outputs(config));
      // A masked token sees nothing, so its softmax is uniform over everything: its output is not defined by the model.
      const mask = before.get('mask') ?? [];
      const validTokens = (values: readonly number[] = []): readonly number[] =>
        values.filter((_, i) => mask[Math.floor(i / config.paligemma.width)] === 1);
      for (const path of ['batch/noise', 'batch/observation/state']) {
        const other = run(
          changedAt(inputs, path, (x) => x + 1),
          outputs(config),
        );
        expectClose(validTokens(other.get('prefix')), validTokens(before.get('prefix')));
        if (path === 'batch/noise') expect(other.get('suffix')).not.toEqual(before.get('suffix'));
      }
    });
  });
});

describe('the state', () => {
  it('is a token of π0 that does not see the actions', () => {
    const config = tinyConfig;
    check((seed) => {
      const inputs = randomInputs(seed);
      const stateTokens = (values: readonly number[] = []): readonly number[] =>
        values.filter((_, i) => Math.floor(i / config.actionExpert.width) % (config.actionHorizon + 1) === 0);
      const moved = (path: string) =>
        run(
          changedAt(inputs, path, (x) => x + 1),
          outputs(config),
        );
      const before = stateTokens(run(inputs, outputs(config)).get('suffix'));
      expect(stateTokens(moved('batch/noise').get('suffix'))).toEqual(before);
      expect(stateTokens(moved('batch/observation/state').get('suffix'))).not.toEqual(before);
    });
  });

  it('is not read by π0.5', () => {
    check((seed) => {
      const inputs = randomInputs(seed, 3, tinyPi05);
      const other = changedAt(inputs, 'batch/observation/state', (x) => x + 1);
      for (const of of [loss(tinyPi05), sample(tinyPi05, 2)]) expect(runOne(other, of)).toEqual(runOne(inputs, of));
    });
  });
});

describe('cameras', () => {
  it('stand in the order of the configuration, not in that of their names', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const [first = '', second = ''] = tinyConfig.cameras;
      const tokens = (cameras: readonly string[]) => (given: Inputs<Expr>) =>
        embedPrefix({ ...tinyConfig, cameras }, given.params, given.batch.observation).tokens;
      const both = runOne(inputs, tokens([first, second]));
      const perSample = both.length / 3;
      const prompt = tinyConfig.maxTokenLen * tinyConfig.paligemma.width;
      const half = (perSample - prompt) / 2;
      const swapped = [0, 1, 2].flatMap((i) => {
        const at = both.slice(i * perSample, (i + 1) * perSample);
        return [...at.slice(half, 2 * half), ...at.slice(0, half), ...at.slice(2 * half)];
      });
      expectClose(runOne(inputs, tokens([second, first])), swapped);
    }, 2);
  });

  it('are named when the observation has none of that name or an image of another size', () => {
    const inputs = randomInputs(1);
    const at =
      (config: Pi0Config) =>
      ({ params, batch }: Inputs<Expr>) =>
        computeLoss(config, params, batch);
    expect(() => runOne(inputs, at({ ...tinyConfig, cameras: ['wrist', 'bose'] }))).toThrow(
      /'bose'; the nearest is 'base'/,
    );
    expect(() => runOne(inputs, at({ ...tinyConfig, imageSize: [8, 6] }))).toThrow(/'wrist' must be \[b, 8, 6, 3\]/);
  });
});

describe.each(families)('batch of %s', (_, config) => {
  it('computes each sample from itself only', () => {
    check((seed) => {
      const inputs = randomInputs(seed, 3, config);
      const isSample = (path: string): boolean => path.startsWith('batch/');
      const rotated = changed(inputs, isSample, ({ data }) => {
        const row = data.length / 3;
        return [...data.subarray(row), ...data.subarray(0, row)];
      });
      for (const of of [loss(config), sample(config, 2)]) {
        const before = runOne(inputs, of);
        const row = before.length / 3;
        expectClose(runOne(rotated, of), [...before.slice(row), ...before.slice(0, row)]);
      }
    });
  });
});

describe.each(families)('sampling of %s', (_, config) => {
  const velocity = (inputs: Inputs<Expr>, x: Expr, t: number): Expr =>
    velocityOf(inputs.params, fullPass(config, inputs, x, literal([t, t, t], 'f64')), x);

  it('with the cached prefix equals computing the prefix again at every step', () => {
    check((seed) => {
      const inputs = randomInputs(seed, 3, config);
      const again = (given: Inputs<Expr>): Expr => {
        const half = add(given.batch.noise, mul(velocity(given, given.batch.noise, 1), -0.5));
        return add(half, mul(velocity(given, half, 0.5), -0.5));
      };
      expectClose(runOne(inputs, sample(config, 2)), runOne(inputs, again));
    });
  });

  it('in one step is one Euler step from t = 1', () => {
    check((seed) => {
      const inputs = randomInputs(seed, 3, config);
      const step = (given: Inputs<Expr>): Expr =>
        add(given.batch.noise, mul(velocity(given, given.batch.noise, 1), -1));
      expectClose(runOne(inputs, sample(config, 1)), runOne(inputs, step));
    });
  });

  it('refuses a number of steps that is not a positive integer', () => {
    for (const numSteps of [0, -1, 1.5, Number.NaN]) {
      expect(() => runOne(randomInputs(1, 3, config), sample(config, numSteps))).toThrow(/positive integer/);
    }
  });
});

describe.each(families)('gradient of %s', (_, config) => {
  it('is the central difference along a random direction of all parameters', () => {
    check((seed) => {
      const inputs = randomInputs(seed, 3, config);
      const direction = randomInputs(seed + 1, 3, config).params;
      const along = leaves(direction);
      const h = 3e-6;
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
        return runOne(at, (given) => mean(loss(config)(given)))[0] ?? Number.NaN;
      };
      const slope = [
        ...run(inputs, (given) =>
          grad((params: Params) => mean(loss(config)({ ...given, params })))(given.params),
        ).values(),
      ]
        .flatMap((g, k) => g.map((x, i) => x * (along[k]?.data[i] ?? 0)))
        .reduce((a, b) => a + b, 0);
      // Four points, so that what remains is of the order h⁴.
      const difference = (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * h);
      expect(Math.abs(slope - difference)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
    }, 4);
  });
});
