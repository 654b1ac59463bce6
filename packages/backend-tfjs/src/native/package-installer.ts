import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Log, onFiles, runCommand, writeText } from '@torsor/install';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type NativeVariant, packageInstallDirectory } from './directories.js';
import type { NativeTask } from './error.js';
import { tfjsNodePin } from './pins.js';

/**
 * Installs tfjs-node (or tfjs-node-gpu) into the cache and runs the package's own installer there.
 *
 * That installer downloads libtensorflow 2.9 (for `cuda`: with CUDA 11.2) and a prebuilt binding from the TensorFlow project's own file host.
 *
 * @param variant - `cuda` installs tfjs-node-gpu.
 * @param cache - the cache directory.
 * @param env - the caller's environment.
 * @param log - progress.
 * @returns the directory whose `node_modules` holds the package.
 * @errors `CommandFailed` when npm or the installer fails, for example where its host cannot be reached; `FileSystem`.
 */
export const runPackageInstaller = (
  variant: NativeVariant,
  cache: string,
  env: Readonly<Record<string, string | undefined>>,
  log: Log,
): NativeTask<string> => {
  const directory = packageInstallDirectory(cache, variant);
  const name = variant === 'cuda' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  const bin = join(directory, 'node_modules', '.bin');
  const spec = `${name}@${tfjsNodePin.version}`;
  const steps = variant === 'cuda' ? ['gpu', 'download'] : ['cpu', 'download'];
  return pipe(
    onFiles(directory, async () => {
      await mkdir(directory, { recursive: true });
      await writeText(join(directory, 'package.json'), '{ "private": true }\n');
    }),
    TE.tap(() => TE.fromIO(() => log(`npm install ${spec}`))),
    TE.flatMap(() =>
      runCommand('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', spec], { directory }),
    ),
    TE.tap(() => TE.fromIO(() => log(`the installer of ${name}`))),
    TE.flatMap(() =>
      runCommand(process.execPath, [join('scripts', 'install.js'), ...steps], {
        directory: join(directory, 'node_modules', ...name.split('/')),
        env: { ...env, PATH: `${bin}${delimiter}${env['PATH'] ?? ''}` },
      }),
    ),
    TE.map(() => directory),
  );
};
