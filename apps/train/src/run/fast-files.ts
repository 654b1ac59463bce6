import { join } from 'node:path';
import type { FastFiles } from '@torsor/tokenizer';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RunError } from './error.js';
import { readText, writeAtomically } from './files.js';

/**
 * The files of a folder of a FAST tokenizer.
 *
 * @errors `NotReadable`, which names the file.
 */
export const readFastFiles = (folder: string): TE.TaskEither<RunError, FastFiles> =>
  pipe(
    TE.Do,
    TE.bind('processor_config.json', () => readText(join(folder, 'processor_config.json'))),
    TE.bind('tokenizer.json', () => readText(join(folder, 'tokenizer.json'))),
  );

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
