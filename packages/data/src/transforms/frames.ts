import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Dataset, Episode } from '../dataset.js';
import { applyTransforms } from './apply.js';
import { type DataDict, NdArray } from './array.js';
import type { TransformError } from './error.js';
import type { Transform } from './transform.js';
import { float32At } from './typed-entry.js';

/** The frames of an episode as samples with chunks of one action. */
const framesOf = ({ length, state, action }: Episode): DataDict => ({
  state: new NdArray('float32', [length, state.length / length], state),
  actions: new NdArray('float32', [length, 1, action.length / length], action),
});

/**
 * A dataset whose states and actions went through transforms, each frame for itself.
 *
 * @param transforms - of states and actions, whose widths they keep: those that look at one action of a chunk at a time.
 * @errors those of `applyTransforms`.
 * @law what windows of it hold is what the transforms make of the windows of the dataset, up to the rounding of float32.
 */
export const transformFrames =
  (transforms: readonly Transform[]) =>
  (dataset: Dataset): E.Either<TransformError, Dataset> => {
    if (transforms.length === 0) return E.right(dataset);
    const apply = applyTransforms(transforms);
    return pipe(
      dataset.episodes,
      E.traverseArray((episode) =>
        pipe(
          E.Do,
          E.bind('made', () => apply(framesOf(episode))),
          E.bind('state', ({ made }) => float32At(made, 'state')),
          E.bind('action', ({ made }) => float32At(made, 'actions')),
          E.map(({ state, action }): Episode => ({ ...episode, state, action })),
        ),
      ),
      E.map((episodes) => ({ ...dataset, episodes })),
    );
  };
