import { describe, expect, it } from 'vitest';
import {
  add,
  block,
  broadcastTo,
  constant,
  convert,
  type Expr,
  exp,
  type Graph,
  gather,
  grad,
  literal,
  matmul,
  mul,
  neg,
  type Remat,
  reduceSum,
  type Step,
  scan,
  simplify,
  sin,
  tanh,
  transpose,
} from '../../src/index.js';
import type { ScanParams } from '../../src/ops/scan.js';
import { type DType, TensorType } from '../../src/type.js';
import { graphOf, tensor, valid } from '../laws/evaluating.js';
import { applications, scansOf, stackedOf } from './counting.js';

const none = constant(0, 'f64');
const [k, c, xs] = [tensor('f64', [2, 2], []), tensor('f64', [2, 2], []), tensor('f64', [5, 2, 2], [])];

type Body = (k: Expr, c: Expr, x: Expr) => Step<Expr, { readonly [name: string]: Expr }>;

/** The value of a loop and its gradient with respect to constant, carry and sequence. */
const derivative = (remat: Remat, body: Body): Graph =>
  simplify(
    graphOf([k, c, xs], (a = none, b = none, x = none) => {
      const f = (at: { readonly a: Expr; readonly b: Expr; readonly x: Expr }): Expr => {
        const { carry, ys } = scan((s: Expr, e: Expr) => body(at.a, s, e), at.b, at.x, { remat });
        return Object.values(ys).reduce((sum, y) => add(sum, reduceSum(y)), reduceSum(carry));
      };
      const at = { a, b, x };
      return [f(at), ...Object.values(grad(f)(at))];
    }),
  );

/** The only loop forward and the only one back. */
const loops = (graph: Graph): { readonly forward: ScanParams; readonly backward: ScanParams } => {
  const scans = scansOf(graph);
  const [forward, backward] = [scans.find(({ reverse }) => !reverse), scans.find(({ reverse }) => reverse)];
  if (scans.length !== 2 || forward === undefined || backward === undefined) throw new Error(`${scans.length} scans`);
  return { forward, backward };
};

const dots = ({ body }: ScanParams): number => applications(body, 'dot_general').length;

/** Two products a step, the second of an elementwise function of the first. */
const network: Body = (a, s, x) => ({ carry: tanh(matmul(exp(matmul(s, a)), x)), y: {} });

describe('the derivative of a loop', () => {
  it.each(['carry', 'dots', 'none'] as const)('is one loop forward and one back, keeping %s', (remat) => {
    expect(() => loops(derivative(remat, network))).not.toThrow();
  });

  it('keeping the carry computes each step again', () => {
    const { forward, backward } = loops(derivative('carry', network));
    // Two products for the cotangents of each, and each once more.
    expect([dots(forward), dots(backward)]).toEqual([2, 6]);
    expect(stackedOf(forward)).toEqual(['carry_0']);
  });

  it('keeping dots keeps products, and computes elementwise functions of them again', () => {
    const { forward, backward } = loops(derivative('dots', network));
    expect([dots(forward), dots(backward)]).toEqual([2, 4]);
    expect([...stackedOf(forward)].sort()).toEqual(['carry_0', 'dot_general', 'dot_general']);
    expect(applications(backward.body, 'exp')).toHaveLength(1);
    expect(applications(backward.body, 'tanh')).toHaveLength(1);
  });

  it('keeping all computes nothing again', () => {
    const { forward, backward } = loops(derivative('none', network));
    expect([dots(forward), dots(backward)]).toEqual([2, 4]);
    for (const name of ['exp', 'tanh']) expect(applications(backward.body, name)).toEqual([]);
    expect(stackedOf(forward)).not.toContain('dot_general');
  });

  it('keeps gathers and inner loops among the products', () => {
    const rowed: Body = (a, s, x) => {
      const rows = gather(mul(s, x), literal([1, 0], 'i32'));
      const { carry } = scan((t: Expr, e: Expr) => ({ carry: sin(mul(t, e)), y: {} }), reduceSum(s, [0]), rows);
      return { carry: mul(sin(rows), mul(carry, a)), y: {} };
    };
    const { forward, backward } = loops(derivative('dots', rowed));
    expect(stackedOf(forward)).toContain('gather');
    expect(stackedOf(forward)).toContain('scan');
    expect(applications(backward.body, 'gather')).toEqual([]);
  });

  it('keeps a block that has a product in it', () => {
    const boxed =
      (body: (z: Expr) => Expr): Body =>
      (_, s, x) => ({ carry: sin(block('b', {}, body, mul(s, x))), y: {} });
    expect(
      stackedOf(
        loops(
          derivative(
            'dots',
            boxed((z) => matmul(z, z)),
          ),
        ).forward,
      ),
    ).toContain('block');
    expect(
      stackedOf(
        loops(
          derivative(
            'dots',
            boxed((z) => sin(z)),
          ),
        ).forward,
      ),
    ).not.toContain('block');
  });

  it('keeps what costs no arithmetic by what it is made of, once', () => {
    const moved: Body = (_, s, x) => {
      const product = sin(mul(s, x));
      return { carry: tanh(matmul(product, transpose(product))), y: {} };
    };
    const { forward } = loops(derivative('none', moved));
    expect(stackedOf(forward)).not.toContain('transpose');
    expect(stackedOf(forward).filter((name) => name === 'sin')).toHaveLength(1);
  });

  it('keeps equal expressions once', () => {
    const twice: Body = (_, s, x) => ({ carry: mul(exp(mul(s, x)), neg(exp(mul(s, x)))), y: {} });
    expect(stackedOf(loops(derivative('none', twice)).forward).filter((name) => name === 'exp')).toHaveLength(1);
  });

  it('stacks nothing that the loop stacks for its user already', () => {
    const shown: Body = (_, s, x) => {
      const y = exp(mul(s, x));
      return { carry: sin(mul(y, x)), y: { y } };
    };
    expect(stackedOf(loops(derivative('none', shown)).forward).filter((name) => name === 'exp')).toHaveLength(1);
  });

  it('stacks no sequence', () => {
    const { forward } = loops(derivative('none', (_, s, x) => ({ carry: mul(s, mul(x, 1)), y: { x } })));
    expect(stackedOf(forward)).toEqual(['carry_0']);
  });

  it('stacks nothing that is the same in every step, and computes it before the loop', () => {
    const fixed: Body = (a, s, x) => {
      // Repeating stays inside a loop, and the product of what was repeated with it.
      const same = broadcastTo(reduceSum(a), [2, 2]);
      return { carry: sin(mul(mul(mul(s, same), matmul(same, same)), x)), y: {} };
    };
    for (const remat of ['dots', 'none'] as const) {
      const graph = derivative(remat, fixed);
      const { forward, backward } = loops(graph);
      expect([dots(forward), applications(graph, 'dot_general').length]).toEqual([1, 1]);
      // Those of the cotangent.
      expect(dots(backward)).toBe(2);
      expect(stackedOf(forward)).not.toContain('dot_general');
    }
  });

  it('keeps nothing that the derivative does not read', () => {
    const partly = simplify(
      graphOf([k, c, xs], (a = none, b = none, x = none) => [
        // Only the derivative with respect to the constant: what only those of the sequence need is gone.
        grad((at: Expr) =>
          reduceSum(
            scan((s: Expr, e: Expr) => ({ carry: add(s, mul(at, sin(e))), y: {} }), b, x, { remat: 'none' }).carry,
          ),
        )(a),
      ]),
    );
    expect(scansOf(partly).flatMap(stackedOf)).not.toContain('cos');
  });
});

describe('conversions', () => {
  const narrow = (dtype: DType): Graph => {
    const inputs = [new TensorType('f32', [2, 2]), new TensorType('f32', [5, 2, 2])].map((type) => ({
      type,
      data: new Float64Array(0),
    }));
    return simplify(
      graphOf(inputs, (b = none, x = none) => {
        const f = (at: Expr): Expr =>
          reduceSum(
            scan(
              (s: Expr, e: Expr) => ({
                carry: convert(matmul(convert(add(s, e), dtype), convert(e, dtype)), 'f32'),
                y: {},
              }),
              b,
              at,
              { remat: 'none' },
            ).carry,
          );
        return [f(x), grad(f)(x)];
      }),
    );
  };

  it('to a smaller dtype are kept in it, those of what is given are made again', () => {
    const { forward } = loops(narrow('bf16'));
    expect(stackedOf(forward)).toEqual(['convert']);
    expect(valid(forward.body.outputs[1] ?? none).type.dtype).toBe('bf16');
  });

  it('of what costs nothing are made again', () => {
    const moved = graphOf([c, xs], (b = none, x = none) => {
      const half = (y: Expr): Expr => convert(y, 'bf16');
      const body = (s: Expr, e: Expr): Expr => mul(mul(half(s), half(transpose(e))), half(literal([1, 2], 'f64')));
      const f = (at: Expr): Expr =>
        reduceSum(
          scan((s: Expr, e: Expr) => ({ carry: convert(body(s, e), 'f64'), y: {} }), at, x, { remat: 'none' }).carry,
        );
      return [f(b), grad(f)(b)];
    });
    expect(stackedOf(loops(simplify(moved)).forward)).toEqual([]);
  });

  it('to a larger dtype are made again', () => {
    expect(stackedOf(loops(narrow('f64')).forward)).toEqual(['add']);
  });
});
