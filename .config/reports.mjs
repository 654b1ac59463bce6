// Adds up the vitest JSON reports of every package. Run as a script, its last line is the count.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './install.mjs';

const groups = ['packages', 'apps'];

const children = (directory) =>
  existsSync(directory) ? readdirSync(directory).map((entry) => join(directory, entry)) : [];

const packageDirectories = () => [...groups.flatMap((group) => children(join(root, group))), join(root, 'bench')];

const reportFiles = () =>
  packageDirectories().flatMap((directory) =>
    children(join(directory, 'reports')).filter((file) => /vitest[^/]*\.json$/.test(file)),
  );

/** Removes every earlier report, so that only this run (or turbo's cache of these very inputs) is counted. */
export const removeReports = () => {
  for (const directory of packageDirectories()) rmSync(join(directory, 'reports'), { recursive: true, force: true });
};

/** How to draw a property's counterexample again; empty for a test that is none. */
const again = (file, { failureMessages = [] }) => {
  const seed = /\{ seed: (-?\d+)/.exec(failureMessages.join('\n'))?.[1];
  if (seed === undefined) return '';
  const [, directory, test] = /^(.*?)\/(test\/.*)$/.exec(file) ?? [];
  const config = relative(join(root, directory), join(root, '.config/vitest.config.ts'));
  const command = `TORSOR_SEED=${seed} npx vitest run --config ${config} --root . ${test}`;
  return `\n         again with: cd ${directory} && ${command}`;
};

const fileResult = ({ name, status, message, assertionResults }) => {
  const file = relative(root, name);
  const of = (wanted) =>
    assertionResults
      .filter((test) => wanted.includes(test.status))
      .map((test) => `${file}: ${test.fullName}${again(file, test)}`);
  const failed = of(['failed']);
  return {
    passed: of(['passed']).length,
    // A file that could not be loaded has no tests to blame: the file itself counts as one.
    failed: status === 'failed' && failed.length === 0 ? [`${file}: ${message}`] : failed,
    skipped: of(['skipped', 'pending', 'todo', 'disabled']),
  };
};

/** The sum over all reports: the number passed, and the names of those failed and skipped. */
export const readReports = () => {
  const results = reportFiles().flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).testResults.map(fileResult));
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failed: results.flatMap(({ failed }) => failed),
    skipped: results.flatMap(({ skipped }) => skipped),
  };
};

/** `N passed, N failed` and, where some were, `, N skipped`. */
export const countLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;

/** Names what was skipped (a skipped test carries its reason in its name) and what failed, then counts. */
export const printReports = () => {
  const reports = readReports();
  for (const name of reports.skipped) console.log(`skipped  ${name}`);
  for (const name of reports.failed) console.log(`failed   ${name}`);
  console.log(countLine(reports));
  return reports;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { passed, failed } = printReports();
  process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;
}
