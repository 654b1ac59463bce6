// Every public export carries a docstring with known tags: typedoc's validation, with warnings as problems. In a package
// it looks at that package alone.
import { read } from './documentation.mjs';
import { finish } from './package.mjs';

const problems = [];
const options = {
  requiredToBeDocumented: ['Enum', 'Variable', 'Function', 'Class', 'Interface', 'TypeAlias'],
  readme: 'none',
  validation: { notDocumented: true, invalidLink: true, notExported: false },
  sourceLinkTemplate: '{path}',
};
const { app, project } = await read(options, (message) => {
  // A record's fields explain themselves or are explained by the record's own docstring.
  if (!message.includes(' (Property), ')) problems.push(message);
});
if (project !== undefined) app.validate(project);
finish(project === undefined ? [...problems, 'typedoc made no project'] : problems);
