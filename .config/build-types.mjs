// The declarations of the package in the working directory, beside its JavaScript: dist/**/*.d.ts, a file for each source. By
// TypeScript 7, in a fraction of the time in which a bundler of declarations makes one file of them.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './install.mjs';

const tsc = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
const made = join('.turbo', 'types');

const flags = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', root, '--outDir', made];

// The packages that it imports are read as sources too: theirs are made and left behind.
rmSync(made, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [tsc, ...flags], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

mkdirSync('dist', { recursive: true });
for (const file of readdirSync('dist', { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
  rmSync(join('dist', file));
}
cpSync(join(made, relative(root, process.cwd()), 'src'), 'dist', { recursive: true });
rmSync(made, { recursive: true, force: true });
