// The whole gate, fast checks first, cached by turbo: `pnpm verify`, `npm test` and CI.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { environment, root } from './install.mjs';
import { printReports, removeReports } from './reports.mjs';

/** The longest suites by far: they run one after the other beside all else, behind which they would end the gate on one core. */
const longest = ['test:golden', 'test:backends'];

/** First of the others: one of them looks at all declarations, and would wait for everything else otherwise. */
const built = ['build', 'build:types'];

const others = [
  'lint:biome',
  'lint:types',
  'lint:dependencies',
  'lint:unused',
  'lint:workspace',
  'typecheck',
  'test',
  'test:packed',
  'check:package',
  'check:api',
  'check:docs',
];

const summaries = join(root, '.turbo', 'runs');

// What the suites find on this machine decides what they skip: it is part of turbo's hash of the tests.
const machine = () => {
  const cache = process.env.TORSOR_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'torsor');
  const native = existsSync(cache)
    ? readdirSync(cache, { recursive: true }).filter((file) => /(\.node|^xla[^.]*\.so)$/.test(file))
    : [];
  const path = (process.env.PATH ?? '').split(delimiter);
  const programs = ['chromium', 'g++', 'pip'].filter((name) => path.some((folder) => existsSync(join(folder, name))));
  return [process.version, process.platform, process.arch, ...native, ...programs].join(',');
};

/** The seed that no run had before (.config/property-seed.ts): none where the properties draw from a named one. */
const newSeed = () => process.env.TORSOR_NEW_SEED ?? String(Date.now() % 2 ** 31);

const turbo = (names, args, seeds) =>
  new Promise((resolve) => {
    const flags = [
      '--summarize',
      '--continue=dependencies-successful',
      '--output-logs=errors-only',
      '--log-order=grouped',
    ];
    const child = spawn('turbo', ['run', ...names, ...flags, ...args], {
      cwd: root,
      env: { ...environment, ...seeds, TORSOR_MACHINE: machine(), TORSOR_COVERAGE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.pipe(process.stdout);
    child.stderr.pipe(process.stderr);
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });

const taskResults = () =>
  readdirSync(summaries)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => JSON.parse(readFileSync(join(summaries, file), 'utf8')).tasks);

const outcome = (task) => {
  if (task.execution === undefined) return 'not run';
  if (task.execution.exitCode !== 0) return 'failed';
  return task.cache?.status === 'HIT' ? 'cached' : 'ok';
};

const printGate = (results) => {
  for (const name of [...others, ...longest, ...built]) {
    const of = results.filter((result) => result.task === name && result.command !== '<NONEXISTENT>');
    if (of.length === 0) continue;
    const counts = ['ok', 'cached', 'failed', 'not run'].map((kind) => [
      kind,
      of.filter((task) => outcome(task) === kind),
    ]);
    const parts = counts.filter(([, some]) => some.length > 0).map(([kind, some]) => `${some.length} ${kind}`);
    const bad = of.filter((task) => outcome(task) === 'failed').map((task) => task.taskId.replace(/#.*/, ''));
    const named = bad.length > 0 && !name.startsWith('lint') ? `: ${bad.join(', ')}` : '';
    console.log(`${bad.length > 0 ? 'FAILED' : 'ok    '}  ${name.padEnd(18)} ${parts.join(', ')}${named}`);
  }
};

/** Runs the gate; the exit code is non-zero when any task or any test failed. */
export const verify = async (...args) => {
  removeReports();
  rmSync(summaries, { recursive: true, force: true });
  const seeds = process.env.TORSOR_SEED === undefined ? { TORSOR_NEW_SEED: newSeed() } : {};
  if (seeds.TORSOR_NEW_SEED) console.log(`torsor: properties draw from the new seed ${seeds.TORSOR_NEW_SEED} too`);
  const inOrder = async (lists) => {
    const codes = [];
    for (const names of lists) codes.push(await turbo(names, args, seeds));
    return codes;
  };
  const codes = (await Promise.all([inOrder(longest.map((name) => [name])), inOrder([built, others])])).flat();
  console.log('');
  printGate(taskResults());
  const { failed } = printReports();
  return codes.some((code) => code !== 0) || failed.length > 0 ? 1 : 0;
};
