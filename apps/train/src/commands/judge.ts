import type { Backend } from '@torsor/backend';
import type { Mesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { BackendName } from '../backend/names.js';
import { openBackend } from '../backend/open.js';
import type { TrainConfig } from '../config/schema.js';
import type { Failure } from '../failure.js';
import { evaluationRows } from '../train/batches.js';
import type { Judge } from '../train/outcome.js';
import { trainingMeanChunk } from '../train/scoring.js';
import type { PolicyPrograms } from '../train/session.js';
import { type Sequences, sourceOf } from '../train/sources.js';
import type { TrainingData } from '../train/training-data.js';
import type { CommandEnv } from './environment.js';

/** Opens a backend, for a mesh where there is one, and says which and why. */
export const startBackend = (
  asked: BackendName,
  mesh: Mesh | null,
  { env, project, typed }: Pick<CommandEnv, 'env' | 'project' | 'typed'>,
  say: (message: string) => void,
): TE.TaskEither<Failure, Backend> =>
  pipe(
    openBackend(asked, { env, project, typed, mesh }),
    TE.bimap(
      (messages): Failure => ({ exit: 'backend', messages }),
      ({ backend, messages }) => {
        for (const message of messages) say(message);
        return backend;
      },
    ),
  );

/** The data that a judge looks at: `train` is `null` where the training windows are not at hand. */
export type Judged = Pick<TrainingData, 'heldOut' | 'stats'> & { readonly train: TrainingData['train'] | null };

/** What judges a policy on held-out windows. */
export const judgeOf = (
  programs: PolicyPrograms,
  config: TrainConfig,
  { train, heldOut, stats }: Judged,
  sequences: Sequences,
): E.Either<Failure, Judge> => {
  const chunk: E.Either<Failure, Float64Array | null> =
    train === null ? E.right(null) : trainingMeanChunk(train, config.model.actionHorizon);
  return pipe(
    chunk,
    E.bindTo('meanChunk'),
    E.let('source', () => sourceOf(heldOut, stats, sequences.encode, config)),
    E.map(({ meanChunk, source }) => ({
      programs,
      source,
      prompts: { ...source, encode: sequences.actions?.encodePrompt ?? sequences.encode },
      tokenizers:
        sequences.actions === null ? null : { text: sequences.tokenizer, actions: sequences.actions.codec.tokenizer },
      model: config.model,
      rows: evaluationRows(heldOut.count, config.evalWindows, config.batchSize),
      meanChunk,
      units: config.data.units,
    })),
  );
};
