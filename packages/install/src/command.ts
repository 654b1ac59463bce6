import { spawn } from 'node:child_process';
import type { InstallError, InstallTask } from './error.js';

const outputKept = 4000;

/** Where and with which environment a program runs; the caller's own by default. */
export type CommandContext = {
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/**
 * Runs a program to its end, without a shell; its standard output is the result.
 *
 * @param program - name on the PATH or path of the program.
 * @param args - its arguments.
 * @param context - working directory and environment.
 * @errors `CommandFailed` with the last output, also when the program cannot be started.
 */
export const runCommand = (
  program: string,
  args: readonly string[],
  context: CommandContext = {},
): InstallTask<string> => {
  const failed = (status: string, output: string): InstallError => ({
    _tag: 'CommandFailed',
    command: [program, ...args].join(' '),
    status,
    output: output.slice(-outputKept),
  });
  return () =>
    new Promise((resolve) => {
      const child = spawn(program, [...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        ...(context.directory === undefined ? {} : { cwd: context.directory }),
        ...(context.env === undefined ? {} : { env: context.env }),
      });
      let out = '';
      let all = '';
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        all += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        all += chunk.toString();
      });
      child.on('error', (cause) => resolve({ _tag: 'Left', left: failed(cause.message, '') }));
      child.on('close', (code, signal) =>
        resolve(
          code === 0
            ? { _tag: 'Right', right: out }
            : { _tag: 'Left', left: failed(code === null ? `signal ${signal}` : `exit code ${code}`, all) },
        ),
      );
    });
};
