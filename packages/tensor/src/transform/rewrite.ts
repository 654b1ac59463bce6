import * as E from 'fp-ts/lib/Either.js';
import { type ApplyNode, applyAll, type TensorExpr } from '../expr.js';
import { mulP, negP, subP } from '../ops/arithmetic.js';
import { type BroadcastInDimParams, broadcastInDimP } from '../ops/broadcast.js';
import { type ConstantParams, constantP } from '../ops/constant.js';
import { convertP } from '../ops/convert.js';
import { type ReshapeParams, reshapeP, type TransposeParams, transposeP } from '../ops/shape.js';
import { entry, sameShape, sameType } from '../type.js';

/** The only result of applying a primitive to valid operands. */
const rebuilt = (results: E.Either<unknown, readonly TensorExpr[]>, otherwise: TensorExpr): TensorExpr =>
  E.isRight(results) ? (results.right[0] ?? otherwise) : otherwise;

const applied = (expr: TensorExpr, primitive: unknown): ApplyNode | undefined =>
  expr.node._tag === 'Apply' && expr.node.primitive === primitive ? expr.node : undefined;

const splat = (expr: TensorExpr | undefined): number | undefined => {
  const node = expr === undefined ? undefined : applied(expr, constantP);
  const { values } = (node?.params ?? { values: [] }) as ConstantParams;
  return values.length === 1 ? values[0] : undefined;
};

/*
 * Each rewriting keeps every bit of the result, NaN, infinities and signed zeros included; what only holds for real
 * numbers (x + 0, x · 0) is not done.
 */
type Rewriting = (node: ApplyNode, result: TensorExpr, x: TensorExpr) => TensorExpr | undefined;

const reshapeOfReshape: Rewriting = (node, result, x) => {
  const inner = applied(x, reshapeP)?.operands[0] ?? x;
  if (sameShape(inner.type.shape, result.type.shape)) return inner;
  if (splat(inner) !== undefined) return splatOf(inner, result);
  return inner === x ? undefined : rebuilt(applyAll(reshapeP, node.params as ReshapeParams, [inner]), result);
};

const transposeOfTranspose: Rewriting = (node, result, x) => {
  const { permutation } = node.params as TransposeParams;
  if (permutation.every((axis, i) => axis === i)) return x;
  if (splat(x) !== undefined) return splatOf(x, result);
  const inner = applied(x, transposeP);
  const [operand] = inner?.operands ?? [];
  if (inner === undefined || operand === undefined) return undefined;
  const first = (inner.params as TransposeParams).permutation;
  const both = permutation.map((axis) => entry(first, axis));
  if (both.every((axis, i) => axis === i)) return operand;
  return rebuilt(applyAll(transposeP, { permutation: both }, [operand]), result);
};

const broadcastOfBroadcast: Rewriting = (node, result, x) => {
  if (splat(x) !== undefined) return splatOf(x, result);
  const inner = applied(x, broadcastInDimP);
  const [operand] = inner?.operands ?? [];
  if (inner === undefined || operand === undefined) return sameType(x.type, result.type) ? x : undefined;
  const outer = node.params as BroadcastInDimParams;
  const dims = (inner.params as BroadcastInDimParams).dims.map((axis) => entry(outer.dims, axis));
  return rebuilt(applyAll(broadcastInDimP, { shape: outer.shape, dims }, [operand]), result);
};

const splatOf = (x: TensorExpr, result: TensorExpr): TensorExpr =>
  rebuilt(
    applyAll(constantP, { dtype: result.type.dtype, shape: result.type.shape, values: [splat(x) ?? 0] }, []),
    result,
  );

const sameConvert: Rewriting = (_node, result, x) => (x.type.dtype === result.type.dtype ? x : undefined);

const negOfNeg: Rewriting = (_node, _result, x) => applied(x, negP)?.operands[0];

const mulByOne: Rewriting = (node, _result, x) => {
  const [, y] = node.operands;
  if (splat(y) === 1) return x;
  return splat(x) === 1 ? y : undefined;
};

const subZero: Rewriting = (node, _result, x) => {
  const zero = splat(node.operands[1]);
  return zero !== undefined && Object.is(zero, 0) ? x : undefined;
};

const rewritings: ReadonlyMap<unknown, Rewriting> = new Map<unknown, Rewriting>([
  [reshapeP, reshapeOfReshape],
  [transposeP, transposeOfTranspose],
  [broadcastInDimP, broadcastOfBroadcast],
  [convertP, sameConvert],
  [negP, negOfNeg],
  [mulP, mulByOne],
  [subP, subZero],
]);

/** The result of a node, in fewer or cheaper nodes where a rewriting applies. */
export const rewritten = (node: ApplyNode, result: TensorExpr): TensorExpr => {
  const [x] = node.operands;
  return (x === undefined ? undefined : rewritings.get(node.primitive)?.(node, result, x)) ?? result;
};
