import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PjrtError } from './error.js';
import type { Library } from './library.js';
import type { Address } from './struct.js';

type Outcome = E.Either<PjrtError, unknown>;

const isReady = (library: Library, event: Address): boolean => {
  const answer = library.call('Event_IsReady', { event });
  return E.isRight(answer) && answer.right.read('is_ready') !== 0n;
};

const pending = new Map<Address, Library>();

/**
 * When the process ends, it waits for what is in flight: a plugin's threads that were still at work would meet objects that
 * the end of the process destroys.
 */
const waitAtExit = (): void => {
  for (const [event, library] of pending) library.call('Event_Await', { event });
};

const awaitPending = async (library: Library, event: Address): Promise<Outcome> => {
  if (!process.listeners('exit').includes(waitAtExit)) process.on('exit', waitAtExit);
  pending.set(event, library);
  const outcome = await library.callAsync('Event_Await', { event })();
  pending.delete(event);
  return outcome;
};

/**
 * Waits for an event off Node's thread, and gives it back. What is done already costs no turn of a thread.
 *
 * @errors what went wrong with the work that it stands for.
 */
export const awaitEvent =
  (library: Library, event: Address): TaskEither<PjrtError, void> =>
  async () => {
    const outcome: Outcome = isReady(library, event)
      ? library.call('Event_Error', { event })
      : await awaitPending(library, event);
    library.call('Event_Destroy', { event });
    return E.map(() => undefined)(outcome);
  };

/** Waits for all of them; the first error of any. */
export const awaitEvents =
  (library: Library, events: readonly Address[]): TaskEither<PjrtError, void> =>
  async () => {
    const results = await Promise.all(events.map((event) => awaitEvent(library, event)()));
    return results.find(E.isLeft) ?? E.right(undefined);
  };
