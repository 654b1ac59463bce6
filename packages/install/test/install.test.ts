import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import type { InstallError } from '../src/error.js';
import { onFiles } from '../src/files.js';
import { type Installation, installOnce, isInstalled } from '../src/install.js';

const made = { _tag: 'Right', right: false };
const reused = { _tag: 'Right', right: true };

const thing = async (): Promise<Installation<never, string>> => {
  const cache = await mkdtemp(join(tmpdir(), 'torsor-install-'));
  return {
    directory: join(cache, 'thing'),
    downloads: join(cache, 'downloads'),
    artefact: 'lib.so',
    manifest: (file) => ({ format: 1, sources: ['a 1 0'], file }),
    prepare: TE.right('bytes'),
    fill: (into, text) => TE.fromTask(() => writeFile(join(into, 'lib.so'), text)),
  };
};

describe('installOnce', () => {
  it('makes a directory once, and says what it was made of', async () => {
    const installation = await thing();
    await mkdir(installation.downloads);
    expect(await isInstalled(installation)()).toEqual({ _tag: 'Right', right: false });
    expect(await installOnce(installation)()).toEqual(made);
    expect(await installOnce(installation)()).toEqual(reused);
    expect(await readdir(join(installation.directory, '..'))).toEqual(['thing']);
    const manifest: unknown = JSON.parse(await readFile(join(installation.directory, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ format: 1, sources: ['a 1 0'] });
  });

  it('makes it again when the file was changed or the pins are others', async () => {
    const installation = await thing();
    await installOnce(installation)();
    await writeFile(join(installation.directory, 'lib.so'), 'other');
    expect(await installOnce(installation)()).toEqual(made);
    const newer = { ...installation, manifest: (file: string) => ({ format: 1, sources: ['a 2 0'], file }) };
    expect(await isInstalled(newer)()).toEqual({ _tag: 'Right', right: false });
    expect(await installOnce(newer)()).toEqual(made);
  });

  it('keeps the earlier one and the finished downloads when filling fails', async () => {
    const installation = await thing();
    await installOnce(installation)();
    const failing = {
      ...installation,
      manifest: () => ({ format: 2 }),
      fill: () =>
        TE.flatMap(() => TE.left<InstallError>({ _tag: 'BadArchive', file: 'x', reason: 'y' }))(
          onFiles('d', () => mkdir(installation.downloads)),
        ),
    };
    expect(await installOnce(failing)()).toMatchObject({ left: { _tag: 'BadArchive' } });
    expect((await readdir(join(installation.directory, '..'))).sort()).toEqual(['downloads', 'thing']);
    expect(await isInstalled(installation)()).toEqual(reused);
  });

  it('writes nothing when what it needs is missing', async () => {
    const installation = await thing();
    const left = TE.left({ _tag: 'MissingTools' as const, tools: [] });
    expect(await installOnce({ ...installation, prepare: left })()).toMatchObject({ left: { _tag: 'MissingTools' } });
    expect(await readdir(join(installation.directory, '..'))).toEqual([]);
  });
});
