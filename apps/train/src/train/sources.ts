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
 * @errors the tokenizer's, as a failure of the data.
 */
export const promptsOf = ({ maxTokenLen }: TrainConfig['model'], tasks: Iterable<string>): E.Either<Failure, Prompts> =>
  pipe(
    embeddedTokenizer(),
    E.flatMap((tokenizer) => {
      const encode = promptEncoder(tokenizer, maxTokenLen);
      return pipe(
        encode([...tasks]),
        E.map(() => ({ tokenizer, encode })),
      );
    }),
    E.mapLeft(tokenizerFailure),
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
