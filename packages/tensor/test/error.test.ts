import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  add,
  concatenate,
  type Expr,
  exp,
  grad,
  isValid,
  literal,
  matmul,
  mul,
  program,
  reduceSum,
  scan,
  showShapeError,
  softmax,
  tensorType,
} from '../src/index.js';

const x = tensorType('f32', [2, 3]);
const y = tensorType('f32', [4, 5]);

const refusal = (build: (x: Expr, y: Expr) => Expr): string => {
  const made = program({ x, y }, (inputs) => build(inputs.x, inputs.y));
  return E.isLeft(made) ? showShapeError(made.left) : 'accepted';
};

describe('a refused expression', () => {
  it('names the primitive, the operands, what was expected and the place', () => {
    const text = refusal((a, b) => matmul(a, b));
    expect(text).toContain('dot_general(f32[2,3], f32[4,5]): contracted axes must have equal extents');
    expect(text).toMatch(/built at .*error\.test\.ts:\d+:\d+/);
  });

  it('absorbs: what is built from it has its error', () => {
    const first = refusal((a, b) => add(a, b));
    expect(refusal((a, b) => exp(softmax(mul(add(a, b), 2)))).split('\n')[0]).toBe(first.split('\n')[0]);
    expect(first).toContain('add(f32[2,3], f32[4,5]): shapes do not broadcast together');
  });

  it('passes through derivatives and loops', () => {
    const derivative = refusal((a, b) => grad((c: Expr) => reduceSum(matmul(c, b)))(a));
    expect(derivative).toContain('dot_general(');
    const loop = refusal((a, b) => scan((c: Expr) => ({ carry: matmul(c, b), y: {} }), a, {}, { length: 2 }).carry);
    expect(loop).toContain('dot_general(');
  });

  it('says why a gradient cannot be taken', () => {
    expect(refusal((a) => grad((c: Expr) => mul(c, 2))(a))).toContain('must be a floating-point scalar, got f32[2,3]');
    expect(refusal((a) => grad<Expr>(() => reduceSum(a))(literal([1, 2], 'i32')))).toContain('must be floating-point');
  });

  it('says why a loop cannot run', () => {
    const step = (c: Expr): { carry: Expr; y: Record<never, Expr> } => ({ carry: concatenate([c, c], 0), y: {} });
    expect(refusal((a) => scan(step, a, {}, { length: 2 }).carry)).toContain('carry 0 must keep its type f32[2,3]');
    const none = (c: Expr): { carry: Expr; y: Record<never, Expr> } => ({ carry: c, y: {} });
    expect(refusal((a) => scan(none, a, {}).carry)).toContain('needs a length');
    expect(
      refusal((a, b) => scan<Expr, Expr, Expr>((c, e) => ({ carry: c, y: e }), b, a, { length: 3 }).carry),
    ).toContain('sequences and length must agree: 2, 3');
  });

  it('is made for a fraction beside integers', () => {
    expect(isValid(add(literal([1, 2], 'i32'), 0.5))).toBe(false);
  });

  it('is made for an output that depends on a variable of another program', () => {
    let outer: Expr = literal([1], 'f32');
    program({ x }, (inputs) => {
      outer = inputs.x;
      return inputs.x;
    });
    expect(refusal((a) => add(a, outer))).toContain("depends on 'x', which is not an input");
  });
});
