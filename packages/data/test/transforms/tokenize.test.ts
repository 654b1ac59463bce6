import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { applyTransforms, type DataDict, NdArray, type Tokenizers, type Transform } from '../../src/index.js';

// What tokenizers are asked, and where their answers go. openpi's own tokens are compared in packages/conformance.

const ints = (shape: readonly number[], ...data: readonly number[]): NdArray =>
  new NdArray('int32', shape, Int32Array.from(data));
const bools = (shape: readonly number[], ...data: readonly number[]): NdArray =>
  new NdArray('bool', shape, Uint8Array.from(data));
const f64 = (shape: readonly number[], ...data: readonly number[]): NdArray =>
  new NdArray('float64', shape, Float64Array.from(data));

const state = f64([2, 2], 1, 2, 3, 4);
const actions = f64([2, 1, 2], 5, 6, 7, 8);
const prompt: readonly string[] = ['go', 'stop'];

const asking = (): { readonly asked: unknown[]; readonly tokenizers: Tokenizers } => {
  const asked: unknown[] = [];
  const answer = (example: { readonly task: string }) => {
    const l = example.task.length;
    asked.push(example);
    return { tokens: Int32Array.of(l, l + 1), tokenMask: Uint8Array.of(1, 0), truncated: l - 2 };
  };
  return {
    asked,
    tokenizers: {
      prompt: (example) => E.right(answer(example)),
      fast: (example) =>
        E.right({ ...answer(example), tokenArMask: Int32Array.of(0, 1), tokenLossMask: Uint8Array.of(0, 1) }),
      extractActions: (tokens, shape) => {
        asked.push({ tokens, shape });
        return E.right({ shape, data: Float32Array.from(tokens, (token) => token / 2) });
      },
    },
  };
};

const tokenized = {
  tokenized_prompt: ints([2, 2], 2, 3, 4, 5),
  tokenized_prompt_mask: bools([2, 2], 1, 0, 1, 0),
  tokens_cut: ints([2], 0, 2),
};

const run = (transform: Transform, batch: DataDict): readonly [unknown, readonly unknown[]] => {
  const { asked, tokenizers } = asking();
  const out = applyTransforms([transform], tokenizers)(batch);
  return [E.isRight(out) ? out.right : out.left, asked];
};

it.each([true, false])('prompts, with the state where it is discrete: %s', (discreteStateInput) => {
  const [out, asked] = run({ kind: 'TokenizePrompt', discreteStateInput }, { prompt, state, actions });
  expect(out).toEqual({ state, actions, ...tokenized });
  const states = discreteStateInput ? [Float64Array.of(1, 2), Float64Array.of(3, 4)] : [null, null];
  expect(asked).toEqual(prompt.map((task, i) => ({ task, state: states[i] })));
});

it('sequences with actions, and without them', () => {
  const masks = { token_ar_mask: ints([2, 2], 0, 1, 0, 1), token_loss_mask: bools([2, 2], 0, 1, 0, 1) };
  const [out, asked] = run({ kind: 'TokenizeFASTInputs' }, { prompt, state, actions });
  expect(out).toEqual({ state, actions, ...tokenized, ...masks });
  expect(asked).toEqual([
    { task: 'go', state: Float64Array.of(1, 2), actions: { shape: [1, 2], data: Float64Array.of(5, 6) } },
    { task: 'stop', state: Float64Array.of(3, 4), actions: { shape: [1, 2], data: Float64Array.of(7, 8) } },
  ]);
  const [served, askedAtWork] = run({ kind: 'TokenizeFASTInputs' }, { prompt, state });
  expect(served).toEqual({ state, ...tokenized, ...masks });
  expect(askedAtWork).toEqual([
    { task: 'go', state: Float64Array.of(1, 2), actions: null },
    { task: 'stop', state: Float64Array.of(3, 4), actions: null },
  ]);
});

it('actions of tokens', () => {
  const [out, asked] = run(
    { kind: 'ExtractFASTActions', actionHorizon: 1, actionDim: 2 },
    { state, actions: f64([2, 2], 1, 2, 3, 4) },
  );
  expect(out).toEqual({ state, actions: new NdArray('float32', [2, 1, 2], Float32Array.of(0.5, 1, 1.5, 2)) });
  expect(asked).toEqual([
    { tokens: [1, 2], shape: [1, 2] },
    { tokens: [3, 4], shape: [1, 2] },
  ]);
});

it('of no samples nothing', () => {
  const none = { state: f64([0, 2]), prompt: [] };
  const [out] = run({ kind: 'TokenizePrompt', discreteStateInput: true }, none);
  expect(out).toEqual({
    state: none.state,
    tokenized_prompt: ints([0, 0]),
    tokenized_prompt_mask: bools([0, 0]),
    tokens_cut: ints([0]),
  });
  const [chunks] = run({ kind: 'ExtractFASTActions', actionHorizon: 3, actionDim: 2 }, { actions: ints([0, 4]) });
  expect(chunks).toEqual({ actions: f64([0, 3, 2]) });
});

it('keeps the first dimensions of actions, and everything else', () => {
  const [out] = run({ kind: 'SliceActions', actionDim: 1 }, { state, actions });
  expect(out).toEqual({ state, actions: f64([2, 1, 1], 5, 7) });
});
