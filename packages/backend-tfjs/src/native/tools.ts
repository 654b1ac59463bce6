import { called, findTools, type InstallTask, pipTo, type Tool, type WantedTool } from '@torsor/install';

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

/** The tools that linking the binding needs. */
export type SetupTools = {
  readonly pip: Tool;
  readonly compiler: Tool;
  readonly npm: Tool;
};

/**
 * Finds pip, a C++ compiler and npm.
 *
 * @errors `MissingTools` with all that are absent, not only the first.
 */
export const findSetupTools: InstallTask<SetupTools> = findTools({
  pip: pipTo('download the TensorFlow library from PyPI'),
  compiler,
  npm,
});
