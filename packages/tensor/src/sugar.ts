import * as E from 'fp-ts/lib/Either.js';
import { allValid, apply, type Expr, type Primitive, refused } from './expr.js';
import { broadcastShape, broadcastTo } from './ops/broadcast.js';
import { constant } from './ops/constant.js';
import type { DType } from './type.js';

/** An expression, or a number that takes the dtype of the expressions beside it. */
export type Operand = Expr | number;

const dtypeBeside = (operands: readonly Operand[]): DType => {
  for (const operand of operands) {
    if (typeof operand !== 'number' && operand._tag === 'TensorExpr') return operand.type.dtype;
  }
  return 'f32';
};

/** Numbers become constants of the neighbouring dtype; a fraction beside integers is refused by `constant`. */
const lift = (operands: readonly Operand[]): readonly Expr[] => {
  const dtype = dtypeBeside(operands);
  return operands.map((operand) => (typeof operand === 'number' ? constant(operand, dtype) : operand));
};

/** The operands repeated to their common shape, axes aligned at the end. */
export const broadcastOperands = (name: string, operands: readonly Operand[]): E.Either<Expr, readonly Expr[]> => {
  const valid = allValid(lift(operands));
  if (E.isLeft(valid)) return valid;
  const shape = broadcastShape(valid.right.map(({ type }) => type.shape));
  return shape === undefined
    ? E.left(
        refused(
          name,
          valid.right.map(({ type }) => type),
          'shapes do not broadcast together',
        ),
      )
    : E.right(valid.right.map((expr) => broadcastTo(expr, shape)));
};

/** Applies a strict elementwise primitive after lifting numbers and broadcasting. */
export const applyBroadcast = <Params>(
  primitive: Primitive<string, Params>,
  params: Params,
  operands: readonly Operand[],
): Expr => {
  const broadcast = broadcastOperands(primitive.name, operands);
  return E.isLeft(broadcast) ? broadcast.left : apply(primitive, params, broadcast.right);
};

/** A zero of the type of an expression. */
export const zerosLike = (x: Expr): Expr => (x._tag === 'TensorExpr' ? constant(0, x.type.dtype, x.type.shape) : x);

/** Ones of the type of an expression. */
export const onesLike = (x: Expr): Expr => (x._tag === 'TensorExpr' ? constant(1, x.type.dtype, x.type.shape) : x);
