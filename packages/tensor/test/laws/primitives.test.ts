import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, it } from 'vitest';
import { type AnyPrimitive, applyAll, Graph, input } from '../../src/expr.js';
import {
  constant,
  type Expr,
  evaluateGraph,
  isFloat,
  type PrimitiveName,
  primitives,
  type RefTensor,
  showShapeError,
  sizeOf,
} from '../../src/index.js';
import { type OperandSpec, records } from './catalogue.js';
import { expectAdjoint, expectDerivative, expectSecondDerivative, type Multi } from './derivatives.js';
import { eighths, listOf, tensor, valid } from './evaluating.js';

type AnyExample = {
  readonly params: unknown;
  readonly operands: readonly OperandSpec[];
};

const operand = ({ dtype, shape, element, spread }: OperandSpec): fc.Arbitrary<RefTensor> =>
  listOf(sizeOf(shape), element).map((list) =>
    tensor(
      dtype,
      shape,
      list.map((x, i) => x + i * spread),
    ),
  );

const point = ({ operands }: AnyExample): fc.Arbitrary<readonly RefTensor[]> => fc.tuple(...operands.map(operand));

const applied =
  (primitive: AnyPrimitive, { params }: AnyExample): Multi =>
  (...inputs) => {
    const results = applyAll(primitive, params, inputs);
    if (E.isLeft(results)) throw new Error(showShapeError(results.left.error));
    return results.right;
  };

const numbersList = fc.array(eighths, { minLength: 1, maxLength: 4 });

const check = (
  f: (at: readonly RefTensor[], list: readonly number[], weights: readonly number[]) => void,
  example: AnyExample,
): void =>
  fc.assert(fc.property(point(example), numbersList, numbersList, f), { numRuns: 20, includeErrorInReport: true });

/** Whether every number is one that the dtype has. */
const inDomain = ({ type, data }: RefTensor): boolean => {
  switch (type.dtype) {
    case 'bool':
      return data.every((x) => x === 0 || x === 1);
    case 'i32':
      return data.every((x) => x === (x | 0));
    case 'u32':
      return data.every((x) => x === x >>> 0);
    default:
      return true;
  }
};

const differentiable = ({ operands }: AnyExample): boolean => operands.some(({ dtype }) => isFloat(dtype));

describe.each(Object.keys(primitives) as readonly PrimitiveName[])('%s', (name) => {
  const primitive: AnyPrimitive = primitives[name];
  const { examples, derivative } = records[name];

  it('is listed under its own name', () => {
    expect(primitive.name).toBe(name);
  });

  describe.each(examples.map((example: AnyExample, i) => [i, example] as const))('example %s', (_, example) => {
    const f = applied(primitive, example);

    it('infer agrees with the reference: as many results, as many numbers, all of the dtype', () => {
      check((at) => {
        const inputs = at.map(({ type }, i) => input(`x${i}`, type));
        const graph = new Graph(inputs, f(...inputs).map(valid));
        const results = evaluateGraph(graph, at);
        expect(results.length).toBe(graph.outputs.length);
        results.forEach((result, i) => {
          expect(result.type).toEqual(graph.outputs[i]?.type);
          expect(result.data.length).toBe(sizeOf(result.type.shape));
          expect(inDomain(result)).toBe(true);
        });
      }, example);
    });

    if (!differentiable(example)) return;
    const results = f(...example.operands.map(({ dtype, shape }) => constant(0, dtype, shape)));
    const smooth = derivative === 'smooth' && results.some((y) => isFloat(valid(y).type.dtype));

    if (smooth) {
      it('derivative = central difference', () => {
        check((at, list, weights) => expectDerivative(f, at, list, weights), example);
      });

      it('second derivative = central difference of the derivative', () => {
        check((at, list, weights) => expectSecondDerivative(f, at, list, weights), example);
      });

      it('⟨J v, u⟩ = ⟨v, Jᵀ u⟩', () => {
        check((at, list, weights) => expectAdjoint(f, at, list, weights), example);
      });
    } else {
      it('no cotangent flows', () => {
        const operands = example.operands.map(({ dtype, shape }, i) => input(`x${i}`, tensor(dtype, shape, []).type));
        const applied = f(...operands).map(valid);
        const cts = primitive.vjp({
          params: example.params,
          operands,
          results: applied,
          cotangents: applied.map((y): O.Option<Expr> => O.some(y)),
          wanted: operands.map(() => true),
        });
        expect(cts).toEqual(operands.map(() => O.none));
      });
    }
  });
});
