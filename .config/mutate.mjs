// `pnpm mutate [part …] [--tests path] [--concurrency n]`: Stryker on each part in turn, then one line per part.
// A part is a package, or a folder or file of one: `losses`, `data:src/transforms`, `tensor:src/ops/scan.ts`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { environment, root } from './install.mjs';

const defaults = ['training', 'policy', 'metrics', 'data:src/transforms', 'tensor', 'losses', 'optim'];
const config = join(root, '.config', 'stryker.config.mjs');

const killed = ['Killed', 'Timeout'];
const alive = ['Survived', 'NoCoverage'];

const pattern = (path, ending = '.ts') => (path.endsWith('.ts') ? path : `${path}/**/*${ending}`);

/** The text between two places of a source, on one line. */
const excerpt = (source, { start, end }) => {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return lines.join(' ').replace(/\s+/g, ' ');
};

const survivor = (file, source, { status, location, mutatorName, replacement }) => {
  const place = `${file}:${location.start.line}:${location.start.column}`;
  const change = `${excerpt(source, location)} -> ${replacement.replace(/\s+/g, ' ')}`;
  return `${place} ${status === 'Survived' ? 'survived' : 'never ran'} (${mutatorName}): ${change}`;
};

const summary = (report, survivorFile) => {
  const { files } = JSON.parse(readFileSync(report, 'utf8'));
  const mutants = Object.entries(files).flatMap(([file, { source, mutants: of }]) =>
    of.map((mutant) => ({ file, source, mutant })),
  );
  const count = (statuses) => mutants.filter(({ mutant }) => statuses.includes(mutant.status)).length;
  const left = mutants.filter(({ mutant }) => alive.includes(mutant.status));
  writeFileSync(survivorFile, left.map(({ file, source, mutant }) => `${survivor(file, source, mutant)}\n`).join(''));
  const total = count([...killed, ...alive]);
  const percent = ((100 * count(killed)) / Math.max(total, 1)).toFixed(1);
  return `${percent} % of ${total} mutants killed; ${left.length} left, listed in ${relative(root, survivorFile)}`;
};

const mutate = (part, { tests, concurrency }) => {
  const [name = '', path = 'src'] = part.split(':');
  const directory = join(root, 'packages', name);
  if (!existsSync(join(directory, path))) return { part, ok: false, text: `no packages/${name}/${path}` };
  const suffix = path === 'src' ? '' : `-${path.replace(/[/.]/g, '-')}`;
  const report = join(directory, 'coverage', `mutation${suffix}.json`);
  const flags = [
    ...['--mutate', `${pattern(path)},!src/**/index.ts`],
    ...(concurrency === undefined ? [] : ['--concurrency', concurrency]),
  ];
  // Stryker's own --testFiles leaves every mutant of a module's top level alive: it activates them after loading.
  const chosen = tests === undefined ? {} : { TORSOR_TESTS: pattern(tests, '.test.ts') };
  const start = Date.now();
  const { status } = spawnSync('stryker', ['run', config, ...flags], {
    cwd: directory,
    env: { ...environment, ...chosen, TORSOR_MUTATION_REPORT: report },
    stdio: 'inherit',
  });
  const seconds = Math.round((Date.now() - start) / 1000);
  if (status !== 0) return { part, ok: false, text: `exit code ${status}` };
  const survivors = join(directory, 'coverage', `survivors${suffix}.txt`);
  return { part, ok: true, text: `${summary(report, survivors)} (${seconds} s)` };
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tests: { type: 'string' }, concurrency: { type: 'string' } },
});
const results = (positionals.length > 0 ? positionals : defaults).map((part) => mutate(part, values));
for (const { part, text } of results) console.log(`${part}: ${text}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
