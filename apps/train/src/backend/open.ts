import { type Backend, type BackendError, referenceBackend, showBackendError } from '@torsor/backend';
import { type NativePlaces, openTfjs } from '@torsor/backend-tfjs';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Attempt, explainChoice } from './choice.js';
import { automatic, type BackendKind, type BackendName } from './names.js';

/** A backend ready to compile, and in words why it is this one. */
export type Opened = { readonly backend: Backend; readonly messages: readonly string[] };

const open = (kind: BackendKind, places: NativePlaces): TE.TaskEither<BackendError, Backend> =>
  kind === 'reference' ? TE.right(referenceBackend()) : openTfjs(kind, places);

const attemptOf = (kind: BackendKind, opened: E.Either<BackendError, Backend>): Attempt =>
  E.isRight(opened)
    ? { kind, available: true, detail: opened.right.capabilities.description }
    : { kind, available: false, detail: showBackendError(opened.left) };

/**
 * Opens the backend that is asked for; for `auto`, the fastest that can be opened.
 *
 * @returns the left holds a line for each backend that was tried.
 */
export const openBackend =
  (asked: BackendName, places: NativePlaces): TE.TaskEither<readonly string[], Opened> =>
  async () => {
    const attempts: Attempt[] = [];
    for (const kind of asked === 'auto' ? automatic : [asked]) {
      const opened = await open(kind, places)();
      attempts.push(attemptOf(kind, opened));
      if (E.isRight(opened)) return E.right({ backend: opened.right, messages: explainChoice(asked, attempts) });
    }
    return E.left(explainChoice(asked, attempts));
  };
