import { spawn } from 'node:child_process';
import * as E from 'fp-ts/lib/Either.js';

/** A command, and what it needs to know. */
export type Child = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

const kept = 2000;

/**
 * Runs a process to its end.
 *
 * @returns what it wrote to standard output; on the left, how it ended and the end of what it wrote to standard error.
 */
export const runChild = ({ command, args, env = {} }: Child): Promise<E.Either<string, string>> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => resolve(E.left(error.message)));
    child.on('close', (code, signal) => {
      const complaint = Buffer.concat(err).toString().slice(-kept);
      const ended = `${command} ended with ${code ?? signal}:\n${complaint}`;
      resolve(code === 0 ? E.right(Buffer.concat(out).toString()) : E.left(ended));
    });
  });
