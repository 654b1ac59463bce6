import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, it } from 'vitest';
import { apply, type Primitive } from '../../src/expr.js';
import {
  type Algebra,
  ApplyNode,
  applyAlgebra,
  block,
  constant,
  type Expr,
  type ExprTree,
  exprLeaves,
  grad,
  isValid,
  jvp,
  type NoParams,
  neg,
  primitives,
  reduceSum,
  refused,
  type Step,
  scan,
  showShapeError,
  tanh,
  topological,
  valueAndGrad,
  vjp,
} from '../../src/index.js';
import { graphOf, tensor, valid } from '../laws/evaluating.js';

const x = constant(0, 'f32', [2]);

const error = (tree: ExprTree): string => {
  const [first] = exprLeaves(tree);
  return first === undefined || isValid(first) ? 'accepted' : showShapeError(first.error);
};

/** The identity with a derivative of our choice. */
const withDerivative = (derivative: (ct: Expr) => Expr): ((y: Expr) => Expr) => {
  const primitive: Primitive<'wrong', NoParams> = {
    name: 'wrong',
    infer: (_params, operands) => E.right(operands),
    vjp: ({ cotangents: [ct] }) => [O.map(derivative)(ct ?? O.none)],
    ref: (_params, operands) => operands.map(({ data }) => data),
  };
  return (y) => apply(primitive, {}, [y]);
};

const rules: ReadonlyArray<readonly [string, (y: Expr) => Expr, string]> = [
  [
    'of another type',
    withDerivative((ct) => reduceSum(ct)),
    'derivative of wrong(f32[2]): gave a cotangent f32[] for an operand f32[2]',
  ],
  ['that is invalid', withDerivative(() => refused('inner', [], 'broken on purpose')), 'inner(): broken on purpose'],
];

describe.each(rules)('a rule that gives a cotangent %s', (_, wrong, message) => {
  it('makes the gradient invalid, naming the primitive', () => {
    expect(error(grad((y: Expr) => reduceSum(wrong(tanh(y))))(x))).toContain(message);
    expect(error(vjp((y: Expr) => wrong(y), x).pullback(x))).toContain(message);
    expect(error(jvp((y: Expr) => wrong(y), x, x).tangents)).toContain(message);
    const { value, grads } = valueAndGrad((y: Expr) => reduceSum(wrong(y)))(x);
    expect([error(value), error(grads)]).toEqual(['accepted', expect.stringContaining(message)]);
  });

  it('inside a block', () => {
    expect(error(grad((y: Expr) => reduceSum(block('b', {}, wrong, y)))(x))).toContain(message);
  });

  it('inside a scan', () => {
    const step = (c: Expr): Step<Expr, Record<never, Expr>> => ({ carry: wrong(c), y: {} });
    expect(error(grad((y: Expr) => reduceSum(scan(step, y, {}, { length: 2 }).carry))(x))).toContain(message);
  });
});

describe('vjp', () => {
  it('refuses cotangents of another type or number', () => {
    const { pullback } = vjp<Expr, Expr>(tanh, x);
    expect(error(pullback(constant(1, 'f32')))).toContain('cotangent 0 must be f32[2], got f32[]');
    const two = vjp<Expr, ExprTree>((y) => ({ a: y, b: neg(y) }), x);
    expect(error(two.pullback({ a: x }))).toContain('expected 2 cotangents, got 1');
  });
});

describe('scan', () => {
  it('refuses a sequence without a first axis, and a step that returns another number of carries', () => {
    const keep = (c: Expr, e: Expr): Step<Expr, Expr> => ({ carry: c, y: e });
    expect(error(scan(keep, x, constant(0, 'f32')).carry)).toContain('a sequence needs a first axis to run along');
    const more = (c: ExprTree): Step<ExprTree, Record<never, Expr>> => ({ carry: { a: c, b: c }, y: {} });
    expect(error(scan(more, x, {}, { length: 2 }).carry)).toContain('the carry has 1 leaves, the step returns 2');
    expect(error(scan(keep, x, x, { length: 0.5 }).carry)).toContain('sequences and length must agree: 2, 0.5');
    const none = (c: Expr): Step<Expr, Record<never, Expr>> => ({ carry: c, y: {} });
    expect(error(scan(none, x, {}, { length: 0.5 }).carry)).toContain('length 0.5 is not a count');
  });
});

describe('an algebra', () => {
  it('is given the name, params and types of each node', () => {
    const table = Object.fromEntries(
      Object.keys(primitives).map((name) => [
        name,
        (application: { readonly name: string; readonly operands: readonly unknown[] }) =>
          `${name} is ${application.name} of ${application.operands.length}`,
      ]),
    ) as unknown as Algebra<string>;
    const graph = graphOf([tensor('f32', [2], [1, 2])], (y = x) => [reduceSum(tanh(y))]);
    const nodes = topological(graph.outputs).filter((node): node is ApplyNode => node instanceof ApplyNode);
    expect(nodes.map((node) => applyAlgebra(table, node))).toEqual([
      'tanh is tanh of 1',
      'reduce_sum is reduce_sum of 1',
    ]);
    expect(valid(x).type.dtype).toBe('f32');
  });
});
