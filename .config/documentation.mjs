// The public exports of every package as one typedoc project: the gate validates it, `pnpm run docs` writes it out.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Application, LogLevel } from 'typedoc';
import { root } from './install.mjs';
import { packages } from './package.mjs';

/** What can be imported by a name: its source, and the folder of its package. */
export const modules = packages.flatMap(({ folder, directory, manifest, entryPoints }) =>
  entryPoints.map(({ path, source }) => ({
    name: manifest.name + path.slice(1),
    source: join(directory, source),
    folder,
  })),
);

/** Reads the modules, hands every complaint to `warn`; the project is undefined where typedoc refuses. */
export const read = async (options, warn) => {
  const app = await Application.bootstrap({
    name: 'torsor',
    entryPoints: modules.map(({ source }) => source),
    // Its neighbour tsdoc.json names our tags.
    tsconfig: join(root, '.config/tsconfig.docs.json'),
    // Types are checked package by package.
    skipErrorChecking: true,
    disableGit: true,
    basePath: root,
    ...options,
  });
  app.logger = Object.assign(Object.create(app.logger), {
    addContext: (message) => message,
    log: (message, level) => level >= LogLevel.Warn && warn(message, level),
  });
  const points = (app.getEntryPoints() ?? []).map((point) => {
    const module = modules.find(({ source }) => source === point.sourceFile.fileName);
    const readme = join(root, module.folder, 'README.md');
    return { ...point, displayName: module.name, ...(existsSync(readme) ? { readmeFile: readme } : {}) };
  });
  return { app, project: app.converter.convert(points) };
};
