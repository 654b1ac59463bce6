import type { Backend, BackendError } from '@torsor/backend';
import type { Mesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type PluginError, showPluginError } from './native/plugin/error.js';
import { findPlugins, type PluginCandidate } from './native/plugin/find.js';
import { inspectPlugin } from './native/plugin/inspect.js';
import type { PluginEnvironment } from './native/plugin/python.js';
import { executablesDirectory } from './native/plugin/setup.js';
import { openPlugin } from './open.js';
import type { DebugOption } from './options.js';
import type { Precision } from './stablehlo/emitter.js';

/** Where XLA is looked for, and how it is opened. */
export type XlaSearch = {
  /** Environment variables: `TORSOR_PJRT_PLUGIN`, `VIRTUAL_ENV`, `CONDA_PREFIX` and `PATH` are read. */
  readonly env: PluginEnvironment;
  /** The cache directory; see `cacheDirectory` of `@torsor/install`. */
  readonly cache: string;
  /** Devices to split programs over; one device when absent or `null`. */
  readonly mesh?: Mesh | null;
  /** Of products in f32; IEEE's when absent. */
  readonly precision?: Precision;
  /** XLA's debug options by name, as JAX's `compiler_options`; those that keep it to IEEE's meaning are set without. */
  readonly compilerOptions?: Readonly<Record<string, DebugOption>>;
  /** Where compiled programs are kept; a directory of the cache when absent, nowhere when `null`. */
  readonly compileCache?: string | null;
  /** Receives a line for each plugin that was there and could not be used, and when compiled programs cannot be kept. */
  readonly log?: (line: string) => void;
};

const unavailable = (reason: string, remedy: string): BackendError => ({
  _tag: 'Unavailable',
  backend: 'xla',
  reason,
  remedy,
});

const refused = (error: PluginError): BackendError =>
  unavailable(showPluginError(error).replace(/\.$/, ''), 'or choose another backend');

const openCandidate =
  ({ cache, mesh = null, precision = 'highest', compileCache = executablesDirectory(cache), ...rest }: XlaSearch) =>
  (candidate: PluginCandidate): TE.TaskEither<BackendError, Backend> =>
    TE.flatMapEither(() => openPlugin(candidate, { ...rest, compileCache, mesh, precision }))(
      TE.mapLeft(refused)(inspectPlugin(candidate)),
    );

const reasonOf = (error: BackendError): string => ('reason' in error ? error.reason : error._tag);

const noneOf = (reasons: readonly string[]): BackendError =>
  reasons.length === 0
    ? unavailable(
        'TORSOR_PJRT_PLUGIN is not set, and neither the cache nor Python has a plugin',
        'fetch one (setupXla)',
      )
    : unavailable(reasons.join('\n'), 'fetch one (setupXla), or choose another backend');

const openFirst =
  (search: XlaSearch) =>
  (candidates: readonly PluginCandidate[]): TE.TaskEither<BackendError, Backend> =>
  async () => {
    const reasons: string[] = [];
    for (const candidate of candidates) {
      const opened = await openCandidate(search)(candidate)();
      if (E.isRight(opened)) {
        for (const reason of reasons) search.log?.(reason);
        return opened;
      }
      reasons.push(`the plugin of ${candidate.source}: ${reasonOf(opened.left)}`);
    }
    return E.left(noneOf(reasons));
  };

/**
 * Finds the plugins on this machine and opens the best one that works as a backend.
 *
 * @param search - where to look, how to open.
 * @errors `Unavailable` with what is wrong with each plugin that is there, or the command that fetches one.
 */
export const openXla = (search: XlaSearch): TE.TaskEither<BackendError, Backend> => {
  return pipe(findPlugins(search), TE.mapLeft(refused), TE.flatMap(openFirst(search)));
};
