import { type Expr, grad, mean, type TensorValue } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  computeFastAccuracy,
  computeFastLoss,
  type Params,
  type Pi0FastConfig,
  predictLogits,
} from '../../src/index.js';
import { expectClose } from './close.js';
import { changed, type Inputs, randomInputs, run, samples, tinyConfig } from './tiny.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const check = (law: (seed: number) => void, numRuns = 4): void => fc.assert(fc.property(seeds, law), { numRuns });

const all =
  (config: Pi0FastConfig) =>
  ({ params, observation }: Inputs<Expr>) => ({
    loss: computeFastLoss(config, params, observation),
    accuracy: computeFastAccuracy(config, params, observation),
    grads: grad((p: Params) => mean(computeFastLoss(config, p, observation)))(params),
  });

/** Another token wherever a sequence is padding, and other pixels wherever a camera is absent. */
const otherMasked = (inputs: Inputs<TensorValue>): Inputs<TensorValue> => {
  const { tokenizedPromptMask, imageMasks } = inputs.observation;
  const masked = changed(
    inputs,
    (path) => path === 'observation/tokenizedPrompt',
    ({ data }) => Array.from(data, (token, i) => (tokenizedPromptMask.data[i] === 1 ? token : (token + 1) % 11)),
  );
  return changed(
    masked,
    (path) => path.startsWith('observation/images/'),
    ({ data }, path) => {
      const present = imageMasks[path.split('/').at(-1) ?? '']?.data ?? [];
      const perSample = data.length / samples;
      return Array.from(data, (x, i) => (present[Math.floor(i / perSample)] === 1 ? x : -x));
    },
  );
};

const expectSame = (after: ReadonlyMap<string, readonly number[]>, before: typeof after): void => {
  for (const [path, values] of before) expectClose(path, after.get(path), values);
};

describe('loss of π0-FAST', () => {
  it('is hidden from padding and absent cameras, and so are accuracy and gradient', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const isTower = (path: string): boolean => path.includes('/img/');
      const [before, after] = [run(inputs, all(tinyConfig)), run(otherMasked(inputs), all(tinyConfig))];
      expectSame(after, before);
      expect([...before.keys()].some(isTower)).toBe(true);
    });
  });

  it('is the mean over the loss mask of −log p of the next token', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const { vocabSize: v, maxTokenLen: l } = tinyConfig;
      const results = run(inputs, ({ params, observation }) => ({
        loss: computeFastLoss(tinyConfig, params, observation),
        logits: predictLogits(tinyConfig, params, observation),
      }));
      const logits = results.get('logits') ?? [];
      const { tokenizedPrompt, tokenLossMask } = inputs.observation;
      const expected = Array.from({ length: samples }, (_, b) => {
        let [sum, count] = [0, 0];
        for (let i = 1; i < l; i++) {
          if (tokenLossMask.data[b * l + i] !== 1) continue;
          const row = logits.slice((b * (l - 1) + i - 1) * v, (b * (l - 1) + i) * v);
          const total = row.reduce((a, x) => a + Math.exp(x), 0);
          sum += Math.log(total) - (row[tokenizedPrompt.data[b * l + i] ?? -1] ?? Number.NaN);
          count += 1;
        }
        return sum / Math.max(count, 1);
      });
      expectClose('loss', results.get('loss'), expected);
    });
  });

  it('sees nothing of later tokens at a position that predicts', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const { vocabSize: v, maxTokenLen: l } = tinyConfig;
      const { tokenArMask } = inputs.observation;
      const logits = (given: Inputs<TensorValue>): readonly number[] =>
        run(given, ({ params, observation }) => ({ x: predictLogits(tinyConfig, params, observation) })).get('x') ?? [];
      // Another token at the end of every sequence that has a causal part there.
      const other = changed(
        inputs,
        (path) => path === 'observation/tokenizedPrompt',
        ({ data }) => Array.from(data, (t, i) => (i % l === l - 2 && tokenArMask.data[i] === 1 ? (t + 1) % v : t)),
      );
      const seen = (values: readonly number[]): readonly number[] =>
        values.filter((_, i) => Math.floor(i / v) % (l - 1) < l - 2);
      expectClose('logits before', seen(logits(other)), seen(logits(inputs)));
    });
  });

  it('of a sample depends on that sample only', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const rotated = changed(
        inputs,
        (path) => path.startsWith('observation/'),
        ({ data }) => {
          const row = data.length / samples;
          return [...data.subarray(row), ...data.subarray(0, row)];
        },
      );
      const loss = (given: Inputs<TensorValue>): readonly number[] =>
        run(given, ({ params, observation }) => ({ x: computeFastLoss(tinyConfig, params, observation) })).get('x') ??
        [];
      const before = loss(inputs);
      expectClose('loss', loss(rotated), [...before.slice(1), ...before.slice(0, 1)]);
    });
  });

  it('is the same piece by piece, in value and gradient', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const pieces = fc.sample(fc.integer({ min: 1, max: 8 }), { numRuns: 1, seed })[0] ?? 1;
      const inPieces = all({ ...tinyConfig, logitsAtOnce: pieces * tinyConfig.vocabSize });
      expectSame(run(inputs, inPieces), run(inputs, all(tinyConfig)));
    });
  });

  it('needs logits of as many tokens as its mask has, and is NaN with fewer', () => {
    check((seed) => {
      const inputs = randomInputs(seed);
      const { maxTokenLen: l } = tinyConfig;
      const mask = Array.from(inputs.observation.tokenLossMask.data);
      const counts = Array.from({ length: samples }, (_, b) =>
        mask.slice(b * l, (b + 1) * l).reduce((sum, x) => sum + x, 0),
      );
      const most = Math.max(...counts);
      expectSame(run(inputs, all({ ...tinyConfig, lossTokens: most })), run(inputs, all(tinyConfig)));
      if (most === 1) return;
      const short = run(inputs, all({ ...tinyConfig, lossTokens: most - 1 }));
      expect((short.get('loss') ?? []).map(Number.isNaN)).toEqual(counts.map((count) => count === most));
      // A trainer that looks at gradients only must see it too.
      expect((short.get('grads/PaliGemma/llm/final_norm/scale') ?? []).every(Number.isNaN)).toBe(true);
    });
  });
});
