import { isValues } from '@torsor/settings';
import { type Argument, Command as Commander, Option } from 'commander';
import * as z from 'zod';
import { presets } from '../config/presets.js';
import { commands, configSchema, type Declaration, groups, shorthandSchema } from './command.js';
import { showExitCodes } from './exit-codes.js';
import { flagOf } from './fields.js';

/** The words of a command line as commander takes them apart: arguments and flags by name. */
export type Given = Readonly<Record<string, unknown>>;

/** The name of a command in `commands`. */
export type Tag = keyof typeof commands;

/** What a JSON schema says of one field. */
const fieldSchema = z.object({
  type: z.string(),
  description: z.string().default(''),
  enum: z.array(z.string()).optional(),
  default: z.string().optional().catch(undefined),
  placeholder: z.string().default('value'),
  conflicts: z.string().optional(),
});

const collect = (value: string, previous: unknown): readonly string[] =>
  Array.isArray(previous) ? [...previous, value] : [value];

const optionOf = (name: string, json: unknown): Option => {
  const field = fieldSchema.parse(json);
  const value = field.type === 'boolean' ? '' : ` <${field.placeholder}>`;
  const option = new Option(`${flagOf(name)}${value}`, field.description);
  if (field.enum !== undefined) option.choices(field.enum);
  if (field.type === 'array') option.argParser(collect);
  if (field.default !== undefined) option.default(field.default);
  return field.conflicts === undefined ? option : option.conflicts(field.conflicts);
};

const propertiesOf = (schema: z.ZodType): readonly (readonly [string, unknown])[] => {
  const { properties } = z.toJSONSchema(schema, { io: 'input' });
  return isValues(properties) ? Object.entries(properties) : [];
};

/** An argument with the description and the choices of its field. */
const describe = (argument: Argument, properties: readonly (readonly [string, unknown])[]): void => {
  const { success, data } = fieldSchema.safeParse(properties.find(([name]) => name === argument.name())?.[1]);
  if (!success) return;
  argument.description = data.description;
  if (data.enum !== undefined) argument.choices(data.enum);
};

/** The fields of a schema: those that a command has arguments for describe these, the others become flags. */
const addFields = (command: Commander, schema: z.ZodType): void => {
  const properties = propertiesOf(schema);
  const names = command.registeredArguments.map((argument) => argument.name());
  for (const argument of command.registeredArguments) describe(argument, properties);
  for (const [name, json] of properties) if (!names.includes(name)) command.addOption(optionOf(name, json));
};

const parentOf = (root: Commander, words: readonly string[]): Commander =>
  words.reduce((parent, word) => {
    const known = parent.commands.find((command) => command.name() === word);
    return known ?? parent.command(word).description(groups[word] ?? '');
  }, root);

const add = (root: Commander, { words, about, schema, takesConfig }: Declaration, accept: (given: Given) => void) => {
  const all = words.split(' ');
  const last = all.findLastIndex((word) => /^[a-z]/.test(word));
  const command = parentOf(root, all.slice(0, last)).command(all.slice(last).join(' ')).description(about);
  if (takesConfig) for (const shared of [configSchema, shorthandSchema]) addFields(command, shared);
  addFields(command, schema);
  command.action((...given: readonly unknown[]) => {
    const named = command.registeredArguments.map((argument, i) => [argument.name(), given[i]]);
    accept({ ...Object.fromEntries(named), ...command.opts() });
  });
};

const presetTable = (): string => {
  const width = Math.max(...presets.map(({ name }) => name.length)) + 2;
  return presets.map(({ name, description }) => `  ${name.padEnd(width)}${description}`).join('\n');
};

const footer = (): string => `
Presets:
${presetTable()}

Exit codes:
${showExitCodes()}`;

const helpWidth = (): number => 100;

/** The names of all commands. */
const tags = Object.keys(commands).filter((name): name is Tag => name in commands);

/** The command line of `torsor`: what is given goes to `accept`, help and version texts to `print`; it exits by throwing. */
export const program = (
  version: string,
  accept: (tag: Tag, given: Given) => void,
  print: (text: string) => void,
): Commander => {
  const output = { writeOut: print, writeErr: print, outputError: () => undefined };
  const root = new Commander('torsor')
    .description('Train and evaluate robot policies.')
    .version(version)
    .exitOverride()
    .configureOutput({ ...output, getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth })
    .addHelpText('after', footer);
  for (const tag of tags) add(root, commands[tag], (given) => accept(tag, given));
  return root;
};
