import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { type ActionChunk, type ActionTokenizer, roundTrip } from '../src/index.js';

const chunk = (...numbers: readonly number[]): ActionChunk => ({
  shape: [numbers.length, 1],
  data: Float64Array.from(numbers),
});

/** Whole numbers without trailing zeros, a token each; it has none for numbers above 9. */
const rounding: Pick<ActionTokenizer, 'encode' | 'decode'> = {
  encode: ({ data }) => {
    if (data.some((x) => x > 9)) return E.left({ _tag: 'BadActions', reason: 'above 9' });
    const whole = Array.from(data, Math.round);
    return E.right(whole.slice(0, whole.findLastIndex((x) => x !== 0) + 1));
  },
  decode: (tokens, shape) =>
    E.right({ shape, data: Float64Array.from({ length: shape[0] * shape[1] }, (_, i) => tokens[i] ?? 0) }),
};

it('counts tokens and refusals, and measures what comes back', () => {
  // Differences: 0.25, 0, 0 and 0, 0.5, 0; 3 and 1 tokens for 3 numbers each; the third chunk has none.
  const measured = roundTrip(rounding, [chunk(1.25, 2, 3), chunk(4, -0.5, 0), chunk(10, 0, 0)]);
  expect(measured).toEqual({
    chunks: 3,
    refused: 1,
    example: expect.stringContaining('above 9'),
    tokensPerChunk: 2,
    longest: 3,
    compression: 6 / 4,
    rmse: Math.sqrt((0.25 ** 2 + 0.5 ** 2) / 6),
    worst: 0.5,
  });
});

it('nothing lost is no difference', () => {
  const { rmse, worst, refused, example } = roundTrip(rounding, [chunk(1, 2), chunk(0, 7)]);
  expect({ rmse, worst, refused, example }).toEqual({ rmse: 0, worst: 0, refused: 0, example: null });
});
