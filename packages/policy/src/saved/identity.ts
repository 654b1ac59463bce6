import type { OpenCheckpoint } from '@torsor/checkpoint';
import { type NormStats, parseNormStats } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { checkpointError, dataError, type PolicyError, tokenizerError } from '../error.js';
import type { ModelSettings } from '../families/families.js';
import { type ActionCodec, codecOf } from '../inputs/action-codec.js';
import { actionTokensOf } from '../inputs/tokenizers.js';
import { savedFast } from './tensors.js';

/** The statistics that a checkpoint's policy was trained with. */
export const savedStats = ({
  path,
  manifest,
}: Pick<OpenCheckpoint, 'path' | 'manifest'>): E.Either<PolicyError, NormStats> =>
  pipe(
    parseNormStats(`${path}/manifest.json`, JSON.stringify({ norm_stats: manifest.normalisation.statistics })),
    E.mapLeft(dataError),
  );

/** The tokenizer of action chunks that a checkpoint's policy was trained with; `null` for a policy that has none. */
export const savedCodec = (
  checkpoint: OpenCheckpoint,
  model: ModelSettings,
): E.Either<PolicyError, ActionCodec | null> => {
  const tokens = actionTokensOf(model);
  if (tokens === null) return E.right(null);
  return pipe(
    savedFast(checkpoint),
    E.mapLeft(checkpointError),
    E.flatMap((files) => E.mapLeft(tokenizerError)(codecOf(files, tokens))),
  );
};
