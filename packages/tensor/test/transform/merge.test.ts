import { describe, expect, it } from 'vitest';
import {
  add,
  constant,
  cos,
  type Expr,
  evaluateGraph,
  type Graph,
  mul,
  type ScanOptions,
  scan,
  simplify,
  sin,
  tanh,
} from '../../src/index.js';
import { graphOf, tensor } from '../laws/evaluating.js';
import { scansOf, stackedOf } from '../ops/counting.js';

const none = constant(0, 'f64');
const at = [tensor('f64', [2], [1, 2]), tensor('f64', [3, 2], [1, 2, 3, 4, 5, 6])];

const both = (f: (c: Expr, xs: Expr) => readonly Expr[]): readonly [Graph, Graph] => {
  const graph = graphOf(at, (c = none, xs = none) => f(c, xs));
  return [graph, simplify(graph)];
};

const loop = (c: Expr, xs: Expr, y: (c: Expr, x: Expr) => Expr, options: ScanOptions = {}) =>
  scan((s: Expr, x: Expr) => ({ carry: tanh(add(s, mul(x, x))), y: y(s, x) }), c, xs, options);

const expectSameValues = ([before, after]: readonly [Graph, Graph]): void => {
  const numbers = (graph: Graph): readonly number[][] => evaluateGraph(graph, at).map(({ data }) => [...data]);
  expect(numbers(after)).toEqual(numbers(before));
};

describe('scans over the same operands', () => {
  it('that make the same steps become one, which stacks what any of them does', () => {
    const graphs = both((c, xs) => [
      loop(c, xs, (s, x) => sin(mul(s, x))).ys,
      loop(c, xs, (s) => cos(s)).ys,
      loop(c, xs, (s, x) => sin(mul(s, x)), { remat: 'none' }).carry,
    ]);
    expect(scansOf(graphs[1]).map(stackedOf)).toEqual([['sin', 'cos']]);
    expectSameValues(graphs);
  });

  it('become one when what tells them apart is unused', () => {
    const more = (c: Expr, xs: Expr): Expr =>
      scan(
        (s: { readonly a: Expr; readonly b: Expr }, x: Expr) => ({
          carry: { a: tanh(add(s.a, mul(x, x))), b: add(s.b, x) },
          y: cos(s.a),
        }),
        { a: c, b: c },
        xs,
      ).ys;
    const graphs = both((c, xs) => [loop(c, xs, (s, x) => sin(mul(s, x))).ys, more(c, xs)]);
    expect(scansOf(graphs[1]).map(stackedOf)).toEqual([['sin', 'cos']]);
    expectSameValues(graphs);
  });

  it('become one when what they run over turns out to be the same', () => {
    const graphs = both((c, xs) => {
      const first = loop(c, xs, (s) => sin(s)).ys;
      const second = loop(c, xs, (_, x) => add(x, 1));
      const third = loop(c, xs, (s) => cos(s)).carry;
      return [first, loop(third, xs, (s) => sin(s)).ys, loop(second.carry, xs, (s) => cos(s)).ys];
    });
    expect(scansOf(graphs[1])).toHaveLength(2);
    expectSameValues(graphs);
  });

  it('in other directions, or of other steps, stay apart', () => {
    const graphs = both((c, xs) => [
      loop(c, xs, (s) => sin(s)).ys,
      loop(c, xs, (s) => cos(s), { reverse: true }).ys,
      scan((s: Expr, x: Expr) => ({ carry: add(s, x), y: sin(s) }), c, xs).ys,
    ]);
    expect(scansOf(graphs[1])).toHaveLength(3);
    expectSameValues(graphs);
  });
});
