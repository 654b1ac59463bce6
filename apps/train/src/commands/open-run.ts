import type { TrainingData } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command, ConfigArguments, OnExistingRun } from '../cli/command.js';
import type { Resolved } from '../config/derived.js';
import { lacking } from '../config/presets.js';
import { heeded } from '../config/resolve.js';
import type { TrainConfig } from '../config/schema.js';
import { configFailure, type Failure, runFailure } from '../failure.js';
import { type Admission, admit, checkWritable, entriesOf } from '../run/folder.js';
import { runPaths } from '../run/layout.js';
import { resumable } from '../run/resumable.js';
import { loadConfig, loadResolved } from './configuration.js';
import { loadData } from './dataset.js';

type TrainCommand = Extract<Command, { readonly _tag: 'Train' }>;

/** A run about to begin or to go on: everything that can be refused before its folder is touched has been looked at. */
export type OpenedRun = {
  readonly config: TrainConfig;
  /** What a user is told of values of the configuration that nobody asked for. */
  readonly notes: readonly string[];
  readonly admission: Admission;
  readonly data: TrainingData;
};

const admission = (config: TrainConfig, onExistingRun: OnExistingRun): TE.TaskEither<Failure, Admission> =>
  pipe(
    entriesOf(config.out),
    TE.flatMapEither((entries) => admit(config.out, entries, onExistingRun)),
    TE.mapLeft(runFailure),
  );

const nothingSaid: Omit<ConfigArguments, 'base'> = { settings: [], flags: [] };

const savedConfig = (out: string): TE.TaskEither<Failure, TrainConfig> =>
  loadConfig({ base: runPaths(out).config, ...nothingSaid });

// A run that goes on takes its own configuration where none is named; what is said beside it changes that one.
const resumedConfig = (given: ConfigArguments, { out }: TrainConfig): TE.TaskEither<Failure, Resolved> =>
  pipe(
    TE.Do,
    TE.bind('saved', () => savedConfig(out)),
    TE.bind('wanted', ({ saved }) =>
      loadResolved({ ...given, base: given.base ?? runPaths(out).config }, saved.lrSchedule),
    ),
    TE.tap(({ saved, wanted }) => TE.fromEither(E.mapLeft(runFailure)(resumable(out, saved, wanted.config)))),
    TE.map(({ wanted }) => wanted),
  );

const complete = (resolved: Resolved): E.Either<Failure, Resolved> => {
  const messages = lacking(resolved.preset, resolved.config);
  return messages.length === 0 ? E.mapLeft(configFailure)(heeded(resolved)) : E.left({ exit: 'usage', messages });
};

/**
 * Resolves the configuration, meets the folder, and reads and prepares the data. Nothing is written but a missing folder.
 *
 * @returns the left is the first refusal: of the configuration, then of the folder, then of the data.
 */
export const openRun = ({ config: given, onExistingRun }: TrainCommand): TE.TaskEither<Failure, OpenedRun> =>
  pipe(
    TE.Do,
    TE.bind('asked', () => loadResolved(given)),
    // What is said to a run that goes on is said over its own configuration.
    TE.tapEither(({ asked }) => (onExistingRun === 'resume' ? E.right(asked) : complete(asked))),
    TE.bind('admission', ({ asked }) => admission(asked.config, onExistingRun)),
    TE.bind('resolved', (found) =>
      found.admission === 'resume' ? resumedConfig(given, found.asked.config) : TE.right(found.asked),
    ),
    TE.tapEither(({ resolved }) => complete(resolved)),
    TE.let('config', ({ resolved }) => resolved.config),
    TE.tap(({ config }) => TE.mapLeft(runFailure)(checkWritable(config.out))),
    TE.bind('data', (found) => loadData(found.config, found.admission === 'resume' ? found.config.out : null)),
    TE.map(({ resolved, admission: admitted, data }) => ({ ...resolved, admission: admitted, data })),
  );
