import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's root directory. */
export const repository = join(import.meta.dirname, '../../../..');

const pnpm = join(repository, 'node_modules/.bin/pnpm');

type Manifest = {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
};

/** The parts of a `package.json` that packing needs. */
export const readManifest = (directory: string): Manifest =>
  JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));

const ours = (manifest: Manifest): readonly string[] =>
  Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@torsor/'));

const packageDirectory = (name: string): string => {
  const folder = name.replace('@torsor/', '');
  const [directory] = ['packages', 'apps'].map((group) => join(repository, group, folder)).filter(existsSync);
  if (directory === undefined) throw new Error(`there is no package ${name} in this repository`);
  return directory;
};

/** The workspace packages that manifests need, with those that they need in turn. */
export const closure = (...manifests: readonly Manifest[]): readonly string[] => {
  const found = new Set<string>();
  const pending = manifests.flatMap(ours);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    pending.push(...ours(readManifest(packageDirectory(name))));
  }
  return [...found].sort();
};

/** While pnpm is waited for, no time limit of the test runner can end it. */
const limit = 240_000;

/** Runs pnpm as a user's shell would: nothing of this test runner's environment reaches it. */
export const runPnpm = (directory: string, args: readonly string[]): string => {
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|FORCE_COLOR|npm_|TURBO)/.test(name),
  );
  try {
    return execFileSync(pnpm, [...args], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...Object.fromEntries(environment), NO_COLOR: '1' },
      stdio: 'pipe',
      timeout: limit,
      killSignal: 'SIGKILL',
    });
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    throw new Error(`pnpm ${args.join(' ')} in ${directory} failed:\n${output}${String(error)}`);
  }
};

type Packed = { readonly name: string; readonly filename: string };

/** Packs packages as they would be published, by one pnpm: the path of each tarball by the package's name. */
export const pack = (names: readonly string[], destination: string): ReadonlyMap<string, string> => {
  const missing = names.find((name) => !existsSync(join(packageDirectory(name), 'dist/index.d.ts')));
  if (missing !== undefined) throw new Error(`${missing} is not built: run pnpm build first`);
  const filters = names.map((name) => `--filter=${name}`);
  const packed: Packed | readonly Packed[] = JSON.parse(
    runPnpm(repository, [...filters, 'pack', '--json', '--pack-destination', destination]),
  );
  return new Map([packed].flat().map(({ name, filename }) => [name, filename]));
};
