import type { Backend } from '@torsor/backend';
import { type BackendName, openBackend } from '@torsor/backends';
import type { Mesh } from '@torsor/sharding';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Failure } from '../failure.js';
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
