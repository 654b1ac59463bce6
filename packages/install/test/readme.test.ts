import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { cacheDirectory, installOnce, onFiles } from '../src/index.js';

it('the example of the README runs', async () => {
  const env = { TORSOR_CACHE: await mkdtemp(join(tmpdir(), 'torsor-readme-')) };
  const cache = cacheDirectory(env);
  const greeting = installOnce({
    directory: join(cache, 'greeting'),
    downloads: join(cache, 'downloads', 'greeting'),
    artefact: 'greeting.txt',
    manifest: (sha256) => ({ format: 1, sha256 }),
    prepare: TE.right(undefined),
    fill: (into) => onFiles(into, () => writeFile(join(into, 'greeting.txt'), 'hello')),
  });
  const first = await greeting(); // false: made now
  const second = await greeting(); // true: made before
  expect([first, second]).toEqual([
    { _tag: 'Right', right: false },
    { _tag: 'Right', right: true },
  ]);
});
