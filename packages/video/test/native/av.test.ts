import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { showVideoError } from '../../src/index.js';
import { loadAv } from '../../src/native/av.js';

it('says how to install what decodes, where it is not there', async () => {
  const absent = (): Promise<never> =>
    Promise.reject(new Error("Cannot find package 'node-av' imported from av.js\n  at resolve"));
  const loaded = await loadAv(absent)();
  const reason = "Cannot find package 'node-av' imported from av.js";
  expect(loaded).toEqual(E.left({ _tag: 'MissingLibrary', library: 'node-av', reason }));
  expect(E.isLeft(loaded) && showVideoError(loaded.left)).toBe(
    `Videos are decoded by node-av, which cannot be loaded (${reason}). Install it: npm install node-av. A camera can also be left out.`,
  );
});
