import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '@torsor/install';

/** Environment variables of the caller. */
export type PluginEnvironment = Readonly<Record<string, string | undefined>>;

const question = `
import json, site, sysconfig
paths = sysconfig.get_paths()
print(json.dumps([paths['purelib'], paths['platlib'], *site.getsitepackages(), site.getusersitepackages()]))
`;

const namesIn = (directory: string): Promise<readonly string[]> => readdir(directory).catch(() => []);

/** `lib/python3.x/site-packages` of an environment, newest Python first. */
const ofPrefix = async (prefix: string | undefined): Promise<readonly string[]> => {
  if (prefix === undefined || prefix === '') return [];
  const pythons = (await namesIn(join(prefix, 'lib'))).filter((name) => /^python3\.\d+$/.test(name));
  const minor = (name: string): number => Number(name.slice('python3.'.length));
  return pythons.toSorted((a, b) => minor(b) - minor(a)).map((python) => join(prefix, 'lib', python, 'site-packages'));
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
};

const ofPython3 = async (env: PluginEnvironment): Promise<readonly string[]> => {
  const answer = await runCommand('python3', ['-c', question], { env })();
  const paths = answer._tag === 'Right' ? parsed(answer.right) : [];
  return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
};

/**
 * Directories that hold Python packages: of the active virtual environment, of conda's, and of the `python3` on the PATH; none
 * where there is no Python.
 *
 * @param env - `VIRTUAL_ENV`, `CONDA_PREFIX` and `PATH` are read.
 */
export const sitePackages = async (env: PluginEnvironment): Promise<readonly string[]> => {
  const found = await Promise.all([ofPrefix(env['VIRTUAL_ENV']), ofPrefix(env['CONDA_PREFIX']), ofPython3(env)]);
  return [...new Set(found.flat())];
};
