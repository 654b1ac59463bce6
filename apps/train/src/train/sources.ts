import { pictureCache, type Samples } from '@torsor/data';
import { checkVocabulary, type TextTokenizer, withActionTokens } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, tokenizerFailure } from '../failure.js';
import type { ActionCodec } from './action-codec.js';
import type { BatchSource } from './batches.js';
import { picturesOf } from './pictures.js';
import { fastSequences, pi0Sequences, pi05Sequences, type SequenceEncoder } from './sequences.js';
import type { TrainingData } from './training-data.js';

/** What turns the tasks, states and actions of a run into tokens. */
export type Sequences = {
  readonly tokenizer: TextTokenizer;
  readonly encode: SequenceEncoder;
  /** As `encode`, but sequences that are too long are cut and counted, whatever the run allows. */
  readonly measure: SequenceEncoder;
  /** Of a policy that writes tokens: the prompts that it goes on from, and what its tokens mean. */
  readonly actions: { readonly codec: ActionCodec; readonly encodePrompt: SequenceEncoder } | null;
};

type Model = TrainConfig['model'];

type OnTooLong = 'refuse' | 'truncate';

/**
 * Ids for action tokens: PaliGemma's vocabulary ends with ids to spare, as every tokenizer of the user's own is taken to do;
 * the embedded one has none, and gets them.
 */
const withActions = (
  text: TextTokenizer,
  { data }: Pick<TrainConfig, 'data'>,
  actionTokens: number | null,
): TextTokenizer => (actionTokens === null || data.tokenizer !== null ? text : withActionTokens(text, actionTokens));

/** A table with fewer rows than the tokenizer has tokens: a lookup clamps, and a token without a row would silently be another one. */
const checkRows = (
  { model, data }: Pick<TrainConfig, 'model' | 'data'>,
  tokenizer: TextTokenizer,
  actionTokens: number,
): E.Either<Failure, TextTokenizer> => {
  const rows = model.vocabSize ?? tokenizer.vocabSize;
  if (data.tokenizer !== null) return E.mapLeft(tokenizerFailure)(checkVocabulary(tokenizer, rows, actionTokens));
  return rows >= tokenizer.vocabSize
    ? E.right(tokenizer)
    : E.left({
        exit: 'usage',
        messages: [
          `model.vocabSize is ${rows}, the tokenizer has ${tokenizer.vocabSize} tokens: give at least as many, or null`,
        ],
      });
};

const encoderOf = (
  model: Model,
  tokenizer: TextTokenizer,
  codec: ActionCodec | null,
  onTooLong: OnTooLong,
): SequenceEncoder => {
  const options = { maxTokenLen: model.maxTokenLen, onTooLong };
  if (codec !== null) return fastSequences(tokenizer, codec.tokenizer, options, true);
  return model.kind === 'pi05' && model.discreteStateInput
    ? pi05Sequences(tokenizer, options)
    : pi0Sequences(tokenizer, options);
};

/**
 * What turns a run's data into the tokens of its model.
 *
 * @param text - the tokenizer of the run's texts.
 * @param codec - the tokens of action chunks, for a policy that writes them.
 * @errors a model whose embeddings are not those of the tokenizer.
 */
export const sequencesOf = (
  config: Pick<TrainConfig, 'model' | 'data'>,
  text: TextTokenizer,
  codec: ActionCodec | null,
): E.Either<Failure, Sequences> =>
  pipe(
    checkRows(config, withActions(text, config, codec?.tokenizer.vocabSize ?? null), codec?.tokenizer.vocabSize ?? 0),
    E.map((tokenizer) => {
      const { model, data } = config;
      const onTooLong = data.maxTruncatedShare > 0 ? 'truncate' : 'refuse';
      const options = { maxTokenLen: model.maxTokenLen, onTooLong } as const;
      return {
        tokenizer,
        encode: encoderOf(model, tokenizer, codec, onTooLong),
        measure: encoderOf(model, tokenizer, codec, 'truncate'),
        actions:
          codec === null ? null : { codec, encodePrompt: fastSequences(tokenizer, codec.tokenizer, options, false) },
      };
    }),
  );

/** The rows of an embedding table that a configuration leaves to its tokenizers, before there are any action tokens. */
export const plannedVocabulary = (config: Pick<TrainConfig, 'model' | 'data'>, text: TextTokenizer): number => {
  const { model } = config;
  return withActions(text, config, model.kind === 'pi0-fast' ? model.fast.vocabSize : null).vocabSize;
};

/** Decoded pictures that a source keeps: some 1,700 of openpi's size. */
const cachedBytes = 256 * 2 ** 20;

/** What batches of some samples are made of. */
export const sourceOf = (
  samples: Samples,
  stats: TrainingData['stats'],
  encode: SequenceEncoder,
  { model, data, seed }: TrainConfig,
): BatchSource => ({
  samples,
  space: { stats, normMode: data.normMode, deltaActionMask: data.deltaActionMask, actionDim: model.actionDim },
  encode,
  pictures: picturesOf({ model, data }),
  cache: pictureCache(cachedBytes),
  actionHorizon: model.actionHorizon,
  seed,
});
