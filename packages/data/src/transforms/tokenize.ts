import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type DataDict, NdArray } from './array.js';
import { actionsIfAny, arrayOf, promptIfAny, realEntry, stateOf, wrongValue } from './entry.js';
import type { TransformError } from './error.js';
import type { Rules } from './rule.js';
import type { FastTokens, PromptTokens, TokenizedChunk, Tokenizers } from './tokenizers.js';

/** The prompt, and the sample without it. */
const takePrompt = (transform: string, dict: DataDict) =>
  pipe(
    promptIfAny(transform, dict),
    E.flatMap(({ prompt }) => {
      const { prompt: _, ...rest } = dict;
      return typeof prompt === 'string'
        ? E.right({ task: prompt, rest })
        : E.left<TransformError>({ _tag: 'NoPrompt', transform, present: Object.keys(dict) });
    }),
  );

const tokenizerOf = <Name extends keyof Tokenizers>(
  transform: string,
  tokenizers: Tokenizers,
  tokenizer: Name,
): E.Either<TransformError, NonNullable<Tokenizers[Name]>> =>
  E.fromNullable<TransformError>({ _tag: 'NoTokenizer', transform, tokenizer })(tokenizers[tokenizer]);

const refusal =
  (transform: string) =>
  (reason: string): TransformError => ({ _tag: 'TokenizerRefused', transform, reason });

const promptEntries = ({ tokens, tokenMask }: PromptTokens): DataDict => ({
  tokenized_prompt: new NdArray('int32', [tokens.length], tokens),
  tokenized_prompt_mask: new NdArray('bool', [tokenMask.length], tokenMask),
});

const fastEntries = (found: FastTokens): DataDict => ({
  ...promptEntries(found),
  token_ar_mask: new NdArray('int32', [found.tokenArMask.length], found.tokenArMask),
  token_loss_mask: new NdArray('bool', [found.tokenLossMask.length], found.tokenLossMask),
});

/** Whole numbers of any dtype: models give tokens as real numbers. */
const tokensOf = (transform: string, dict: DataDict): E.Either<TransformError, readonly number[]> =>
  pipe(
    arrayOf(transform, dict, 'actions'),
    E.filterOrElse(
      ({ shape, data }) => shape.length === 1 && data.every(Number.isInteger),
      (array) => wrongValue(transform, 'actions', 'whole numbers [l], tokens', array),
    ),
    E.map(({ data }) => [...data]),
  );

const chunkEntry = ({ shape, data }: TokenizedChunk): DataDict => ({ actions: realEntry(shape, data) });

/** Transforms into and out of tokens, by the tokenizers that are given. */
export const tokenizeRules: Rules<'TokenizePrompt' | 'TokenizeFASTInputs' | 'ExtractFASTActions'> = {
  TokenizePrompt: ({ kind, discreteStateInput }, dict, tokenizers) =>
    pipe(
      E.Do,
      E.bind('tokenize', () => tokenizerOf(kind, tokenizers, 'prompt')),
      E.bind('prompt', () => takePrompt(kind, dict)),
      E.bind('state', () => (discreteStateInput ? stateOf(kind, dict) : E.right(null))),
      E.flatMap(({ tokenize, prompt: { task, rest }, state }) =>
        pipe(
          tokenize({ task, state: state === null ? null : state.data }),
          E.bimap(refusal(kind), (tokens) => ({ ...rest, ...promptEntries(tokens) })),
        ),
      ),
    ),

  TokenizeFASTInputs: ({ kind }, dict, tokenizers) =>
    pipe(
      E.Do,
      E.bind('tokenize', () => tokenizerOf(kind, tokenizers, 'fast')),
      E.bind('prompt', () => takePrompt(kind, dict)),
      E.bind('state', () => stateOf(kind, dict)),
      E.bind('chunk', () => actionsIfAny(kind, dict)),
      E.flatMap(({ tokenize, prompt: { task, rest }, state, chunk }) => {
        const actions: TokenizedChunk | null =
          chunk === undefined ? null : { shape: [chunk.shape[0] ?? 0, chunk.dim], data: chunk.data };
        return pipe(
          tokenize({ task, state: state.data, actions }),
          E.bimap(refusal(kind), (tokens) => ({ ...rest, ...fastEntries(tokens) })),
        );
      }),
    ),

  ExtractFASTActions: ({ kind, actionHorizon, actionDim }, dict, tokenizers) =>
    Object.hasOwn(dict, 'actions')
      ? pipe(
          E.Do,
          E.bind('extract', () => tokenizerOf(kind, tokenizers, 'extractActions')),
          E.bind('tokens', () => tokensOf(kind, dict)),
          E.flatMap(({ extract, tokens }) => E.mapLeft(refusal(kind))(extract(tokens, [actionHorizon, actionDim]))),
          E.map((chunk) => ({ ...dict, ...chunkEntry(chunk) })),
        )
      : E.right(dict),
};
