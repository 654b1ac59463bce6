import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { openBackend } from '../src/index.js';

it('the example of the README runs', async () => {
  const places = { env: process.env, project: process.cwd(), typed: (...words: readonly string[]) => words.join(' ') };
  const opened = await openBackend('reference', places)();
  const said = E.isRight(opened) ? opened.right.messages : opened.left;
  expect(said.join('\n')).toContain('backend reference, as asked');
});
