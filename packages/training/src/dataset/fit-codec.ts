import { applyTransforms, batchDict, float32At, gatherBatch, type NormStats, type Samples } from '@torsor/data';
import {
  type ActionCodec,
  type ActionTokenSettings,
  codecOf,
  dataError,
  normalizedInputs,
  type PolicyModel,
  tokenizerError,
  transformError,
} from '@torsor/policy';
import { type ActionChunk, fitFast, saveFast } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { evaluationRows, modelSpaceOf, type SpaceSettings } from '../batches/batches.js';
import type { TrainingError } from '../error.js';

/** Chunks that a tokenizer is fitted on at most, evenly spread; more would not move it visibly. */
const fittedChunks = 20_000;

const gathered = 256;

/** What chunks of actions depend on. */
export type ChunkSettings = {
  readonly model: Pick<PolicyModel['sizes'], 'actionDim' | 'actionHorizon'>;
  readonly data: SpaceSettings;
};

/**
 * Chunks of some samples, normalized as a model that writes tokens sees them: all, or 20,000 evenly spread ones.
 *
 * @errors what the data refuses.
 */
export const trainingChunks = (
  { model: { actionDim: ad, actionHorizon }, data }: ChunkSettings,
  samples: Samples,
  stats: NormStats,
): E.Either<TrainingError, readonly ActionChunk[]> => {
  const space = modelSpaceOf(stats, data, ad);
  const normalize = applyTransforms(normalizedInputs(space));
  const n = samples.dataset.actionNames.length;
  const size = actionHorizon * n;
  const chunks: ActionChunk[] = [];
  for (const { indices, real } of evaluationRows(samples.count, fittedChunks, gathered)) {
    const actions = pipe(
      gatherBatch(samples, { actionHorizon }, indices.slice(0, real)),
      E.mapLeft(dataError),
      E.flatMap((batch) => E.mapLeft(transformError)(normalize(batchDict(batch)))),
      E.flatMap((made) => E.mapLeft(transformError)(float32At(made, 'actions'))),
    );
    if (E.isLeft(actions)) return actions;
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
export const fitCodec = (
  settings: ChunkSettings,
  tokens: ActionTokenSettings,
  { train, stats }: FitData,
): E.Either<TrainingError, ActionCodec> => {
  const { scale, vocabSize } = tokens;
  return pipe(
    trainingChunks(settings, train, stats),
    E.flatMap((chunks) => E.mapLeft(tokenizerError)(fitFast(chunks, { scale, vocabSize }))),
    E.flatMap((processor) => E.mapLeft(tokenizerError)(codecOf(saveFast(processor), tokens))),
  );
};
