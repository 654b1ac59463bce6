import type { SettingsError } from '@torsor/settings';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ConfigArguments } from '../cli/command.js';
import type { Kept, Resolved } from '../config/derived.js';
import { defaultPreset } from '../config/presets.js';
import { type ConfigRequest, heeded, resolveRequest } from '../config/resolve.js';
import type { TrainConfig } from '../config/schema.js';
import { configFailure, type Failure } from '../failure.js';
import type { RunError } from '../run/error.js';
import { readText } from '../run/files.js';

const causeOf = (error: RunError): string => ('cause' in error ? error.cause : error._tag);

const isFile = (base: string): boolean => base.endsWith('.json') || base.includes('/');

const readBase = (base: string | null): TE.TaskEither<Failure, ConfigRequest['base']> => {
  if (base === null) return TE.right({ _tag: 'Preset', name: defaultPreset });
  if (!isFile(base)) return TE.right({ _tag: 'Preset', name: base });
  return pipe(
    readText(base),
    TE.map((text): ConfigRequest['base'] => ({ _tag: 'File', path: base, text })),
    TE.mapLeft((error) => {
      const bad: SettingsError = { _tag: 'BadFile', path: base, reason: `cannot be read (${causeOf(error)})` };
      return configFailure([bad]);
    }),
  );
};

/**
 * The configuration that a command line asks for, with notes on what follows from it; `base` is a preset, or a file where it ends
 * in `.json` or has a slash.
 */
export const loadResolved = (
  { base, settings, flags }: ConfigArguments,
  kept: Kept = null,
): TE.TaskEither<Failure, Resolved> =>
  pipe(
    readBase(base),
    TE.flatMapEither((read) => E.mapLeft(configFailure)(resolveRequest({ base: read, settings, flags }, kept))),
  );

/** The configuration alone. */
export const loadConfig = (given: ConfigArguments): TE.TaskEither<Failure, TrainConfig> =>
  pipe(
    loadResolved(given),
    TE.flatMapEither((resolved) => E.mapLeft(configFailure)(heeded(resolved))),
    TE.map(({ config }) => config),
  );
