// The root scripts: `node .config/run.mjs <job> [arguments]`. Each installs first where node_modules is out of step.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environment, install, progress, quietly, root } from './install.mjs';
import { verify } from './verify.mjs';

/** Runs a command in the foreground; Ctrl-C reaches it, and its exit code is ours. */
const foreground = (command, args, { cwd = root, env = {} } = {}) =>
  new Promise((done) => {
    const child = spawn(command, args, { cwd, env: { ...environment, ...env }, stdio: 'inherit' });
    // A terminal sends SIGINT to the whole group; elsewhere it reaches only us. Either way the child ends first.
    process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('error', (error) => {
      process.stderr.write(`torsor: ${command}: ${error.message}\n`);
      done(127);
    });
    child.on('close', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });

const build = async (...filters) => {
  const turbo = ['run', 'build', '--output-logs=errors-only', ...filters.map((filter) => `--filter=${filter}`)];
  const { code, output } = await progress('building', quietly('turbo', turbo));
  if (code !== 0) process.stderr.write(output);
  return code;
};

// Relative paths on the command line are relative to where the user typed it.
const typedIn = process.env.INIT_CWD ?? root;

// How the user called us: what the binary's hints begin with.
const callOf = (script) => {
  const manager = /^\w+/.exec(process.env.npm_config_user_agent ?? '')?.[0];
  if (process.env.npm_lifecycle_event !== script) return 'node .config/run.mjs torsor';
  if (manager !== 'npm') return `${manager} ${script}`;
  return script === 'start' ? 'npm start --' : 'npm run torsor --';
};

const binary =
  (script, ...before) =>
  async (...args) =>
    (await build('@torsor/train...')) ||
    foreground(process.execPath, [join(root, 'apps/train/dist/main.js'), ...before, ...args], {
      cwd: typedIn,
      env: { TORSOR_INVOKED_AS: callOf(script) },
    });

const goldenWith = (env, ...args) => {
  const directory = process.env.TORSOR_GOLDEN;
  if (directory) env.TORSOR_GOLDEN = resolve(typedIn, directory);
  if (directory && !existsSync(env.TORSOR_GOLDEN)) {
    // Every group would be absent, and a run of skipped tests passes.
    process.stderr.write(
      `torsor: TORSOR_GOLDEN: there is no ${env.TORSOR_GOLDEN}: name a directory of golden numbers\n`,
    );
    return 2;
  }
  return foreground('pnpm', ['--filter', '@torsor/conformance', 'run', 'test:golden', ...args], { env });
};

const golden = (...args) => goldenWith({}, ...args);

// The golden tests, and the table of their errors as docs/fidelity.md.
const fidelity = async (...args) =>
  (await goldenWith({ TORSOR_FIDELITY: 'write' }, ...args)) ||
  foreground('biome', ['format', '--write', 'docs/fidelity.md']);

const updateApi = () =>
  foreground('turbo', ['run', 'build:types', '--output-logs=errors-only']).then(
    (code) => code || foreground(process.execPath, [join(root, '.config/check-api.mjs'), '--update']),
  );

// The table of metrics in docs/metrics.md, which a test of the same file holds to the declarations.
const metricsDocs = () =>
  foreground('pnpm', ['--filter', '@torsor/metrics', 'run', 'test', 'test/docs.test.ts'], {
    env: { TORSOR_DOCS: 'write' },
  });

const jobs = {
  // Every job installs first: this one only does that.
  install: () => 0,
  start: binary('start', 'train'),
  torsor: binary('torsor'),
  verify,
  golden,
  fidelity,
  // What is timed in a process of its own is what a user runs: the built packages.
  bench: async (...args) =>
    (await build('@torsor/bench...')) ||
    foreground('tsx', ['--conditions=@torsor/source', 'src/main.ts', ...args], { cwd: join(root, 'bench') }),
  mutate: (...packages) => foreground(process.execPath, [join(root, '.config/mutate.mjs'), ...packages]),
  docs: () => foreground(process.execPath, [join(root, '.config/api-site.mjs')]),
  'docs:metrics': metricsDocs,
  'api:update': updateApi,
};

const [name = '', ...args] = process.argv.slice(2);
const job = jobs[name];
if (job === undefined) {
  process.stderr.write(`torsor: no job "${name}": expected one of ${Object.keys(jobs).join(', ')}\n`);
  process.exitCode = 2;
} else {
  process.exitCode = (await install()) ? await job(...args.filter((arg, index) => index > 0 || arg !== '--')) : 1;
}
