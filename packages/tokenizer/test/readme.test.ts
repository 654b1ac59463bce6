import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { expect, it } from 'vitest';
import { embeddedTokenizer, fastTokenizer, fitFast, pi0Prompt } from '../src/index.js';

it('the example of the README', () => {
  const prompt = pipe(
    embeddedTokenizer(),
    E.flatMap((tokenizer) => pi0Prompt(tokenizer, { maxTokenLen: 8 })('pick up the red_bottle')),
  );
  const tokens = Int32Array.of(2, 83, 357, 363, 262, 378, 441, 202);
  expect(prompt).toEqual(E.right({ tokens, tokenMask: new Uint8Array(8).fill(1), truncated: 0 }));

  const chunk = { shape: [4, 1], data: Float64Array.of(-1, -0.5, 0.5, 1) } as const;
  const actions = pipe(
    fitFast([chunk], { scale: 10 }),
    E.map((processor) => fastTokenizer(processor)),
    E.flatMap((fast) =>
      pipe(
        fast.encode(chunk),
        E.flatMap((tokens) => fast.decode(tokens, chunk.shape)),
      ),
    ),
  );
  const errors = E.isRight(actions) ? actions.right.data.map((a, i) => a - (chunk.data[i] ?? 0)) : [Number.NaN];
  expect(Math.hypot(...errors)).toBeLessThanOrEqual(Math.sqrt(4) / 20);
});
