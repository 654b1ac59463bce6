import { type CommandContext, runCommand } from './command.js';
import type { MissingTool, NativeTask } from './error.js';

/** A program with the arguments that always come first, for example `python3 -m pip`. */
export interface Tool {
  readonly program: string;
  readonly prefix: readonly string[];
}

/** The ways to call a tool, in order of preference, and what to say when none works. */
interface WantedTool extends MissingTool {
  readonly candidates: readonly Tool[];
}

const called = (program: string, ...prefix: readonly string[]): Tool => ({ program, prefix });

/** pip, to download a wheel from PyPI with the user's own index settings. */
const pip: WantedTool = {
  tool: 'pip',
  neededFor: 'download the TensorFlow library from PyPI',
  remedy: 'Install it: `apt-get install python3-pip`, `brew install python`, or see https://pip.pypa.io.',
  candidates: [called('python3', '-m', 'pip'), called('pip3'), called('pip'), called('python', '-m', 'pip')],
};

/** A C++17 compiler. */
const compiler: WantedTool = {
  tool: 'g++',
  neededFor: 'compile the binding',
  remedy: 'Install it: `apt-get install g++`, `dnf install gcc-c++`, or `xcode-select --install`.',
  candidates: [called('g++'), called('c++'), called('clang++')],
};

/** npm, to download packages with the user's own registry settings. */
const npm: WantedTool = {
  tool: 'npm',
  neededFor: 'download the sources of the binding',
  remedy: 'It comes with Node: install Node from https://nodejs.org or your package manager.',
  candidates: [called('npm')],
};

async function firstThatAnswers(candidates: readonly Tool[]): Promise<Tool | undefined> {
  for (const tool of candidates) {
    const answer = await runCommand(tool.program, [...tool.prefix, '--version'])();
    if (answer._tag === 'Right') return tool;
  }
  return undefined;
}

/** The tools that linking the binding needs. */
export interface SetupTools {
  readonly pip: Tool;
  readonly compiler: Tool;
  readonly npm: Tool;
}

/**
 * Finds pip, a C++ compiler and npm.
 *
 * @errors `MissingTools` with all that are absent, not only the first.
 */
export const findSetupTools: NativeTask<SetupTools> = async () => {
  const [foundPip, foundCompiler, foundNpm] = await Promise.all(
    [pip, compiler, npm].map(({ candidates }) => firstThatAnswers(candidates)),
  );
  if (foundPip !== undefined && foundCompiler !== undefined && foundNpm !== undefined) {
    return { _tag: 'Right', right: { pip: foundPip, compiler: foundCompiler, npm: foundNpm } };
  }
  const found = [foundPip, foundCompiler, foundNpm];
  return {
    _tag: 'Left',
    left: { _tag: 'MissingTools', tools: [pip, compiler, npm].filter((_, i) => found[i] === undefined) },
  };
};

/**
 * Runs a found tool.
 *
 * @param tool - what {@link findTools} returned.
 * @param args - arguments after its fixed ones.
 * @param context - working directory and environment.
 */
export function runTool(tool: Tool, args: readonly string[], context?: CommandContext): NativeTask<string> {
  return runCommand(tool.program, [...tool.prefix, ...args], context);
}
