import type { Backend } from '@torsor/backend';
import { deviceCount } from '@torsor/sharding';
import { admitUpdate, type RunPlace, sharingMesh } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, planFailure } from '../failure.js';
import type { CommandEnv } from './environment.js';
import { startBackend } from './start-backend.js';

/** A backend for a run, and why it is this one. */
export type Devices = { readonly backend: Backend; readonly messages: readonly string[] };

/** A device that does not say what it has is a part of this machine, and so are the others of its mesh. */
const placeOf = (backend: Backend, said: number | null, env: CommandEnv): Pick<RunPlace, 'memory' | 'devices'> => {
  const { mesh } = backend.capabilities;
  const { limitBytes } = backend.memory();
  const own = mesh === undefined ? 1 : deviceCount(mesh);
  if (said !== null) return { memory: said, devices: null };
  return limitBytes === undefined
    ? { memory: env.totalMemory() / own, devices: own }
    : { memory: limitBytes, devices: null };
};

/**
 * Opens the backend of a run for its mesh.
 *
 * @param memory - bytes that each device has; what it says of itself when `null`.
 * @returns the left refuses batches or parameters that the mesh cannot share equally, a backend that cannot be opened, and
 * updates that do not fit in the memory of a device.
 */
export const openDevices = (
  config: TrainConfig,
  memory: number | null,
  vocabulary: number,
  env: CommandEnv,
): TE.TaskEither<Failure, Devices> => {
  const messages: string[] = [];
  return pipe(
    TE.Do,
    TE.bind('shared', () => TE.fromEither(E.mapLeft(planFailure)(sharingMesh(config, vocabulary)))),
    TE.bind('backend', ({ shared }) =>
      startBackend(config.backend, config.mesh === null ? null : shared, env, (message) => messages.push(message)),
    ),
    TE.tap(({ backend }) =>
      TE.fromEither(
        E.mapLeft(planFailure)(admitUpdate(config, { ...placeOf(backend, memory, env), vocabulary, compute: null })),
      ),
    ),
    TE.map(({ backend }) => ({ backend, messages })),
  );
};
