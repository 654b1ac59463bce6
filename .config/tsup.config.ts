import { existsSync, readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

type Manifest = {
  readonly exports?: Readonly<Record<string, string | { readonly '@torsor/source'?: string }>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));

const exported = Object.values(manifest.exports ?? {}).flatMap((target) =>
  typeof target === 'string' || target['@torsor/source'] === undefined ? [] : [target['@torsor/source']],
);
const binaries = Object.values(manifest.bin ?? {}).map((file) =>
  file.replace('./dist/', './src/').replace(/js$/, 'ts'),
);

// A thread that a package starts, from the file beside its own.
const threads = ['./src/worker.ts'].filter((file) => existsSync(file));

const name = (file: string): string => file.replace('./src/', '').replace(/\.ts$/, '');

export default defineConfig({
  // Every `@torsor/source` target of package.json, every binary and every thread is an entry under its own path.
  entry: Object.fromEntries([...exported, ...binaries, ...threads].map((file) => [name(file), file])),
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  // tsup leaves dependencies outside by itself, but not these.
  external: Object.keys(manifest.optionalDependencies ?? {}),
  // JavaScript and declarations are two turbo tasks writing one directory: each empties only its own half.
  clean: ['!**/*.d.ts'],
});
