import { bytesAt, type DataDict, int32At, type Tokenizers, type Transform, type TransformError } from '@torsor/data';
import {
  type ActionTokenizer,
  fastSequence,
  pi0Prompt,
  pi05Prompt,
  type SequenceOptions,
  showTokenizerError,
  type TextTokenizer,
  type TokenizerError,
  type TokenSequence,
} from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';

/** The sequences of a batch. */
export type SequenceTokens = {
  /** `i32[b, l]` */
  readonly tokens: Int32Array;
  /** `bool[b, l]` */
  readonly tokenMask: Uint8Array;
  /** `i32[b, l]`, 1 where a token begins a group that earlier ones do not see; 0 in a prompt. */
  readonly tokenArMask: Int32Array;
  /** `bool[b, l]`, 1 where a token is predicted; 0 in a prompt. */
  readonly tokenLossMask: Uint8Array;
  /** For each sample, the tokens that were cut from its end; 0 unless the run allows it. */
  readonly truncated: readonly number[];
};

/** What makes the sequences of a family: a transform of normalized states and actions, not padded, and whom it asks. */
export type SequenceEncoder = { readonly transform: Transform; readonly tokenizers: Tokenizers };

/**
 * The sequences that an encoder's transform has added to a batch.
 *
 * @errors `MissingKey` of a batch without sequences.
 */
export const sequenceTokens = (dict: DataDict): E.Either<TransformError, SequenceTokens> =>
  pipe(
    E.Do,
    E.bind('tokens', () => int32At(dict, 'tokenized_prompt')),
    E.bind('tokenMask', () => bytesAt(dict, 'tokenized_prompt_mask')),
    E.bind('cut', () => int32At(dict, 'tokens_cut')),
    E.bind('tokenArMask', ({ tokens }) =>
      'token_ar_mask' in dict ? int32At(dict, 'token_ar_mask') : E.right(new Int32Array(tokens.length)),
    ),
    E.bind('tokenLossMask', ({ tokens }) =>
      'token_loss_mask' in dict ? bytesAt(dict, 'token_loss_mask') : E.right(new Uint8Array(tokens.length)),
    ),
    E.map(({ cut, ...found }) => ({ ...found, truncated: [...cut] })),
  );

type Encoded<A> = E.Either<TokenizerError, A>;

const inWords = <A>(encoded: Encoded<A>): E.Either<string, A> => E.mapLeft(showTokenizerError)(encoded);

/**
 * π0's prompts; each text is encoded once, for a dataset has few.
 *
 * @errors those of `pi0Prompt`: a prompt longer than `maxTokenLen` is refused unless the options allow a cut.
 */
export const pi0Sequences = (tokenizer: TextTokenizer, options: SequenceOptions): SequenceEncoder => {
  const encode = pi0Prompt(tokenizer, options);
  const known = new Map<string, Encoded<TokenSequence>>();
  const prompt: Tokenizers['prompt'] = ({ task }) => {
    const found = known.get(task) ?? encode(task);
    known.set(task, found);
    return inWords(found);
  };
  return { transform: { kind: 'TokenizePrompt', discreteStateInput: false }, tokenizers: { prompt } };
};

/**
 * π0.5's prompts, which tell the normalized state in bins.
 *
 * @errors those of `pi05Prompt`.
 */
export const pi05Sequences = (tokenizer: TextTokenizer, options: SequenceOptions): SequenceEncoder => {
  const encode = pi05Prompt(tokenizer, options);
  const prompt: Tokenizers['prompt'] = ({ task, state }) =>
    inWords(encode({ task, state: Float32Array.from(state ?? []) }));
  return { transform: { kind: 'TokenizePrompt', discreteStateInput: true }, tokenizers: { prompt } };
};

/**
 * π0-FAST's sequences: a prompt with the state in bins, and the actions as tokens.
 *
 * @param withActions - false for the prompts that actions are decoded from.
 * @errors those of `fastSequence`.
 */
export const fastSequences = (
  tokenizer: TextTokenizer,
  actionTokenizer: ActionTokenizer,
  options: SequenceOptions,
  withActions: boolean,
): SequenceEncoder => {
  const encode = fastSequence(tokenizer, actionTokenizer, options);
  const fast: Tokenizers['fast'] = ({ task, state: normalized, actions }) => {
    const state = Float32Array.from(normalized);
    if (!withActions || actions === null) return inWords(encode({ task, state }));
    return inWords(encode({ task, state, actions: { ...actions, data: Float32Array.from(actions.data) } }));
  };
  return { transform: { kind: 'TokenizeFASTInputs' }, tokenizers: { fast } };
};
