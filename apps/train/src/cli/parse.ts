import { CommanderError } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import type { Command } from './command.js';
import { program } from './program.js';

/** What a command line means: a command, or a text to print (help, version). */
export type Parsed =
  | { readonly _tag: 'Command'; readonly command: Command }
  | { readonly _tag: 'Text'; readonly text: string };

/** A refused command line: which word, and the nearest one that would do; or no command at all. */
export type UsageError =
  | { readonly _tag: 'Refused'; readonly message: string }
  | { readonly _tag: 'NoCommand'; readonly help: string };

const thrownBy = (parse: () => unknown): CommanderError | null => {
  try {
    parse();
    return null;
  } catch (error) {
    if (error instanceof CommanderError) return error;
    throw error;
  }
};

const words = (message: string): string => message.replace(/^error: /, '');

/**
 * What `torsor <arguments>` means.
 *
 * @param given - the arguments after the program's name.
 * @param version - printed by `--version`.
 * @errors `NoCommand` with the help of what was begun; `Refused` for an unknown command or flag (with the nearest), a missing value, or
 * flags that exclude each other.
 */
export const parseCommand = (given: readonly string[], version: string): E.Either<UsageError, Parsed> => {
  const accepted: Command[] = [];
  const printed: string[] = [];
  const accept = (command: Command): unknown => accepted.push(command);
  const print = (text: string): unknown => printed.push(text);
  const error = thrownBy(() => program(version, accept, print).parse(given, { from: 'user' }));
  const text = printed.join('').trimEnd();
  if (error !== null && error.exitCode !== 0) {
    const nothing = text === '';
    return E.left(nothing ? { _tag: 'Refused', message: words(error.message) } : { _tag: 'NoCommand', help: text });
  }
  const command = accepted[0];
  return E.right(command === undefined ? { _tag: 'Text', text } : { _tag: 'Command', command });
};
