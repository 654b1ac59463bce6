import { commutativeMonoidLaws, monoidLaws, runLaws, savedReducerLaws } from '@torsor/laws';
import fc from 'fast-check';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, it } from 'vitest';
import {
  contramap,
  count,
  last,
  map,
  maximum,
  mean,
  minimum,
  perDimension,
  product,
  type Reducer,
  reduce,
  rootMeanSquare,
  sum,
  weightedMean,
} from '../src/index.js';
import { anyValue, jsonText, value } from './values.js';

const weighted = fc.record({ value, weight: fc.double({ min: 0, max: 100, noNaN: true }) });
const xyz = ['x', 'y', 'z'] as const;
const vector = fc.tuple(value, value, value);

/** The laws of a reducer of this package: any split in any order, and a state that goes through a checkpoint. */
const reducerLaws = <In, State, Out>(reducer: Reducer<In, State, Out>, input: fc.Arbitrary<In>): void => {
  runLaws(commutativeMonoidLaws(reducer, input), it);
  runLaws(savedReducerLaws(reducer, jsonText(reducer.codec), input), it);
};

describe('count', () => reducerLaws(count, anyValue));
describe('sum', () => reducerLaws(sum, anyValue));
describe('mean', () => reducerLaws(mean, anyValue));
describe('weightedMean', () => reducerLaws(weightedMean, weighted));
describe('rootMeanSquare', () => reducerLaws(rootMeanSquare, anyValue));
describe('minimum', () => reducerLaws(minimum, anyValue));
describe('maximum', () => reducerLaws(maximum, anyValue));
describe('contramap', () => reducerLaws(contramap(mean, Math.abs), anyValue));
describe('map', () => reducerLaws(map(mean, O.isSome), anyValue));
describe('product', () => reducerLaws(product({ least: minimum, mean }), anyValue));
describe('perDimension', () => reducerLaws(perDimension(xyz, contramap(mean, Math.abs)), vector));
describe('last', () => {
  runLaws(monoidLaws(last, anyValue), it);
  runLaws(savedReducerLaws(last, jsonText(last.codec), anyValue), it);
});

describe('values', () => {
  const inputs = fc.array(value, { minLength: 1, maxLength: 20 });

  it('nothing has a mean, an extreme or a last', () => {
    for (const reducer of [mean, rootMeanSquare, minimum, maximum, last]) {
      expect(reduce<number, never, unknown>(reducer as never, [])).toEqual(O.none);
    }
    expect([reduce(sum, []), reduce(count, [])]).toEqual([0, 0]);
  });

  it('a mean lies between the extremes, and a weight of two counts twice', () => {
    fc.assert(
      fc.property(inputs, (xs) => {
        const middle = O.getOrElse(() => Number.NaN)(reduce(mean, xs));
        const slack = 1e-15 * Math.max(...xs.map(Math.abs));
        expect(middle).toBeGreaterThanOrEqual(Math.min(...xs) - slack);
        expect(middle).toBeLessThanOrEqual(Math.max(...xs) + slack);
        expect(
          reduce(
            weightedMean,
            xs.map((x) => ({ value: x, weight: 2 })),
          ),
        ).toEqual(reduce(mean, [...xs, ...xs]));
      }),
    );
  });

  it('the root mean square of a constant is its magnitude', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: 1, max: 9 }), (x, n) => {
        const rms = O.getOrElse(() => Number.NaN)(reduce(rootMeanSquare, Array<number>(n).fill(x)));
        expect(Math.abs(rms - Math.abs(x))).toBeLessThanOrEqual(1e-15 * Math.abs(x) + 1e-150);
      }),
    );
  });

  it('perDimension is the reducer on each coordinate', () => {
    fc.assert(
      fc.property(fc.array(vector), (vectors) => {
        const byName = reduce(perDimension(xyz, rootMeanSquare), vectors);
        xyz.forEach((name, i) => {
          expect(byName.get(name)).toEqual(
            reduce(
              rootMeanSquare,
              vectors.map((v) => v[i] ?? 0),
            ),
          );
        });
      }),
    );
  });

  it('a vector of the wrong length is NaN in every dimension', () => {
    for (const wrong of [
      [1, 2],
      [1, 2, 3, 4],
    ]) {
      const byName = reduce(perDimension(xyz, sum), [[1, 2, 3], wrong]);
      expect([...byName.values()]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    }
  });
});
