import type { Samples } from '@torsor/data';
import { embeddedTokenizer, type TextTokenizer } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, tokenizerFailure } from '../failure.js';
import type { BatchSource } from './batches.js';
import { type PromptEncoder, promptEncoder } from './prompts.js';
import type { TrainingData } from './trainingData.js';

/** The text tokenizer of a run and the encoder of its prompts. */
export type Prompts = { readonly tokenizer: TextTokenizer; readonly encode: PromptEncoder };

/**
 * The prompts of a dataset's tasks, every one tried, so that a task that cannot be tokenised stops the run before it begins.
 *
 * @errors the tokenizer's, as a failure of the data; a model with fewer embeddings than the tokenizer has tokens.
 */
export const promptsOf = (
  { maxTokenLen, vocabSize }: TrainConfig['model'],
  tasks: Iterable<string>,
): E.Either<Failure, Prompts> =>
  pipe(
    embeddedTokenizer(),
    E.mapLeft(tokenizerFailure),
    E.filterOrElse(
      // A lookup clamps its indices: a token without a row would silently be another one.
      (tokenizer) => (vocabSize ?? tokenizer.vocabSize) >= tokenizer.vocabSize,
      (tokenizer): Failure => ({
        exit: 'usage',
        messages: [
          `model.vocabSize is ${vocabSize}, the tokenizer has ${tokenizer.vocabSize} tokens: give at least as many, or null`,
        ],
      }),
    ),
    E.flatMap((tokenizer) => {
      const encode = promptEncoder(tokenizer, maxTokenLen);
      return pipe(
        encode([...tasks]),
        E.bimap(tokenizerFailure, () => ({ tokenizer, encode })),
      );
    }),
  );

/** What batches of some samples are made of. */
export const sourceOf = (
  samples: Samples,
  stats: TrainingData['stats'],
  encodePrompts: PromptEncoder,
  { model, data, seed }: TrainConfig,
): BatchSource => ({
  samples,
  space: { stats, normMode: data.normMode, deltaActionMask: data.deltaActionMask, actionDim: model.actionDim },
  encodePrompts,
  actionHorizon: model.actionHorizon,
  seed,
});
