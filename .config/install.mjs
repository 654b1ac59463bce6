// Brings node_modules in step with pnpm-lock.yaml: needs only Node and npm, runs no package's install script.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const stamp = join(root, 'node_modules', '.torsor-lock');

/** The environment of every child: our own binaries first, no telemetry, no question asked. */
export const environment = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  npm_config_yes: 'true',
  npm_config_update_notifier: 'false',
};

/** Runs a command to its end without showing it: its exit code, what it printed and how long it took. */
export const quietly = (command, args, options = {}) =>
  new Promise((resolve) => {
    const start = Date.now();
    const child = spawn(command, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const end = (code, extra = '') =>
      resolve({ code, output: Buffer.concat(chunks).toString() + extra, seconds: (Date.now() - start) / 1000 });
    child.on('error', (error) => end(127, `${command}: ${error.message}\n`));
    child.on('close', (code, signal) => end(signal === null ? code : 130));
  });

/** Shows `label` while `work` runs: a ticking line on a terminal, one plain line elsewhere. */
export const progress = async (label, work) => {
  const { stderr } = process;
  const start = Date.now();
  const seconds = () => Math.round((Date.now() - start) / 1000);
  if (!stderr.isTTY) stderr.write(`torsor: ${label} …\n`);
  const timer = stderr.isTTY && setInterval(() => stderr.write(`\rtorsor: ${label} … ${seconds()} s`), 200);
  const result = await work;
  if (timer) {
    clearInterval(timer);
    stderr.write(`\rtorsor: ${label}: ${seconds()} s   \n`);
  }
  return result;
};

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');

const inStep = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash();

/** Installs the locked dependencies unless they are there already; false when the installation failed. */
export const install = async () => {
  if (inStep()) return true;
  const pnpm = manifest.packageManager;
  const { code, output } = await progress(
    'installing the locked dependencies',
    quietly('npx', ['-y', pnpm, 'install', '--frozen-lockfile', '--ignore-scripts', '--reporter=append-only']),
  );
  if (code !== 0) {
    process.stderr.write(
      `${output}\ntorsor: \`npx -y ${pnpm} install --frozen-lockfile\` failed with exit code ${code}.\n`,
    );
    process.stderr.write('torsor: the npm registry must be reachable for the first installation.\n');
    return false;
  }
  writeFileSync(stamp, lockHash());
  return true;
};
