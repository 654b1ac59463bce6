// What the checks need to know of the package they run in (the working directory).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const directory = process.cwd();

/** The manifest of the package in the working directory. */
export const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));

/** The package's name without its scope. */
export const shortName = manifest.name.replace(/^@[^/]*\//, '');

/** Public entry points: the export path, its source and its declaration file. */
export const entryPoints = Object.entries(manifest.exports ?? {}).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [{ path, source: target['@torsor/source'], types: target.types }],
);

/** Prints every problem and ends the process: 0 when there is none. */
export const finish = (problems) => {
  for (const problem of problems) console.error(`${manifest.name}: ${problem}`);
  process.exit(problems.length === 0 ? 0 : 1);
};
