// What the checks need to know of packages.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './install.mjs';

const readPackage = (folder) => {
  const directory = join(root, folder);
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  /** Public entry points: the export path, its source and its declaration file. */
  const entryPoints = Object.entries(manifest.exports ?? {}).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [{ path, source: target['@torsor/source'], types: target.types }],
  );
  return { folder, directory, manifest, entryPoints, shortName: manifest.name.replace(/^@[^/]*\//, '') };
};

const folders = ['packages', 'apps']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
  .filter((folder) => existsSync(join(root, folder, 'package.json')));

/** The packages to look at: the one that the working directory is, every one that is published elsewhere. */
export const packages = (folders.includes(relative(root, process.cwd())) ? [relative(root, process.cwd())] : folders)
  .map(readPackage)
  .filter(({ manifest }) => !manifest.private);

/** Prints every problem, each with the package it is of, and ends the process: 0 when there is none. */
export const finish = (problems) => {
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
};
