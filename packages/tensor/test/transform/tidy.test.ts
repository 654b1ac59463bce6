import { expect, it } from 'vitest';
import { add, constant, type Expr, evaluateGraph, type Graph, mul, scan, simplify, sin } from '../../src/index.js';
import { graphOf, tensor } from '../laws/evaluating.js';
import { applications, scansOf, stackedOf } from '../ops/counting.js';

type Names = { readonly [name: string]: Expr };

const none = constant(0, 'f64');
const at = [tensor('f64', [2], [1, 2]), tensor('f64', [3, 2], [1, 2, 3, 4, 5, 6])];

/** The simplified graph, of the same values. */
const simplified = (f: (k: Expr, xs: Expr) => readonly Expr[]): Graph => {
  const graph = graphOf(at, (k = none, xs = none) => f(k, xs));
  const simple = simplify(graph);
  const numbers = (of: Graph): readonly number[][] => evaluateGraph(of, at).map(({ data }) => [...data]);
  expect(numbers(simple)).toEqual(numbers(graph));
  return simple;
};

it('a result that is stacked twice is stacked once', () => {
  const graph = simplified((k, xs) => {
    const { carry, ys } = scan(
      (c: Expr, x: Expr) => ({ carry: add(c, x), y: { a: sin(c), b: sin(c), c: mul(sin(c), 1) } satisfies Names }),
      k,
      xs,
    );
    return [carry, ...Object.values(ys)];
  });
  expect(scansOf(graph).map(stackedOf)).toEqual([['sin']]);
});

it('a stacked sequence is the sequence, a stacked constant is the constant repeated', () => {
  const graph = simplified((k, xs) => {
    const { carry, ys } = scan((c: Expr, x: Expr) => ({ carry: add(c, x), y: { a: x, b: k } satisfies Names }), k, xs, {
      reverse: true,
    });
    return [carry, ...Object.values(ys)];
  });
  expect(scansOf(graph).map(stackedOf)).toEqual([[]]);
});

it('a scan that only copies is gone', () => {
  const graph = simplified((k, xs) =>
    Object.values(scan((_: Names, x: Expr) => ({ carry: {}, y: { a: x, b: k } }), {}, xs).ys),
  );
  expect(scansOf(graph)).toEqual([]);
});

it('an operand that is given twice is given once, and one that is not read not at all', () => {
  const graph = simplified((k, xs) => {
    const { carry } = scan((c: Expr, { a = c, b = c }: Names) => ({ carry: mul(add(c, sin(a)), sin(b)), y: {} }), k, {
      a: xs,
      b: xs,
      idle: mul(xs, xs),
    } satisfies Names);
    return [carry];
  });
  const [body] = scansOf(graph).map((loop) => loop.body);
  expect(body?.inputs).toHaveLength(2);
  // Once their operands are one, the two sines are one too.
  expect(body === undefined ? [] : applications(body, 'sin')).toHaveLength(1);
});

it('a result that nothing else needs is gone with the copy that read it', () => {
  const graph = simplified((k, xs) => {
    const first = scan((c: Expr, x: Expr) => ({ carry: add(c, x), y: sin(c) }), k, xs);
    const second = scan((c: Expr, { x = c }: Names) => ({ carry: add(c, x), y: x }), k, {
      x: first.ys,
    } satisfies Names);
    return [first.carry, second.ys];
  });
  expect(scansOf(graph)).toHaveLength(1);
});
