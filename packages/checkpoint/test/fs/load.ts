import { type FileSystem, nodeFileSystem } from '@torsor/files';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError, Expectations, OpenCheckpoint, TypedTensor } from '../../src/index.js';
import { readTensors, withCheckpoint } from '../../src/index.js';

/** A checkpoint in memory: what the tests save is small. */
export type Loaded = Omit<OpenCheckpoint, 'sources'> & {
  readonly tensors: ReadonlyMap<string, ReadonlyMap<string, TypedTensor>>;
};

/** Opens a checkpoint and reads every tensor of it. */
export const load = (
  path: string,
  expectations: Expectations = {},
  fs: FileSystem = nodeFileSystem,
): TE.TaskEither<CheckpointError, Loaded> =>
  withCheckpoint(
    path,
    expectations,
    fs,
  )(({ sources, ...rest }) =>
    pipe(
      [...sources],
      TE.traverseSeqArray(([file, source]) =>
        pipe(
          readTensors(source),
          TE.map((tensors) => [file, tensors] as const),
        ),
      ),
      TE.map((tensors) => ({ ...rest, tensors: new Map(tensors) })),
    ),
  );
