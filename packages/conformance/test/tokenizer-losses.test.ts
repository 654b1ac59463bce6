import { type Backend, referenceBackend } from '@torsor/backend';
import { openTfjs } from '@torsor/backend-tfjs';
import { maskedTokenCrossEntropy, nextTokens } from '@torsor/losses';
import { key, normal, randint } from '@torsor/random';
import {
  type Expr,
  fromFloat64,
  program,
  reduceSum,
  type TensorValue,
  tensorType,
  tensorValue,
  valueAndGrad,
} from '@torsor/tensor';
import { type ActionTokenizer, type FastSequence, fastSequence, type TextTokenizer } from '@torsor/tokenizer';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { orThrow, runOn } from './golden/on-backend.js';

// The masks that the tokenizer makes, in the loss that reads them: what lies outside them does not exist.

const vocabSize = 320;
const l = 64;

const letters: TextTokenizer = {
  vocabSize,
  encode: (text, { addBos, addEos }) =>
    E.right([...(addBos ? [2] : []), ...Array.from(text, (c) => 3 + (c.charCodeAt(0) % 90)), ...(addEos ? [1] : [])]),
  decode: () => E.right(''),
};

const tenths: ActionTokenizer = {
  encode: ({ data }) => E.right(Array.from(data, (a) => Math.round((a + 1) * 5))),
  decode: (_, shape) => E.right({ shape, data: new Float64Array(shape[0] * shape[1]) }),
};

const tokenize = fastSequence(letters, tenths, { maxTokenLen: l });

const unit = fc.integer({ min: -8, max: 8 }).map((n) => n / 8);

/** Sequences of any task, state and actions that fit. */
const sequences: fc.Arbitrary<FastSequence> = fc
  .record({
    task: fc.constantFrom('pick', 'fold it', 'open the box'),
    state: fc.array(unit, { minLength: 1, maxLength: 3 }),
    actions: fc.array(unit, { minLength: 1, maxLength: 4 }),
  })
  .map(({ task, state, actions }) => {
    const made = tokenize({ task, state, actions: { shape: [actions.length, 1], data: Float64Array.from(actions) } });
    if (E.isLeft(made)) throw new Error(made.left._tag);
    return made.right;
  });

const lossAndGradient = program(
  {
    logits: tensorType('f32', [1, l - 1, vocabSize]),
    tokens: tensorType('i32', [1, l]),
    lossMask: tensorType('bool', [1, l]),
  },
  ({ logits, tokens, lossMask }) => {
    const { targets, mask } = nextTokens(tokens, lossMask);
    return valueAndGrad((at: Expr) => reduceSum(maskedTokenCrossEntropy(at, targets, mask)))(logits);
  },
);

const logits = fromFloat64(tensorType('f32', [1, l - 1, vocabSize]), normal(key(3), (l - 1) * vocabSize));

const evaluateOn = async (
  backend: Backend,
  tokens: Int32Array,
  lossMask: Uint8Array,
): Promise<ReadonlyMap<string, TensorValue>> => {
  const [ids, mask] = [tensorValue('i32', [1, l], tokens), tensorValue('bool', [1, l], lossMask)];
  if (E.isLeft(lossAndGradient) || E.isLeft(ids) || E.isLeft(mask)) throw new Error('the program and its inputs fit');
  return runOn(backend, lossAndGradient.right, { logits, tokens: ids.right, lossMask: mask.right });
};

const backends: ReadonlyArray<readonly [string, () => Promise<Backend>]> = [
  ['reference', async () => referenceBackend()],
  ['tfjs-wasm', () => orThrow(openTfjs('wasm', { env: process.env, project: process.cwd() }))],
];

describe.each(backends)('π0-FAST sequences in the token loss on %s', (_, open) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await open();
  });

  const holds = (change: (sequence: FastSequence, other: Int32Array) => Int32Array, same: boolean) => async () => {
    const property = fc.asyncProperty(sequences, fc.nat(), async (sequence, seed) => {
      const other = randint(key(seed), l, 0, vocabSize);
      const before = await evaluateOn(backend, sequence.tokens, sequence.tokenLossMask);
      const after = await evaluateOn(backend, change(sequence, other), sequence.tokenLossMask);
      if (same) expect(after).toEqual(before);
      else expect(after.get('value')).not.toEqual(before.get('value'));
    });
    await fc.assert(property, { numRuns: 12 });
  };

  it(
    'a target outside the loss mask changes neither loss nor gradient, by a bit',
    holds(({ tokens, tokenLossMask }, other) => tokens.map((id, i) => (tokenLossMask[i] ? id : (other[i] ?? 0))), true),
  );

  it(
    'targets inside it change the loss',
    holds(({ tokens, tokenLossMask }) => tokens.map((id, i) => (tokenLossMask[i] ? (id + 1) % vocabSize : id)), false),
  );

  it('the gradient is zero where the next token is outside the loss mask', async () => {
    const property = fc.asyncProperty(sequences, async ({ tokens, tokenLossMask }) => {
      const slope = (await evaluateOn(backend, tokens, tokenLossMask)).get('grads')?.data ?? [];
      const outside = Array.from(slope).filter((_, i) => tokenLossMask[Math.floor(i / vocabSize) + 1] === 0);
      expect(outside.length).toBeGreaterThan(0);
      expect(outside.every((x) => x === 0)).toBe(true);
    });
    await fc.assert(property, { numRuns: 12 });
  });
});
