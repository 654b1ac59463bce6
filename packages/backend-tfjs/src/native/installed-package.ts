import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type InstallTask, onFiles } from '@torsor/install';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NodeKind } from './loaded.js';
import { tfjsNodePin } from './pins.js';

/** tfjs-node, or tfjs-node-gpu, as a package manager has installed it. */
export type InstalledPackage = {
  readonly kind: NodeKind;
  readonly version: string;
  /** The package's own directory. */
  readonly directory: string;
};

const versionIn = (manifest: string): string => {
  const { version }: { readonly version?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'));
  return typeof version === 'string' ? version : 'no version';
};

const resolvedFrom = (file: string, kind: NodeKind): InstalledPackage | undefined => {
  try {
    const manifest = createRequire(file).resolve(`@tensorflow/${kind}/package.json`);
    return { kind, version: versionIn(manifest), directory: dirname(manifest) };
  } catch {
    return undefined;
  }
};

/** A package as the user's project has it, else as this package's optional peer; `undefined` where neither has. */
export const installedPackage = (kind: NodeKind, project: string): InstalledPackage | undefined =>
  resolvedFrom(join(project, 'package.json'), kind) ?? resolvedFrom(import.meta.url, kind);

/** The installed package whose files are those of the pinned release: both packages hold the same sources. */
export const installedSources = (project: string): InstalledPackage | undefined =>
  (['tfjs-node-gpu', 'tfjs-node'] as const)
    .map((kind) => installedPackage(kind, project))
    .find((found) => found?.version === tfjsNodePin.version);

/** The binding's sources and the JavaScript that drives it; not what the package's installer has put beside them. */
const copied = ['package.json', 'binding', 'dist'];

/** Copies an installed package's own files, so that what is linked does not change when the project does. */
export const copyInstalled = ({ directory }: InstalledPackage, target: string): InstallTask<unknown> =>
  TE.traverseSeqArray((name: string) =>
    onFiles(join(directory, name), () => cp(join(directory, name), join(target, name), { recursive: true })),
  )(copied);
