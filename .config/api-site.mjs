// `pnpm run docs`: one site of every public export, README and docs/*.md, in docs/api, to open from disk.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { Application, LogLevel, PageEvent } from 'typedoc';
import { root } from './install.mjs';

/** What can be imported by a name: its source, its README, and the folder that links to it. */
const modules = ['packages', 'apps']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
  .filter((folder) => existsSync(join(root, folder, 'package.json')))
  .flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (manifest.private) return [];
    const sources = Object.entries(manifest.exports ?? {}).filter(([, target]) => typeof target === 'object');
    return sources.map(([path, target]) => ({
      name: manifest.name + path.slice(1),
      source: join(root, folder, target['@torsor/source']),
      folder,
    }));
  });

const app = await Application.bootstrap({
  name: 'torsor',
  entryPoints: modules.map(({ source }) => source),
  tsconfig: join(root, '.config/tsconfig.docs.json'),
  // Each package is type-checked by itself.
  skipErrorChecking: true,
  out: join(root, 'docs/api'),
  readme: join(root, 'README.md'),
  projectDocuments: [join(root, 'docs/*.md')],
  // What a record's docstring says of its fields, and links between packages, are checked where they are written.
  validation: false,
  disableGit: true,
  sourceLinkTemplate: '../../../{path}',
  basePath: root,
  includeVersion: true,
  hideGenerator: true,
  searchInComments: true,
  logLevel: LogLevel.Error,
});

const points = app.getEntryPoints() ?? [];
const named = points.map((point) => {
  const module = modules.find(({ source }) => source === point.sourceFile.fileName);
  const readme = join(root, module.folder, 'README.md');
  return { ...point, displayName: module.name, ...(existsSync(readme) ? { readmeFile: readme } : {}) };
});
const project = app.converter.convert(named);

if (project === undefined) process.exit(1);

/** READMEs link to folders: a module has a page for its folder, any other folder is where the site lies. */
const target = (folder) => {
  const name = modules.find((module) => module.folder === folder)?.name;
  const module = project.children?.find((child) => child.name === name);
  return module === undefined ? `../../${folder}` : app.renderer.router.getFullUrl(module);
};
const folders = new Map(
  ['packages', 'apps', 'examples', '.']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))
    .map((folder) => [basename(folder), folder]),
);
app.renderer.on(PageEvent.END, (page) => {
  page.contents = page.contents.replace(/href="((?:\.\.\/)*)media\/([\w.-]+)"/g, (link, up, name) =>
    folders.has(name) ? `href="${up}${target(folders.get(name))}"` : link,
  );
});

await app.generateOutputs(project);
console.log(`torsor: the site is ${relative(process.cwd(), join(root, 'docs/api/index.html'))}`);
process.exitCode = app.logger.hasErrors() ? 1 : 0;
