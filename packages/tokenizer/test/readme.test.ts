import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { expect, it } from 'vitest';
import { embeddedTokenizer, pi0Prompt } from '../src/index.js';

it('the example of the README', () => {
  const prompt = pipe(
    embeddedTokenizer(),
    E.chain((tokenizer) => pi0Prompt(tokenizer, { maxTokenLen: 8 })('pick up the red_bottle')),
  );
  const tokens = Int32Array.of(2, 83, 357, 363, 262, 378, 441, 202);
  expect(prompt).toEqual(E.right({ tokens, tokenMask: new Uint8Array(8).fill(1), truncated: 0 }));
});
