// Every public export carries a docstring with known tags: typedoc's validation, with warnings as problems.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, LogLevel, OptionDefaults } from 'typedoc';
import { directory, entryPoints, finish } from './package.mjs';

const tsdoc = JSON.parse(readFileSync(new URL('./tsdoc.json', import.meta.url), 'utf8'));

const app = await Application.bootstrap({
  entryPoints: entryPoints.map(({ source }) => join(directory, source)),
  tsconfig: join(directory, 'tsconfig.json'),
  blockTags: [...OptionDefaults.blockTags, ...tsdoc.tagDefinitions.map(({ tagName }) => tagName)],
  requiredToBeDocumented: ['Enum', 'Variable', 'Function', 'Class', 'Interface', 'TypeAlias'],
  validation: { notDocumented: true, invalidLink: true, notExported: false },
  disableGit: true,
  sourceLinkTemplate: '{path}',
  logLevel: LogLevel.Warn,
});
const problems = [];
app.logger = Object.assign(Object.create(app.logger), {
  addContext: (message) => message,
  log: (message, level) => {
    // A record's fields explain themselves or are explained by the record's own docstring.
    if (level >= LogLevel.Warn && !message.includes(' (Property), ')) problems.push(message);
  },
});
const project = await app.convert();
if (project !== undefined) app.validate(project);
finish(problems);
