import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type DataDict, NdArray } from './array.js';
import { actionsIfAny, arrayOf, promptIfAny, realEntry, stateOf, wrongValue } from './entry.js';
import type { TransformError } from './error.js';
import { type Reals, sameKind } from './reals.js';
import type { Rules } from './rule.js';
import type { FastTokens, PromptTokens, TokenizedChunk, Tokenizers } from './tokenizers.js';

/** The prompts, and the batch without them. */
const takePrompts = (transform: string, dict: DataDict) =>
  pipe(
    promptIfAny(transform, dict),
    E.flatMap(({ prompt }) => {
      const { prompt: _, ...rest } = dict;
      return prompt === undefined
        ? E.left<TransformError>({ _tag: 'NoPrompt', transform, present: Object.keys(dict) })
        : E.right({ tasks: prompt, rest });
    }),
  );

const tokenizerOf = <Name extends keyof Tokenizers>(
  transform: string,
  tokenizers: Tokenizers,
  tokenizer: Name,
): E.Either<TransformError, NonNullable<Tokenizers[Name]>> =>
  E.fromNullable<TransformError>({ _tag: 'NoTokenizer', transform, tokenizer })(tokenizers[tokenizer]);

const refusal = (transform: string, reason: string): TransformError => ({
  _tag: 'TokenizerRefused',
  transform,
  reason,
});

/** What each sample of `b` becomes, equally long for all. */
const forEach = <A>(
  transform: string,
  b: number,
  sizeOf: (found: A) => string,
  make: (sample: number) => E.Either<string, A>,
): E.Either<TransformError, readonly A[]> => {
  const all: A[] = [];
  for (let sample = 0; sample < b; sample++) {
    const found = make(sample);
    if (E.isLeft(found)) return E.left(refusal(transform, found.left));
    const [size, first] = [sizeOf(found.right), sizeOf(all[0] ?? found.right)];
    if (size !== first) return E.left(refusal(transform, `sample 0 gives ${first}, sample ${sample} ${size}`));
    all.push(found.right);
  }
  return E.right(all);
};

const lengthOf = ({ tokens }: PromptTokens): string => `${tokens.length} tokens`;

const widthOf = ({ shape }: TokenizedChunk): string => `a chunk [${shape.join(', ')}]`;

/** The rows of `b` samples below each other. */
const stacked = (dtype: 'int32' | 'bool', rows: readonly (Int32Array | Uint8Array)[]): NdArray => {
  const l = rows[0]?.length ?? 0;
  const data = dtype === 'int32' ? new Int32Array(rows.length * l) : new Uint8Array(rows.length * l);
  for (const [sample, row] of rows.entries()) data.set(row, sample * l);
  return new NdArray(dtype, [rows.length, l], data);
};

const promptEntries = (found: readonly PromptTokens[]): DataDict => ({
  tokenized_prompt: stacked(
    'int32',
    found.map(({ tokens }) => tokens),
  ),
  tokenized_prompt_mask: stacked(
    'bool',
    found.map(({ tokenMask }) => tokenMask),
  ),
  tokens_cut: new NdArray(
    'int32',
    [found.length],
    Int32Array.from(found, ({ truncated }) => truncated),
  ),
});

const fastEntries = (found: readonly FastTokens[]): DataDict => ({
  ...promptEntries(found),
  token_ar_mask: stacked(
    'int32',
    found.map(({ tokenArMask }) => tokenArMask),
  ),
  token_loss_mask: stacked(
    'bool',
    found.map(({ tokenLossMask }) => tokenLossMask),
  ),
});

/** Whole numbers of any dtype: models give tokens as real numbers. */
const tokensOf = (transform: string, dict: DataDict): E.Either<TransformError, NdArray> =>
  pipe(
    arrayOf(transform, dict, 'actions'),
    E.filterOrElse(
      ({ shape, data }) => shape.length === 2 && data.every(Number.isInteger),
      (array) => wrongValue(transform, 'actions', 'whole numbers [l], tokens', array),
    ),
  );

const chunkEntry = (chunks: readonly TokenizedChunk[], asked: TokenizedChunk['shape']): DataDict => {
  const [ah, ad] = chunks[0]?.shape ?? asked;
  const data = sameKind(chunks[0]?.data ?? new Float64Array(0), chunks.length * ah * ad);
  for (const [sample, chunk] of chunks.entries()) data.set(chunk.data, sample * ah * ad);
  return { actions: realEntry([chunks.length, ah, ad], data) };
};

const rowOf = (data: Reals, sample: number, size: number): Reals => data.subarray(sample * size, (sample + 1) * size);

/** Transforms into and out of tokens, by the tokenizers that are given. */
export const tokenizeRules: Rules<'TokenizePrompt' | 'TokenizeFASTInputs' | 'ExtractFASTActions'> = {
  TokenizePrompt: ({ kind, discreteStateInput }, dict, { b, tokenizers }) =>
    pipe(
      E.Do,
      E.bind('tokenize', () => tokenizerOf(kind, tokenizers, 'prompt')),
      E.bind('prompts', () => takePrompts(kind, dict)),
      E.bind('states', () => (discreteStateInput ? stateOf(kind, dict) : E.right(null))),
      E.bind('found', ({ tokenize, prompts: { tasks }, states }) =>
        forEach(kind, b, lengthOf, (sample) => {
          const state = states === null ? null : rowOf(states.data, sample, states.dim);
          return tokenize({ task: tasks[sample] ?? '', state });
        }),
      ),
      E.map(({ prompts: { rest }, found }) => ({ ...rest, ...promptEntries(found) })),
    ),

  TokenizeFASTInputs: ({ kind }, dict, { b, tokenizers }) =>
    pipe(
      E.Do,
      E.bind('tokenize', () => tokenizerOf(kind, tokenizers, 'fast')),
      E.bind('prompts', () => takePrompts(kind, dict)),
      E.bind('states', () => stateOf(kind, dict)),
      E.bind('chunks', () => actionsIfAny(kind, dict)),
      E.bind('found', ({ tokenize, prompts: { tasks }, states, chunks }) =>
        forEach(kind, b, lengthOf, (sample) => {
          const [, ah = 0, ad = 0] = chunks?.shape ?? [];
          const actions: TokenizedChunk | null =
            chunks === undefined ? null : { shape: [ah, ad], data: rowOf(chunks.data, sample, ah * ad) };
          return tokenize({ task: tasks[sample] ?? '', state: rowOf(states.data, sample, states.dim), actions });
        }),
      ),
      E.map(({ prompts: { rest }, found }) => ({ ...rest, ...fastEntries(found) })),
    ),

  ExtractFASTActions: ({ kind, actionHorizon, actionDim }, dict, { b, tokenizers }) => {
    if (!Object.hasOwn(dict, 'actions')) return E.right(dict);
    const asked = [actionHorizon, actionDim] as const;
    return pipe(
      E.Do,
      E.bind('extract', () => tokenizerOf(kind, tokenizers, 'extractActions')),
      E.bind('tokens', () => tokensOf(kind, dict)),
      E.flatMap(({ extract, tokens: { shape, data } }) => {
        const l = shape[1] ?? 0;
        return forEach(kind, b, widthOf, (sample) => extract([...data.subarray(sample * l, (sample + 1) * l)], asked));
      }),
      E.map((chunks) => ({ ...dict, ...chunkEntry(chunks, asked) })),
    );
  },
};
