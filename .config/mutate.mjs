// `pnpm mutate [package …]`: Stryker on each package in turn, then one line per package.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, root } from './install.mjs';

const defaults = ['tensor', 'losses', 'optim'];
const config = join(root, '.config', 'stryker.config.mjs');

const killed = ['Killed', 'Timeout'];
const counted = [...killed, 'Survived', 'NoCoverage'];

const score = (directory) => {
  const { files } = JSON.parse(readFileSync(join(directory, 'coverage', 'mutation.json'), 'utf8'));
  const statuses = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const of = (some) => statuses.filter((status) => some.includes(status)).length;
  const percent = ((100 * of(killed)) / Math.max(of(counted), 1)).toFixed(1);
  return `${percent} % of ${of(counted)} mutants killed (${of(['Survived'])} survived, ${of(['NoCoverage'])} never ran)`;
};

const mutate = (name) => {
  const directory = join(root, 'packages', name);
  if (!existsSync(directory)) return { name, ok: false, text: 'no such package' };
  const start = Date.now();
  const { status } = spawnSync('stryker', ['run', config], { cwd: directory, env: environment, stdio: 'inherit' });
  const seconds = Math.round((Date.now() - start) / 1000);
  return { name, ok: status === 0, text: status === 0 ? `${score(directory)} in ${seconds} s` : `exit code ${status}` };
};

const named = process.argv.slice(2);
const results = (named.length > 0 ? named : defaults).map(mutate);
for (const { name, text } of results) console.log(`${name}: ${text}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
