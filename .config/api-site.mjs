// `pnpm run docs`: one site of every public export, README and docs/*.md, in docs/api, to open from disk.
import { readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { LogLevel, PageEvent } from 'typedoc';
import { modules, read } from './documentation.mjs';
import { root } from './install.mjs';

const options = {
  out: join(root, 'docs/api'),
  readme: join(root, 'README.md'),
  projectDocuments: [join(root, 'docs/*.md')],
  // The gate's business (check-docs.mjs).
  validation: false,
  sourceLinkTemplate: '../../../{path}',
  includeVersion: true,
  hideGenerator: true,
  searchInComments: true,
};
const { app, project } = await read(options, (message, level) => {
  if (level >= LogLevel.Error) console.error(message);
});
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
