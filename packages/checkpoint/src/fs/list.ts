import { join } from 'node:path';
import { type DirectoryEntry, type FileSystem, nodeFileSystem } from '@torsor/files';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import { checkpointsFolder, isTemporary, stepOf } from '../layout.js';

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
