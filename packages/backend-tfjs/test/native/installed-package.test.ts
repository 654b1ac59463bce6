import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyInstalled, installedPackage, installedSources } from '../../src/native/installed-package.js';

/** A project in which a package manager has put a package of this version, and its installer a library beside it. */
const projectWith = async (kind: string, version: string): Promise<string> => {
  const project = await mkdtemp(join(tmpdir(), 'torsor-project-'));
  const files = {
    'package.json': JSON.stringify({ name: `@tensorflow/${kind}`, version }),
    'binding/tfjs_backend.cc': '// a source',
    'dist/index.js': 'module.exports = {};',
    'deps/lib/libtensorflow.so.2': 'hundreds of megabytes',
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(project, 'node_modules', '@tensorflow', kind, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return project;
};

describe('an installed tfjs-node', () => {
  it.each(['tfjs-node-gpu', 'tfjs-node'] as const)('%s is found in the project that has it', async (kind) => {
    const project = await projectWith(kind, '4.22.0');
    expect(installedPackage(kind, project)).toMatchObject({ kind, version: '4.22.0' });
    expect(installedSources(project)?.kind).toBe(kind);
  });

  it('of another release has other sources', async () => {
    const project = await projectWith('tfjs-node-gpu', '4.21.0');
    expect(installedPackage('tfjs-node-gpu', project)?.version).toBe('4.21.0');
    expect(installedSources(project)).toBeUndefined();
  });

  it('is absent from an empty project', async () => {
    expect(installedSources(await mkdtemp(join(tmpdir(), 'torsor-project-')))).toBeUndefined();
  });

  it('gives its own files, and not the library that its installer fetched', async () => {
    const project = await projectWith('tfjs-node-gpu', '4.22.0');
    const target = join(project, 'copy');
    const found = installedSources(project);
    if (found === undefined) throw new Error('not found');
    expect(await copyInstalled(found, target)()).toMatchObject({ _tag: 'Right' });
    expect((await readdir(target)).toSorted()).toEqual(['binding', 'dist', 'package.json']);
    expect(await readFile(join(target, 'binding', 'tfjs_backend.cc'), 'utf8')).toBe('// a source');
  });
});
