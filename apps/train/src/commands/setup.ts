import { runPackageInstaller, setupTfjsNative, showNativeSetupError } from '@torsor/backend-tfjs';
import { setupXla, showPluginError } from '@torsor/backend-xla';
import { cacheDirectory } from '@torsor/install';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { Failure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import type { CommandEnv } from './environment.js';

type SetupCommand = Extract<Command, { readonly _tag: 'SetupTfjsNative' }>;

type SetupXlaCommand = Extract<Command, { readonly _tag: 'SetupXla' }>;

/** `torsor setup tfjs-native`: links the binding, or runs the package's own installer, inside the cache. */
export const runSetup = (
  { cuda, packageInstaller }: SetupCommand,
  { report, env, project }: CommandEnv,
): TE.TaskEither<Failure, Event> => {
  const variant = cuda ? 'cuda' : 'cpu';
  const cache = cacheDirectory(env);
  const log = (message: string): void => report({ _tag: 'Log', message });
  const linked = pipe(
    setupTfjsNative({ variant, cache, log, project }),
    TE.map(({ directory, tensorflow, reused }) => ({
      text: `${reused ? 'already linked' : 'linked'} against ${tensorflow} in ${directory}`,
      directory,
    })),
  );
  const installed = pipe(
    runPackageInstaller(variant, cache, env, log),
    TE.map((directory) => ({ text: `installed in ${directory}`, directory })),
  );
  return pipe(
    packageInstaller ? installed : linked,
    TE.bimap(
      (error): Failure => ({ exit: 'backend', messages: [showNativeSetupError(error)] }),
      ({ text, directory }): Event => ({ _tag: 'Result', text, data: { variant, directory } }),
    ),
  );
};

/** `torsor setup xla`: fetches an XLA plugin into the cache. */
export const runSetupXla = ({ cuda }: SetupXlaCommand, { report, env }: CommandEnv): TE.TaskEither<Failure, Event> =>
  pipe(
    setupXla({
      variant: cuda ? 'cuda' : 'cpu',
      cache: cacheDirectory(env),
      log: (message) => report({ _tag: 'Log', message }),
    }),
    TE.bimap(
      (error): Failure => ({ exit: 'backend', messages: [showPluginError(error)] }),
      ({ directory, variant, plugin, release, reused }): Event => ({
        _tag: 'Result',
        text: `${reused ? 'already there' : 'unpacked'}: ${release} in ${directory}`,
        data: { variant, directory, plugin, release, reused },
      }),
    ),
  );
