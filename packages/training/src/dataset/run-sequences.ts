import {
  type ActionCodec,
  actionTokensOf,
  readCodec,
  readTextTokenizer,
  type Sequences,
  sequencesOf,
} from '@torsor/policy';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Effect } from '../update/compile.js';
import { type ChunkSettings, fitCodec } from './fit-codec.js';
import { checkSequences, type PreflightSettings } from './preflight.js';
import type { TrainingData } from './training-data.js';

/** What prompts and chunks of a run become, and what there is to say about it. */
export type RunSequences = {
  /** `null` for a policy that writes no action tokens. */
  readonly codec: ActionCodec | null;
  readonly sequences: Sequences;
  readonly warnings: readonly string[];
};

/** What the sequences of a run depend on. */
export type RunSequenceSettings = PreflightSettings &
  ChunkSettings & { readonly data: { readonly tokenizer: string | null } };

/**
 * The sequences of a run, looked at before it begins.
 *
 * @param begun - folder of the action tokens that the run began with; `null` for one that begins: those of its settings, or
 * ones fitted on its training chunks.
 * @errors `NotReadable` and `Tokenizer` for tokenizers, `SequencesTooLong` for data that they make too long.
 */
export const runSequences = (
  settings: RunSequenceSettings,
  data: TrainingData,
  begun: string | null,
): Effect<RunSequences> => {
  const tokens = actionTokensOf(settings.model);
  const codec = (): Effect<ActionCodec | null> => {
    if (tokens === null) return TE.right(null);
    const folder = begun ?? tokens.path;
    return folder === null ? TE.fromEither(fitCodec(settings, tokens, data)) : readCodec(folder, tokens);
  };
  return pipe(
    TE.Do,
    TE.bind('text', () => readTextTokenizer(settings.data.tokenizer)),
    TE.bindW('codec', codec),
    TE.bindW('sequences', ({ text, codec }) => TE.fromEither(sequencesOf(settings, text, codec))),
    TE.bindW('warnings', ({ sequences }) => TE.fromEither(checkSequences(sequences, settings, data))),
  );
};
