import {
  type Expr,
  evaluate,
  fromFloat64,
  program,
  showEvaluateError,
  showShapeError,
  tensorType,
} from '@torsor/tensor';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { drawToken, greedy } from '../../src/index.js';

const evaluated = (
  rows: readonly (readonly number[])[],
  uniforms: readonly number[],
  f: (l: Expr, u: Expr) => Expr,
) => {
  const inputs = {
    logits: tensorType('f64', [rows.length, rows[0]?.length ?? 0]),
    u: tensorType('f32', [rows.length]),
  };
  const built = program(inputs, ({ logits, u }) => ({ out: f(logits, u) }));
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  const values = { logits: fromFloat64(inputs.logits, rows.flat()), u: fromFloat64(inputs.u, uniforms) };
  const out = evaluate(built.right, values);
  if (E.isLeft(out)) throw new Error(showEvaluateError(out.left));
  return Array.from(out.right.out.data);
};

const logits = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 2, maxLength: 40 });
const temperatures = fc.double({ min: 0.1, max: 3, noNaN: true });

describe('drawToken', () => {
  it('over evenly spaced numbers gives every token as often as its probability says', () => {
    fc.assert(
      fc.property(logits, temperatures, (row, temperature) => {
        const n = 500;
        const uniforms = Array.from({ length: n }, (_, i) => (i + 0.5) / n);
        const tokens = evaluated(
          uniforms.map(() => row),
          uniforms,
          (l, u) => drawToken(l, temperature, u),
        );
        const weights = row.map((x) => Math.exp(x / temperature));
        const total = weights.reduce((a, b) => a + b, 0);
        weights.forEach((weight, token) => {
          const count = tokens.filter((t) => t === token).length;
          // An interval of length p holds between n p − 1 and n p + 1 of evenly spaced points.
          expect(Math.abs(count - (n * weight) / total)).toBeLessThanOrEqual(1 + 1e-6);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('never gives a token of probability 0, at either end of [0, 1)', () => {
    fc.assert(
      fc.property(logits, fc.infiniteStream(fc.boolean()), (row, drops) => {
        const kept = row.map((x, i) => (i > 0 && drops.next().value === true ? Number.NEGATIVE_INFINITY : x));
        const shuffled = [...kept.slice(1), kept[0] ?? 0];
        for (const weights of [kept, shuffled]) {
          const tokens = evaluated([weights, weights], [0, 1 - 2 ** -24], (l, u) => drawToken(l, 1, u));
          for (const token of tokens) expect(weights[token]).toBeGreaterThan(Number.NEGATIVE_INFINITY);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('becomes greedy as the temperature goes to 0', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -9, max: 9 }), { minLength: 2 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (row, u) => {
          expect(evaluated([row], [u], (l, x) => drawToken(l, 1e-3, x))).toEqual(
            evaluated([row], [u], (l) => greedy(l)),
          );
        },
      ),
      { numRuns: 20 },
    );
  });
});
