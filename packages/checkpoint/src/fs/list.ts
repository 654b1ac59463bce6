import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import { checkpointsFolder, isTemporary, stepOf } from '../layout.js';
import type { DirectoryEntry, FileSystem } from './file-system.js';
import { nodeFileSystem } from './node-file-system.js';
import { verifyCheckpoint } from './verify.js';

/** A checkpoint by its place; its files have not been read. */
export type CheckpointPath = {
  readonly step: number;
  readonly path: string;
};

/** Everything in a run's checkpoint folder. */
export type CheckpointList = {
  /** Oldest first. */
  readonly checkpoints: readonly CheckpointPath[];
  /** Directories that a save or a removal left unfinished. */
  readonly leftovers: readonly string[];
  /** Names that are neither. */
  readonly unknown: readonly string[];
};

const classify = (parent: string, entries: readonly DirectoryEntry[]): CheckpointList => {
  const checkpoints: CheckpointPath[] = [];
  const leftovers: string[] = [];
  const unknown: string[] = [];
  for (const { name, isDirectory } of entries) {
    const step = stepOf(name);
    const path = join(parent, name);
    if (step !== undefined && isDirectory) checkpoints.push({ step, path });
    else if (isTemporary(name)) leftovers.push(path);
    else unknown.push(path);
  }
  return {
    checkpoints: checkpoints.sort((a, b) => a.step - b.step),
    leftovers: leftovers.sort(),
    unknown: unknown.sort(),
  };
};

/**
 * The checkpoints of a run by step, and what else lies beside them; a run without any gives empty lists.
 *
 * @errors `CannotRead`.
 */
export const listCheckpoints = (
  run: string,
  fs: FileSystem = nodeFileSystem,
): TE.TaskEither<CheckpointError, CheckpointList> => {
  const parent = join(run, checkpointsFolder);
  return pipe(
    fs.list(parent),
    TE.map((entries) => classify(parent, entries ?? [])),
  );
};

/** The newest whole checkpoint, and what was passed over to find it. */
export type LatestCheckpoint = CheckpointPath & {
  /** Why each newer checkpoint was refused, newest first; tell the user before going on from an older one. */
  readonly skipped: readonly CheckpointError[];
  readonly leftovers: readonly string[];
};

const newestWhole = async (
  run: string,
  list: CheckpointList,
  fs: FileSystem,
): Promise<TE.TaskEither<CheckpointError, LatestCheckpoint>> => {
  const skipped: CheckpointError[] = [];
  for (const checkpoint of [...list.checkpoints].reverse()) {
    const verified = await verifyCheckpoint(checkpoint.path, fs)();
    if (verified._tag === 'Right') return TE.right({ ...checkpoint, skipped, leftovers: list.leftovers });
    skipped.push(verified.left);
  }
  return TE.left({ _tag: 'NoCheckpoint', path: run, skipped });
};

/**
 * The newest checkpoint of a run whose every hash agrees; damaged newer ones are passed over and reported.
 *
 * @errors `NoCheckpoint` with the reason for each one refused; `CannotRead`.
 */
export const latestCheckpoint = (
  run: string,
  fs: FileSystem = nodeFileSystem,
): TE.TaskEither<CheckpointError, LatestCheckpoint> =>
  pipe(
    listCheckpoints(run, fs),
    TE.flatMap((list) => async () => (await newestWhole(run, list, fs))()),
  );
