import { cameraSize, type DataError, type Episode, type Size, wantedSize } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { PicturedDataset } from './place.js';

/** A camera, and the size that its pictures are wanted in. */
export type Camera = {
  readonly name: string;
  readonly isVideo: boolean;
  /** As `meta/info.json` gives it. */
  readonly expected: Size;
  readonly wanted: Size;
};

/** One picture that is wanted; `key` is another for every other picture. */
export type Wanted = { readonly key: string; readonly episode: Episode; readonly frame: number };

/**
 * A camera of a dataset.
 *
 * @errors `UnknownPictures`, `InvalidField`, `ShapeMismatch`.
 */
export const cameraOf = (dataset: PicturedDataset, name: string, size?: Size): E.Either<DataError, Camera> =>
  pipe(
    cameraSize(dataset, name),
    E.bindTo('expected'),
    E.bind('wanted', ({ expected }) => wantedSize(name, expected, size)),
    E.map((sizes) => ({ name, isVideo: dataset.features.get(name)?.dtype === 'video', ...sizes })),
  );
