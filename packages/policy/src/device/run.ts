import type { BackendError, Buffer } from '@torsor/backend';
import type { TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { backendError, defect } from '../error.js';
import type { Effect } from './compile.js';
import type { Placement } from './placement.js';
import { getTree, type OnDevice, type OnHost, putTree, releaseTree } from './transfer.js';

/** A task of a backend. */
export const onDevice = <A>(task: TE.TaskEither<BackendError, A>): Effect<A> => pipe(task, TE.mapLeft(backendError));

/** Values made of arrays that have the sizes of the model, or there is a defect. */
export const valued = <A>(values: E.Either<{ readonly reason: string }, A>): Effect<A> =>
  TE.fromEither(E.mapLeft(({ reason }: { readonly reason: string }) => defect(reason))(values));

/** Runs with a tree of values on the device and takes it back afterwards, also when the run fails. */
export const withValues =
  <T extends Tree<TensorValue>>(placement: Placement, values: T) =>
  <B>(use: (buffers: OnDevice<T>) => Effect<B>): Effect<B> =>
    TE.bracket(onDevice(putTree(placement)(values)), use, (held) =>
      // A tree of values on the device is a tree of buffers.
      onDevice(releaseTree(placement.backend)(held as Tree<Buffer>)),
    );

/** The results of a run on the host; the device keeps nothing of them, also when they do not get there. */
export const hosted = <T extends Tree<Buffer>>({ backend }: Placement, outputs: T): Effect<OnHost<T>> =>
  TE.bracket(
    TE.right(outputs),
    () => onDevice(getTree(backend)(outputs)),
    () => onDevice(releaseTree(backend)(outputs)),
  );
