#!/usr/bin/env node
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import * as E from 'fp-ts/lib/Either.js';
import type { Command } from './cli/command.js';
import { exitCodes } from './cli/exit-codes.js';
import { parseCommand, type UsageError } from './cli/parse.js';
import { typedAs } from './cli/typed.js';
import type { CommandEnv } from './commands/environment.js';
import { runCommand } from './commands/run.js';
import type { Failure } from './failure.js';
import type { Reporter } from './terminal/event.js';
import { reporterFor } from './terminal/reporter.js';

const packageVersion = (): string => {
  const manifest: unknown = createRequire(import.meta.url)('../package.json');
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
};

const fail = (reporter: Reporter, { exit, messages }: Failure): void => {
  const { code } = exitCodes[exit];
  for (const message of messages) reporter.report({ _tag: 'Failure', message, code });
  process.exitCode = code;
};

const environment = (reporter: Reporter): CommandEnv => ({
  report: reporter.report,
  env: process.env,
  typed: typedAs({ env: process.env, file: process.argv[1] ?? '', folder: process.cwd() }),
  project: process.cwd(),
  version: packageVersion(),
  clock: () => performance.now() / 1000,
  now: () => new Date(),
  memory: () => process.memoryUsage.rss(),
  // 0, or a number beyond any machine, where nothing limits the process.
  totalMemory: () => Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  signals: process,
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  exit: (code) => process.exit(code),
});

const execute = async (command: Command, reporter: Reporter): Promise<void> => {
  const result = await runCommand(command, environment(reporter))();
  if (E.isLeft(result)) fail(reporter, result.left);
  else reporter.report(result.right);
  reporter.close();
};

const refuse = (error: UsageError, reporter: Reporter): void => {
  const message = error._tag === 'Refused' ? error.message : 'a command is needed';
  if (error._tag === 'NoCommand') process.stderr.write(`${error.help}\n\n`);
  fail(reporter, { exit: 'usage', messages: [message] });
};

const main = async (): Promise<void> => {
  const words = process.argv.slice(2);
  const reporter = reporterFor(process, words.includes('--json'));
  const parsed = parseCommand(words, packageVersion());
  if (E.isLeft(parsed)) return refuse(parsed.left, reporter);
  if (parsed.right._tag === 'Command') return execute(parsed.right.command, reporter);
  process.stdout.write(`${parsed.right.text}\n`);
};

await main();
