import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readDataset } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { openPictures, showVideoError, type VideoError } from '../src/index.js';
import { fixtures } from './lerobot.js';
import { skipped } from './node-av.js';

const example = async (path: string): Promise<string> => {
  const dataset = await readDataset(path)();
  if (E.isLeft(dataset)) return dataset.left._tag;
  const pictures = openPictures(dataset.right, { cacheBytes: 64 * 2 ** 20 });
  const frames = [
    { episode: 0, frame: 3 },
    { episode: 2, frame: 39 },
  ];
  const batch = await pictures.read('observation.images.front', frames, [32, 32])();
  await pictures.close();
  return E.isLeft(batch)
    ? showVideoError(batch.left as VideoError)
    : `${batch.right.data.length} bytes of ${batch.right.height} by ${batch.right.width}`;
};

it.skipIf(skipped !== '')(`the example of the README runs${skipped}`, async () => {
  expect(await example(`${fixtures}/v3-h264`)).toBe('6144 bytes of 32 by 32');
});

it('and is in the README', () => {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const body = /const example[\s\S]*?\n};/.exec(readFileSync(path('readme.test.ts'), 'utf8'))?.[0] ?? '?';
  expect(readFileSync(path('../README.md'), 'utf8')).toContain(body);
});
