import { createRequire } from 'node:module';
import { runCommand } from '@torsor/install';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PluginError, PluginTask } from './error.js';
import type { PluginFile } from './inspect.js';

// never unloaded: a plugin's threads do not survive that
const script = `
const [koffiPath, path, ...preload] = process.argv.slice(1);
const koffi = require(koffiPath);
const dlopen = koffi.load(null).func('void *dlopen(const char *path, int flags)');
const [lazy, global, noDelete] = [1, 0x100, 0x1000];
for (const library of preload) dlopen(library, lazy | noDelete | global);
dlopen(path, lazy | noDelete);
const api = koffi.load(path).func('void *GetPjrtApi()')();
const head = Buffer.from(koffi.view(api, 40));
process.stdout.write(head.readInt32LE(32) + '.' + head.readInt32LE(36));
`;

const reasonOf = (output: string, status: string): string =>
  output
    .split('\n')
    .find((line) => line.includes('Error: '))
    ?.replace(/^.*?Error: /, '') ?? status;

/**
 * Loads a plugin and asks for its function table in a process of its own: one that crashes must not take the caller down.
 *
 * @param plugin - the file, and what to say when it does not load.
 * @param preload - libraries to load before it, in this order.
 * @returns the version of the PJRT C API that it speaks, for example `0.115`.
 * @errors `TrialFailed` with the loader's message, or the signal that ended the process.
 */
export const tryPlugin = ({ path, remedy }: PluginFile, preload: readonly string[]): PluginTask<string> => {
  const koffi = createRequire(import.meta.url).resolve('koffi');
  return pipe(
    runCommand(process.execPath, ['-e', script, koffi, path, ...preload]),
    TE.mapLeft(
      (error): PluginError =>
        error._tag === 'CommandFailed'
          ? { _tag: 'TrialFailed', path, reason: reasonOf(error.output, error.status), remedy }
          : error,
    ),
  );
};
