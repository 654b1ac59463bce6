import { type Backend, type BackendError, referenceBackend, showBackendError } from '@torsor/backend';
import { type NativePlaces, openTfjs } from '@torsor/backend-tfjs';
import { openXla } from '@torsor/backend-xla';
import { cacheDirectory } from '@torsor/install';
import type { Mesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import type * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Attempt, explainChoice, type Machine } from './choice.js';
import { hasNvidiaGpu } from './gpu.js';
import { automatic, type BackendKind, type BackendName } from './names.js';

/** A backend ready to compile, and in words why it is this one. */
export type Opened = { readonly backend: Backend; readonly messages: readonly string[] };

/** Where backends are looked for, and the devices that are wanted. */
export type Wanted = NativePlaces & {
  /** Only XLA has one; one device when absent or `null`. */
  readonly mesh?: Mesh | null;
};

/** A search whose outcome is told to a user. */
export type Told = Wanted & Pick<Machine, 'typed'>;

const open = (kind: BackendKind, places: Wanted, log: (line: string) => void): TE.TaskEither<BackendError, Backend> => {
  if (kind === 'reference') return TE.right(referenceBackend());
  const { env, mesh = null } = places;
  return kind === 'xla' ? openXla({ env, cache: cacheDirectory(env), mesh, log }) : openTfjs(kind, places);
};

/**
 * Who names a plugin, or a mesh, asks for XLA: another backend in its place would hide that it does not work, and none has
 * several devices.
 */
export const wantedOf = (asked: BackendName, { env, mesh = null }: Pick<Wanted, 'env' | 'mesh'>): BackendName =>
  asked === 'auto' && (mesh !== null || (env['TORSOR_PJRT_PLUGIN'] ?? '') !== '') ? 'xla' : asked;

/** What came of opening a backend: in words, and the backend itself. */
export type Tried = { readonly attempt: Attempt; readonly opened: E.Either<BackendError, Backend> };

/** Opens one backend. */
export const tryBackend =
  (kind: BackendKind, places: Wanted): T.Task<Tried> =>
  async () => {
    const notes: string[] = [];
    const opened = await open(kind, places, (line) => notes.push(`not used: ${line}`))();
    const available = E.isRight(opened);
    const outcome = available ? opened.right.capabilities.description : showBackendError(opened.left);
    return { attempt: { kind, available, detail: [outcome, ...notes].join('\n') }, opened };
  };

/**
 * Opens the backend that is asked for; for `auto`, the fastest that can be opened.
 *
 * @returns the left holds a line for each backend that was tried.
 */
export const openBackend =
  (asked: BackendName, places: Told): TE.TaskEither<readonly string[], Opened> =>
  async () => {
    const attempts: Attempt[] = [];
    const machine = { gpu: hasNvidiaGpu(), typed: places.typed };
    const wanted = wantedOf(asked, places);
    for (const kind of wanted === 'auto' ? automatic : [wanted]) {
      const { attempt, opened } = await tryBackend(kind, places)();
      attempts.push(attempt);
      if (E.isRight(opened))
        return E.right({ backend: opened.right, messages: explainChoice(wanted, attempts, machine) });
    }
    return E.left(explainChoice(wanted, attempts, machine));
  };
