import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  add,
  constant,
  type Expr,
  type ExprTree,
  evaluate,
  mul,
  neg,
  not,
  type Program,
  printProgram,
  program,
  type Round,
  reduceSum,
  type ShapeError,
  showEvaluateError,
  showShapeError,
  sub,
  TensorValue,
  tanh,
  tensorType,
} from '../src/index.js';

const made = <A>(built: E.Either<ShapeError, A>): A => {
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  return built.right;
};

const pair = tensorType('f32', [2]);
const value = (...numbers: readonly number[]): TensorValue =>
  new TensorValue(tensorType('f32', [numbers.length]), Float32Array.from(numbers));

const sample = made(
  program({ layer: { w: pair, b: pair }, x: pair }, ({ layer, x }) => ({
    y: add(mul(layer.w, x), layer.b),
    total: reduceSum(x),
  })),
);

describe('program', () => {
  it('takes and gives trees, evaluated leaf by leaf', () => {
    const result = evaluate(sample, { layer: { w: value(2, 3), b: value(10, 20) }, x: value(1, -1) });
    expect(result).toEqual(
      E.right({ total: new TensorValue(tensorType('f32'), Float32Array.of(0)), y: value(12, 17) }),
    );
  });

  it('of a bare leaf', () => {
    const double = made(program(pair, (x) => mul(x, 2)));
    expect(evaluate(double, value(1, 2))).toEqual(E.right(value(2, 4)));
    expect(printProgram(double as Program)).toContain('%in0 = input : f32[2]');
    expect(printProgram(double as Program)).toContain('-> output: f32[2]');
  });

  it('refuses an output of another program and an invalid one', () => {
    let stolen: Expr = constant(0, 'f32');
    made(
      program({ secret: pair }, ({ secret }) => {
        stolen = tanh(secret);
        return secret;
      }),
    );
    expect(E.mapLeft(showShapeError)(program({}, () => stolen))).toEqual(
      E.left(expect.stringContaining("an output depends on 'secret', which is not an input")),
    );
    const mismatched = program({ x: pair, y: tensorType('f32', [3]) }, ({ x, y }) => add(x, y));
    expect(E.mapLeft(showShapeError)(mismatched)).toEqual(
      E.left(
        expect.stringMatching(
          /^add\(f32\[2\], f32\[3\]\): shapes do not broadcast together\n {2}built at .*program\.test\.ts:\d+:\d+$/,
        ),
      ),
    );
  });
});

describe('common subexpressions', () => {
  it('are shared', () => {
    const twice = made(program(pair, (x) => add(tanh(x), tanh(x))));
    const once = made(
      program(pair, (x) => {
        const y = tanh(x);
        return add(y, y);
      }),
    );
    expect(printProgram(twice as Program)).toBe(printProgram(once as Program));
  });
});

describe('evaluate', () => {
  type Inputs = Parameters<typeof evaluate<typeof sample.signature.inputs, ExprTree>>[1];

  const failure = (inputs: unknown): string => {
    const result = evaluate(sample, inputs as Inputs);
    return E.isLeft(result) ? showEvaluateError(result.left) : 'accepted';
  };

  it('names the input that is missing, unknown or of another type', () => {
    const layer = { w: value(1, 1), b: value(1, 1) };
    expect(failure({ layer })).toBe("input 'x': is missing; expected f32[2]");
    expect(failure({ layer, x: value(1) })).toBe("input 'x': expected f32[2], got f32[1]");
    expect(failure({ layer, x: value(1, 1), z: value(1) })).toBe("input 'z': is not an input of the program");
    const bare = made(program(pair, neg));
    const missing = evaluate(bare, value(1));
    expect(E.mapLeft(showEvaluateError)(missing)).toEqual(E.left('the input: expected f32[2], got f32[1]'));
  });

  it('rounds once at the end, or after each step when asked', () => {
    const big = 2 ** 24;
    const sum = made(program(tensorType('f32'), (x) => sub(add(x, 1), x)));
    const input = new TensorValue(tensorType('f32'), Float32Array.of(big));
    const doubled: Round = (dtype, value) => (dtype === 'f32' ? 2 * value : value);
    const results = ([undefined, 'declared', doubled] as const).map((rounding) => evaluate(sum, input, rounding));
    // 2 · (2 · (big + 2 · 1) − big), since the constant is a result too.
    expect(results.map((r) => (E.isRight(r) ? r.right.data[0] : r.left))).toEqual([1, 0, 2 * (2 * (big + 2) - big)]);
    const logical = made(program(tensorType('bool'), (x) => not(x)));
    const flipped = evaluate(logical, new TensorValue(tensorType('bool'), Uint8Array.of(0)), () => 7);
    expect(E.isRight(flipped) && flipped.right.data[0]).toBe(1);
  });

  it('walks graphs deeper than the call stack', () => {
    const deep = made(
      program(tensorType('f32'), (x) => {
        let y: Expr = x;
        for (let i = 0; i < 20_000; i++) y = add(y, x);
        return y;
      }),
    );
    const result = evaluate(deep, new TensorValue(tensorType('f32'), Float32Array.of(1)));
    expect(E.isRight(result) && result.right.data[0]).toBe(20_001);
  });

  it('is the composition of programs: evaluating g ∘ f is evaluating f, then g', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -2, max: 2 }), (x) => {
        const f = made(program(tensorType('f64'), tanh));
        const g = made(program(tensorType('f64'), neg));
        const both = made(program(tensorType('f64'), (y) => neg(tanh(y))));
        const input = new TensorValue(tensorType('f64'), Float64Array.of(x));
        const middle = evaluate(f, input);
        expect(E.isRight(middle) && evaluate(g, middle.right)).toEqual(evaluate(both, input));
      }),
    );
  });
});
