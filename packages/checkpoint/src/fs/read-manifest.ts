import { join } from 'node:path';
import { type FileSystem, readText } from '@torsor/files';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import { manifestFile } from '../layout.js';
import type { Manifest } from '../manifest.js';
import { decodeManifest } from '../manifest-codec.js';

/**
 * The manifest of a checkpoint of ours, its own hash checked.
 *
 * @errors `CannotRead`, `HashMismatch`, `BadManifest`.
 */
export const readManifest = (fs: FileSystem, directory: string): TE.TaskEither<CheckpointError, Manifest> =>
  pipe(
    readText(fs, join(directory, manifestFile)),
    TE.flatMapEither((text) => decodeManifest(text, directory)),
  );
