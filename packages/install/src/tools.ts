import { type CommandContext, runCommand } from './command.js';
import type { InstallTask, MissingTool } from './error.js';

/** A program with the arguments that always come first, for example `python3 -m pip`. */
export type Tool = {
  readonly program: string;
  readonly prefix: readonly string[];
};

/** The ways to call a tool, in order of preference, and what to say when none works. */
export type WantedTool = MissingTool & {
  readonly candidates: readonly Tool[];
};

/**
 * A program and its first arguments as a {@link Tool}.
 *
 * @param program - name on the PATH.
 * @param prefix - arguments before all others.
 */
export const called = (program: string, ...prefix: readonly string[]): Tool => {
  return { program, prefix };
};

/**
 * pip, to download wheels with the user's own index settings.
 *
 * @param neededFor - what the message about its absence says, after "it is needed to".
 */
export const pipTo = (neededFor: string): WantedTool => {
  return {
    tool: 'pip',
    neededFor,
    remedy: 'Install it: `apt-get install python3-pip`, `brew install python`, or see https://pip.pypa.io.',
    candidates: [called('python3', '-m', 'pip'), called('pip3'), called('pip'), called('python', '-m', 'pip')],
  };
};

const firstThatAnswers = async (candidates: readonly Tool[]): Promise<Tool | undefined> => {
  for (const tool of candidates) {
    const answer = await runCommand(tool.program, [...tool.prefix, '--version'])();
    if (answer._tag === 'Right') return tool;
  }
  return undefined;
};

/**
 * Finds every wanted tool.
 *
 * @param wanted - the tools by the names that the result gives them.
 * @errors `MissingTools` with all that are absent, not only the first.
 */
export const findTools = <K extends string>(wanted: Readonly<Record<K, WantedTool>>): InstallTask<Record<K, Tool>> => {
  return async () => {
    const names = Object.keys(wanted) as K[];
    const found = await Promise.all(names.map((name) => firstThatAnswers(wanted[name].candidates)));
    const missing = names.filter((_, i) => found[i] === undefined);
    return missing.length === 0
      ? { _tag: 'Right', right: Object.fromEntries(names.map((name, i) => [name, found[i]])) as Record<K, Tool> }
      : { _tag: 'Left', left: { _tag: 'MissingTools', tools: missing.map((name) => wanted[name]) } };
  };
};

/**
 * Runs a found tool.
 *
 * @param tool - what {@link findTools} returned.
 * @param args - arguments after its fixed ones.
 * @param context - working directory and environment.
 * @errors `CommandFailed`.
 */
export const runTool = (tool: Tool, args: readonly string[], context?: CommandContext): InstallTask<string> => {
  return runCommand(tool.program, [...tool.prefix, ...args], context);
};
