import { join } from 'node:path';
import type { FastFiles } from '@torsor/tokenizer';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RunError } from './error.js';
import { writeAtomically } from './files.js';

/**
 * Writes the files of a FAST tokenizer, each whole or not at all.
 *
 * @errors `NotWritable`
 */
export const writeFastFiles = (folder: string, files: FastFiles): TE.TaskEither<RunError, void> =>
  pipe(
    Object.entries(files),
    TE.traverseSeqArray(([name, text]) => writeAtomically(join(folder, name), text)),
    TE.map(() => undefined),
  );
