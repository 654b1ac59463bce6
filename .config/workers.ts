// Node loads no TypeScript in a worker thread: tests start it from a bundle of its sources, in the folder of temporary files.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'tsup';

const worker = /new URL\('(\.\/[\w-]+)\.js', import\.meta\.url\)/;

/** Packages stay outside, each named by its place: the bundle lies where none would be found. */
const outside = {
  name: 'outside',
  setup: (
    bundle: Parameters<NonNullable<NonNullable<Parameters<typeof build>[0]['esbuildPlugins']>[number]['setup']>>[0],
  ) => {
    bundle.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, kind, importer, resolveDir }) => {
      if (pluginData === outside || path.startsWith('@torsor/') || path.startsWith('node:')) return undefined;
      const found = await bundle.resolve(path, { kind, importer, resolveDir, pluginData: outside });
      return found.errors.length > 0 || !found.path.startsWith('/')
        ? { path, external: true }
        : { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

const bundled = async (source: string): Promise<string> => {
  const outDir = mkdtempSync(join(tmpdir(), 'worker-'));
  await build({
    entry: { worker: source },
    outDir,
    outExtension: () => ({ js: '.mjs' }),
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    config: false,
    silent: true,
    splitting: false,
    noExternal: [/./],
    esbuildPlugins: [outside],
    esbuildOptions: (options) => {
      options.conditions = ['@torsor/source'];
    },
  });
  return pathToFileURL(join(outDir, 'worker.mjs')).href;
};

const built = new Map<string, Promise<string>>();

/** A source that names a worker beside it by `new URL('./name.js', import.meta.url)` gets the bundle's address. */
export const workers = {
  name: 'torsor-workers',
  enforce: 'pre' as const,
  transform: async (code: string, id: string): Promise<string | undefined> => {
    const named = worker.exec(code);
    if (named === null || !id.endsWith('-file.ts')) return undefined;
    const source = resolve(dirname(id), `${named[1]}.ts`);
    if (!existsSync(source)) return undefined;
    const url = built.get(source) ?? bundled(source);
    built.set(source, url);
    return code.replace(named[0], `new URL(${JSON.stringify(await url)})`);
  },
};
