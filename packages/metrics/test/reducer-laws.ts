import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { type Reducer, reduce } from '../src/index.js';

/** Magnitudes between 1e-150 and 1e150, so that neither squares nor sums leave the range of float64. */
export const value: fc.Arbitrary<number> = fc
  .double({ min: -1e150, max: 1e150, noNaN: true })
  .map((x) => (Math.abs(x) < 1e-150 ? 0 : x));

/** Any float64, with NaN and infinities. */
export const anyValue: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: value },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0) },
);

const fold = <In, S, Out>(reducer: Reducer<In, S, Out>, inputs: readonly In[]): S =>
  inputs.reduce(reducer.step, reducer.empty);

/** Identity, associativity, equality of every split, and states that come back from JSON. */
export const monoidLaws = <In, S, Out>(reducer: Reducer<In, S, Out>, input: fc.Arbitrary<In>): void => {
  const inputs = fc.array(input, { maxLength: 20 });

  it('empty is the identity', () => {
    fc.assert(
      fc.property(inputs, (xs) => {
        const state = fold(reducer, xs);
        expect(reducer.extract(reducer.combine(reducer.empty, state))).toEqual(reducer.extract(state));
        expect(reducer.extract(reducer.combine(state, reducer.empty))).toEqual(reducer.extract(state));
      }),
    );
  });

  it('any split gives the same result, however the pieces are combined', () => {
    fc.assert(
      fc.property(inputs, inputs, inputs, (xs, ys, zs) => {
        const [a, b, c] = [fold(reducer, xs), fold(reducer, ys), fold(reducer, zs)];
        const whole = reduce(reducer, [...xs, ...ys, ...zs]);
        expect(reducer.extract(reducer.combine(reducer.combine(a, b), c))).toEqual(whole);
        expect(reducer.extract(reducer.combine(a, reducer.combine(b, c)))).toEqual(whole);
      }),
    );
  });

  it('a state comes back from the JSON of a checkpoint', () => {
    fc.assert(
      fc.property(inputs, (xs) => {
        const state = fold(reducer, xs);
        const text = JSON.stringify(z.encode(reducer.codec, state));
        expect(z.decode(reducer.codec, JSON.parse(text))).toStrictEqual(state);
      }),
    );
  });
};

/** `monoidLaws`, and independence of the order. */
export const commutativeMonoidLaws = <In, S, Out>(reducer: Reducer<In, S, Out>, input: fc.Arbitrary<In>): void => {
  monoidLaws(reducer, input);

  it('any order gives the same result', () => {
    const shuffled = fc
      .array(input, { maxLength: 20 })
      .chain((xs) =>
        fc.tuple(fc.constant(xs), fc.shuffledSubarray(xs, { minLength: xs.length, maxLength: xs.length })),
      );
    fc.assert(
      fc.property(shuffled, fc.nat({ max: 20 }), ([xs, ys], at) => {
        expect(reduce(reducer, ys)).toEqual(reduce(reducer, xs));
        const halves = reducer.combine(fold(reducer, ys.slice(at)), fold(reducer, ys.slice(0, at)));
        expect(reducer.extract(halves)).toEqual(reduce(reducer, xs));
      }),
    );
  });
};
