import { applyTransforms, batchDict, float32At, gatherBatch, type NormStats, type Samples } from '@torsor/data';
import {
  type ActionChunk,
  type CountingActionTokenizer,
  type FastFiles,
  fastTokenizer,
  fitFast,
  readFast,
  saveFast,
  type TokenizerError,
} from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';
import { dataFailure, type Failure, tokenizerFailure, transformFailure } from '../failure.js';
import { evaluationRows } from './batches.js';
import { type ModelSpace, normalizedInputs } from './model-space.js';

/** The tokens of action chunks, and the files by which another run reads them again. */
export type ActionCodec = { readonly tokenizer: CountingActionTokenizer; readonly files: FastFiles };

/** Chunks that a tokenizer is fitted on at most, evenly spread; more would not move it visibly. */
const fittedChunks = 20_000;

const gathered = 256;

type FastModel = Extract<TrainConfig['model'], { readonly kind: 'pi0-fast' }>;

/** The parts of a configuration that tokens of actions depend on. */
export type FastConfig = { readonly model: FastModel; readonly data: TrainConfig['data'] };

/**
 * Chunks of some samples, normalized as a model that writes tokens sees them: all, or 20,000 evenly spread ones.
 *
 * @errors what the data refuses.
 */
export const trainingChunks = (
  { model: { actionDim, actionHorizon }, data: { normMode, deltaActionMask } }: FastConfig,
  samples: Samples,
  stats: NormStats,
): E.Either<Failure, readonly ActionChunk[]> => {
  const space: ModelSpace = { stats, normMode, deltaActionMask, actionDim };
  const normalize = applyTransforms(normalizedInputs(space));
  const n = samples.dataset.actionNames.length;
  const chunks: ActionChunk[] = [];
  for (const { indices, real } of evaluationRows(samples.count, fittedChunks, gathered)) {
    const actions = pipe(
      gatherBatch(samples, { actionHorizon }, indices.slice(0, real)),
      E.mapLeft(dataFailure),
      E.flatMap((batch) => E.mapLeft(transformFailure)(normalize(batchDict(batch)))),
      E.flatMap((made) => E.mapLeft(transformFailure)(float32At(made, 'actions'))),
    );
    if (E.isLeft(actions)) return actions;
    const size = actionHorizon * n;
    for (let i = 0; i < real; i++) {
      chunks.push({ shape: [actionHorizon, n], data: actions.right.slice(i * size, (i + 1) * size) });
    }
  }
  return E.right(chunks);
};

/** What fitting needs of the data. */
export type FitData = { readonly train: Samples; readonly stats: NormStats };

/**
 * A FAST tokenizer fitted on the chunks of the training episodes, normalized as the model sees them.
 *
 * @errors what the data or the tokenizer refuses.
 */
export const fitCodec = (config: FastConfig, { train, stats }: FitData): E.Either<Failure, ActionCodec> => {
  const { scale, vocabSize } = config.model.fast;
  return pipe(
    trainingChunks(config, train, stats),
    E.flatMap((chunks) => E.mapLeft(tokenizerFailure)(fitFast(chunks, { scale, vocabSize }))),
    E.flatMap((processor) => E.mapLeft(tokenizerFailure)(codecOf(saveFast(processor), config.model))),
  );
};

/**
 * A FAST tokenizer from the files of its folder.
 *
 * @errors `BadProcessor`, which names the file and the place.
 */
export const codecOf = (
  files: FastFiles,
  { fast: { onOutOfRange } }: Pick<FastModel, 'fast'>,
): E.Either<TokenizerError, ActionCodec> =>
  pipe(
    readFast(files),
    E.map((processor) => ({ tokenizer: fastTokenizer(processor, { onOutOfRange }), files })),
  );
