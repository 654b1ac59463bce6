import { expectation, flagLayer, type Layer, parseValue } from '@torsor/settings';
import { CommanderError } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as z from 'zod';
import { shorthands } from '../config/shorthands.js';
import { type Command, type ConfigArguments, commands, configSchema, shorthandSchema } from './command.js';
import { flagOf } from './fields.js';
import { type Given, program, type Tag } from './program.js';

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

const refused = (message: string): UsageError => ({ _tag: 'Refused', message: message.replace(/^error: /, '') });

const read = <A>(schema: z.ZodType<A>, given: Given): E.Either<UsageError, A> => {
  const { success, data, error } = schema.safeParse(given);
  if (success) return E.right(data);
  return E.left(
    refused(error.issues.map((issue) => `${flagOf(issue.path.join('.'))}: expected ${expectation(issue)}`).join('\n')),
  );
};

const configArguments = (given: Given): E.Either<UsageError, ConfigArguments> =>
  pipe(
    E.Do,
    E.bind('shared', () => read(configSchema, given)),
    E.bind('values', () => read(shorthandSchema, given)),
    E.map(({ shared, values }) => {
      const flags = Object.entries(shorthands).flatMap(([name, { path, parsed }]): readonly Layer[] => {
        const value = values[name] ?? null;
        return value === null ? [] : [flagLayer(flagOf(name), path.split('.'), parsed ? parseValue(value) : value)];
      });
      const cameras = shared.withoutCamera.includes('all') ? 'all' : shared.withoutCamera;
      const camera = flagLayer('--without-camera', ['data', 'withoutCameras'], cameras);
      const scratch = flagLayer('--from-scratch', ['fromScratch'], true);
      const more = [...(cameras.length > 0 ? [camera] : []), ...(shared.fromScratch ? [scratch] : [])];
      return { base: shared.config, settings: shared.set, flags: [...flags, ...more] };
    }),
  );

const commandOf = (tag: Tag, given: Given): E.Either<UsageError, Command> => {
  const { schema, takesConfig } = commands[tag];
  return pipe(
    read<object>(schema, given),
    E.bindTo('fields'),
    E.bind('config', () => (takesConfig ? E.map((config) => ({ config }))(configArguments(given)) : E.right({}))),
    // A schema and the type of its command stand in one table, whose entries lose their correlation when read by a variable.
    E.map(({ fields, config }) => ({ _tag: tag, ...fields, ...config }) as Command),
  );
};

/**
 * What `torsor <arguments>` means.
 *
 * @param given - the arguments after the program's name.
 * @param version - printed by `--version`.
 * @errors `NoCommand` with the help of what was begun; `Refused` for an unknown command or flag (with the nearest), a missing value, or
 * flags that exclude each other.
 */
export const parseCommand = (given: readonly string[], version: string): E.Either<UsageError, Parsed> => {
  const accepted: E.Either<UsageError, Command>[] = [];
  const printed: string[] = [];
  const accept = (tag: Tag, fields: Given): unknown => accepted.push(commandOf(tag, fields));
  const print = (text: string): unknown => printed.push(text);
  const error = thrownBy(() => program(version, accept, print).parse(given, { from: 'user' }));
  const text = printed.join('').trimEnd();
  if (error !== null && error.exitCode !== 0) {
    return E.left(text === '' ? refused(error.message) : { _tag: 'NoCommand', help: text });
  }
  const [command] = accepted;
  if (command === undefined) return E.right({ _tag: 'Text', text });
  return E.map((one: Command): Parsed => ({ _tag: 'Command', command: one }))(command);
};
