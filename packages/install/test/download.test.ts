import { createHash } from 'node:crypto';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { cuda12Wheels } from '../src/cuda12.js';
import { downloadPinned, pinLine } from '../src/download.js';
import { showInstallError } from '../src/error.js';
import { onFiles } from '../src/files.js';
import { findTools, pipTo, runTool } from '../src/tools.js';

const pin = { name: '@a/b', version: '1', sha256: createHash('sha256').update('bytes').digest('hex') };
const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-download-'));

describe('downloadPinned', () => {
  it('fetches once, then finds what it fetched', async () => {
    const downloads = await scratch();
    let fetched = 0;
    const fetch = (into: string) =>
      onFiles(into, () => {
        fetched += 1;
        return writeFile(join(into, 'f.whl'), 'bytes');
      });
    const first = await downloadPinned(downloads, pin, fetch)();
    expect(first).toMatchObject({ _tag: 'Right' });
    expect(await downloadPinned(downloads, pin, fetch)()).toEqual(first);
    expect(fetched).toBe(1);
  });

  it('keeps nothing of a fetch that failed, and refuses two files', async () => {
    const downloads = await scratch();
    const failing = downloadPinned(downloads, pin, () => TE.left({ _tag: 'BadArchive', file: 'x', reason: 'y' }));
    expect(await failing()).toMatchObject({ left: { _tag: 'BadArchive' } });
    expect(await readdir(downloads)).toEqual([]);
    const two = (into: string) =>
      onFiles(into, () => Promise.all(['a', 'b'].map((name) => writeFile(join(into, name), 'bytes'))));
    expect(await downloadPinned(downloads, pin, two)()).toMatchObject({ left: { _tag: 'FileSystem' } });
  });
});

describe('pins', () => {
  it('are lines of a manifest', () => {
    expect(pinLine({ name: 'a', version: '1', sha256: 'ff' })).toBe('a 1 ff');
  });

  it('of CUDA have a hash and a size each, in the order asked for', () => {
    const wheels = cuda12Wheels(['nccl', 'cublas', 'curand']);
    expect(wheels.map(({ name }) => name)).toEqual(['nvidia-nccl-cu12', 'nvidia-cublas-cu12', 'nvidia-curand-cu12']);
    for (const { sha256, bytes } of wheels) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(bytes).toBeGreaterThan(1e6);
    }
  });
});

describe('findTools', () => {
  const node = { ...pipTo('x'), tool: 'node', candidates: [{ program: process.execPath, prefix: [] }] };
  const none = { ...pipTo('download a plugin'), candidates: [{ program: '/nonexistent/pip', prefix: [] }] };

  it('finds what answers, and names all that does not', async () => {
    const found = await findTools({ node })();
    expect(found).toMatchObject({ right: { node: { program: process.execPath } } });
    if (found._tag === 'Right') {
      expect(await runTool(found.right.node, ['-p', '1'])()).toEqual({ _tag: 'Right', right: '1\n' });
    }
    const missing = await findTools({ node, none })();
    expect(missing).toMatchObject({ left: { _tag: 'MissingTools', tools: [{ tool: 'pip' }] } });
    expect(missing._tag === 'Left' && showInstallError(missing.left)).toContain('it is needed to download a plugin');
  });
});
