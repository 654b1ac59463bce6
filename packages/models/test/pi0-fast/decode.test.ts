import { type Expr, fromFloat64, type TensorValue, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DecodeOptions,
  type DecodeState,
  decodeSteps,
  type Pi0FastConfig,
  predictLogits,
  prefillDecoding,
  sampleTokens,
} from '../../src/index.js';
import { expectClose } from './close.js';
import { changed, type Inputs, type Results, randomInputs, run, samples, tinyConfig } from './tiny.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const check = (law: (seed: number) => void, numRuns = 4): void => fc.assert(fc.property(seeds, law), { numRuns });

const steps = 4;
const v = tinyConfig.vocabSize;
const l = tinyConfig.maxTokenLen;
const options: DecodeOptions = { maxDecodingSteps: steps };

/** The state after each of some numbers of steps: its logits, and what it has decoded. */
const decoded =
  (given: DecodeOptions, config: Pi0FastConfig = tinyConfig) =>
  ({ params, observation }: Inputs<Expr>) => {
    const states: DecodeState[] = [prefillDecoding(config, params, observation, given)];
    for (let i = 0; i < given.maxDecodingSteps; i++) {
      const last = states.at(-1);
      if (last !== undefined) states.push(decodeSteps(config, params, last, 1, given));
    }
    return Object.fromEntries(
      states.map(({ logits, tokens, lengths, active }, i) => [String(i), { logits, tokens, lengths, active }]),
    );
  };

const at = (results: Results, path: string): readonly number[] => {
  const values = results.get(path);
  if (values === undefined) throw new Error(`no result ${path}`);
  return values;
};

const row = (values: ArrayLike<number>, b: number, length: number): readonly number[] =>
  Array.from(values).slice(b * length, (b + 1) * length);

const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));

const prefixLengths = ({ observation }: Inputs<TensorValue>): readonly number[] =>
  Array.from({ length: samples }, (_, b) =>
    row(observation.tokenizedPromptMask.data, b, l).reduce((sum, x) => sum + x, 0),
  );

/** The prefix of every sample followed by the tokens that were decoded for it, as training sees them. */
const followed = (inputs: Inputs<TensorValue>, tokens: readonly number[]): Inputs<TensorValue> => {
  const lengths = prefixLengths(inputs);
  const longer = l + steps;
  const rows = (of: (b: number, i: number, prefix: number) => number): readonly number[] =>
    lengths.flatMap((prefix, b) => Array.from({ length: longer }, (_, i) => of(b, i, prefix)));
  const isAction = (_b: number, i: number, prefix: number): number => Number(i >= prefix && i < prefix + steps);
  const prompt = inputs.observation.tokenizedPrompt.data;
  const withRows = (dtype: 'i32' | 'bool', values: readonly number[]): TensorValue =>
    fromFloat64(tensorType(dtype, [samples, longer]), values);
  return {
    params: inputs.params,
    observation: {
      ...inputs.observation,
      tokenizedPrompt: withRows(
        'i32',
        rows((b, i, prefix) => (i < prefix ? prompt[b * l + i] : tokens[b * steps + i - prefix]) ?? 0),
      ),
      tokenizedPromptMask: withRows(
        'bool',
        rows((_, i, prefix) => Number(i < prefix + steps)),
      ),
      tokenArMask: withRows('i32', rows(isAction)),
      tokenLossMask: withRows('bool', rows(isAction)),
    },
  };
};

describe('consistent decoding', () => {
  it('has the teacher-forced logits of training, sample by sample and token by token', () => {
    check((seed) => {
      const inputs = randomInputs(seed, tinyConfig, true);
      const results = run(inputs, decoded(options));
      const tokens = at(results, `${steps}/tokens`);
      const forced = at(
        run(followed(inputs, tokens), ({ params, observation }) => ({
          logits: predictLogits({ ...tinyConfig, maxTokenLen: l + steps }, params, observation),
        })),
        'logits',
      );
      prefixLengths(inputs).forEach((prefix, b) => {
        const length = at(results, `${steps}/lengths`)[b] ?? 0;
        expect(length).toBeGreaterThan(0);
        for (let s = 0; s < length; s++) {
          const expected = row(forced, b * (l + steps - 1) + prefix - 1 + s, v);
          expectClose(`sample ${b}, token ${s}`, row(at(results, `${s}/logits`), b, v), expected);
        }
      });
    });
  });

  it('takes the most likely token, and ends each sample at its own end of sequence', () => {
    check((seed) => {
      const inputs = randomInputs(seed, tinyConfig, true);
      const results = run(inputs, decoded(options));
      for (let b = 0; b < samples; b++) {
        const chosen = Array.from({ length: steps }, (_, s) => argmax(row(at(results, `${s}/logits`), b, v)));
        const end = chosen.indexOf(1);
        const length = end === -1 ? steps : end + 1;
        expect(at(results, `${steps}/lengths`)[b]).toBe(length);
        expect(row(at(results, `${steps}/tokens`), b, steps)).toEqual(chosen.map((t, s) => (s < length ? t : 0)));
        for (let s = 0; s <= steps; s++) {
          expect(at(results, `${s}/active`)[b], `active after ${s} steps`).toBe(Number(s < length));
        }
      }
    }, 8);
  });

  it('does not depend on the number of steps it may take, nor on the pieces they come in', () => {
    check((seed) => {
      const inputs = randomInputs(seed, tinyConfig, true);
      const results = run(inputs, ({ params, observation }) => {
        const start = prefillDecoding(tinyConfig, params, observation, options);
        const two = decodeSteps(tinyConfig, params, start, 3, options);
        return {
          once: sampleTokens(tinyConfig, params, observation, options),
          pieces: decodeSteps(tinyConfig, params, two, 3, options),
          longer: sampleTokens(tinyConfig, params, observation, { maxDecodingSteps: steps + 3 }),
        };
      });
      const once = at(results, 'once/tokens');
      // Three steps and three more are beyond the four that there is room for.
      expect(at(results, 'pieces/tokens')).toEqual(once);
      expect(at(results, 'pieces/lengths')).toEqual(at(results, 'once/lengths'));
      const longer = at(results, 'longer/tokens');
      expect(once).toEqual(longer.filter((_, i) => i % (steps + 3) < steps));
    });
  });

  it('sees neither padding nor absent cameras, and each sample only itself', () => {
    check((seed) => {
      const inputs = randomInputs(seed, tinyConfig, true);
      const { tokenizedPromptMask, imageMasks } = inputs.observation;
      const other = changed(
        inputs,
        (path) => path.startsWith('observation/images/') || path === 'observation/tokenizedPrompt',
        ({ data }, path) => {
          const mask = path.includes('images/')
            ? imageMasks[path.split('/').at(-1) ?? '']?.data
            : tokenizedPromptMask.data;
          const perMask = data.length / (mask?.length ?? 1);
          return Array.from(data, (x, i) =>
            mask?.[Math.floor(i / perMask)] === 1 ? x : path.includes('images/') ? -x : 3,
          );
        },
      );
      const rotated = changed(
        inputs,
        (path) => path.startsWith('observation/'),
        ({ data }) => {
          const size = data.length / samples;
          return [...data.subarray(size), ...data.subarray(0, size)];
        },
      );
      const before = run(inputs, decoded(options));
      const masked = run(other, decoded(options));
      const turned = run(rotated, decoded(options));
      for (let s = 0; s <= steps; s++) {
        const logits = at(before, `${s}/logits`);
        expectClose('with other masked inputs', at(masked, `${s}/logits`), logits);
        expectClose('rotated', at(turned, `${s}/logits`), [...logits.slice(v), ...logits.slice(0, v)]);
      }
    });
  });
});

describe("openpi's decoding", () => {
  const openpi: DecodeOptions = { ...options, decoding: 'openpi' };

  it('goes on until all samples end at once, and gives tokens in float32', () => {
    check((seed) => {
      const inputs = randomInputs(seed, tinyConfig, true);
      const results = run(inputs, (given) => ({
        ...decoded(openpi)(given),
        sampled: sampleTokens(tinyConfig, given.params, given.observation, openpi),
      }));
      const chosen = Array.from({ length: steps }, (_, s) =>
        Array.from({ length: samples }, (_b, b) => argmax(row(at(results, `${s}/logits`), b, v))),
      );
      const end = chosen.findIndex((tokens) => tokens.every((token) => token === 1));
      const length = end === -1 ? steps : end + 1;
      expect(at(results, `${steps}/lengths`)).toEqual(new Array(samples).fill(length));
      expect(at(results, 'sampled/tokens')).toEqual(
        Array.from({ length: samples }, (_, b) =>
          chosen.map((tokens, s) => (s < length ? (tokens[b] ?? Number.NaN) : 0)),
        ).flat(),
      );
    }, 8);
  });

  it('has the first logits of consistent decoding where nothing is masked, and others after it', () => {
    check((seed) => {
      const inputs = changed(
        randomInputs(seed, tinyConfig, true),
        (path) => path.includes('imageMasks') || path.endsWith('PromptMask'),
        ({ data }) => Array.from(data, () => 1),
      );
      const [as, consistent] = [run(inputs, decoded(openpi)), run(inputs, decoded(options))];
      expectClose('first', at(as, '0/logits'), at(consistent, '0/logits'));
      expect(at(as, '1/logits')).not.toEqual(at(consistent, '1/logits'));
    });
  });
});

describe('options', () => {
  const sampled =
    (given: DecodeOptions) =>
    ({ params, observation }: Inputs<Expr>) =>
      sampleTokens(tinyConfig, params, observation, given);

  it('refuses a number of steps or a temperature that is none, and a temperature without random numbers', () => {
    const inputs = randomInputs(1, tinyConfig, true);
    for (const maxDecodingSteps of [0, -1, 1.5, Number.NaN]) {
      expect(() => run(inputs, sampled({ maxDecodingSteps }))).toThrow(/positive integer/);
    }
    for (const temperature of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => run(inputs, sampled({ ...options, temperature }))).toThrow(/temperature/);
    }
    expect(() => run(inputs, sampled({ ...options, temperature: 1 }))).toThrow(/uniform numbers/);
  });
});
