import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sampleDatasetPath } from '@torsor/data';
// The code of README.md, between its fences.
import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import { expect, it } from 'vitest';
import { examine, isSafe, showFindings } from '../src/index.js';

const example = (): Promise<string> =>
  pipe(
    examine(sampleDatasetPath(), { read: { withoutCameras: 'all' } }),
    T.map((found) => `${isSafe(found.findings) ? 'go' : 'stop'}: ${showFindings(found.findings, found)}`),
  )();

it('the example of the README runs', async () => {
  expect(await example()).toBe(
    'go: 40 episodes (14296 frames) looked at: 0 errors, 0 warnings, 0 notes. Safe to train on.',
  );
});

it('and is in the README', () => {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const body = /const example[\s\S]*?\n {2}\)\(\);/.exec(readFileSync(path('readme.test.ts'), 'utf8'))?.[0] ?? '?';
  expect(readFileSync(path('../README.md'), 'utf8')).toContain(body);
});
