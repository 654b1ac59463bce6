import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { apply, type Expr, type Primitive } from '../expr.js';
import { checkOperands, mapData, type NoParams, noGradients, operandAt, sameTypes, single, zipData } from '../rule.js';
import { applyBroadcast, broadcastOperands, type Operand, zerosLike } from '../sugar.js';
import { element, sameShape, showType } from '../type.js';

/** The six comparisons of StableHLO. */
export type Direction = 'EQ' | 'NE' | 'LT' | 'LE' | 'GT' | 'GE';

/** Which comparison. */
export type CompareParams = {
  readonly direction: Direction;
};

const comparisons: { readonly [D in Direction]: (a: number, b: number) => boolean } = {
  EQ: (a, b) => a === b,
  NE: (a, b) => a !== b,
  LT: (a, b) => a < b,
  LE: (a, b) => a <= b,
  GT: (a, b) => a > b,
  GE: (a, b) => a >= b,
};

/** Elementwise comparison; with a NaN every direction but NE is false. */
export const compareP: Primitive<'compare', CompareParams> = single<'compare', CompareParams>({
  name: 'compare',
  infer: sameTypes(2, 'any', 'bool'),
  // Piecewise constant: no derivative flows.
  vjp: () => noGradients(2),
  ref: ({ direction }, operands) => {
    const holds = comparisons[direction];
    return zipData(operandAt(operands, 0), operandAt(operands, 1), (a, b) => (holds(a, b) ? 1 : 0));
  },
});

const compare =
  (direction: Direction) =>
  (x: Operand, y: Operand): Expr =>
    applyBroadcast(compareP, { direction }, [x, y]);

/** x = y. */
export const eq = compare('EQ');
/** x ≠ y. */
export const ne = compare('NE');
/** x < y. */
export const lt = compare('LT');
/** x ≤ y. */
export const le = compare('LE');
/** x > y. */
export const gt = compare('GT');
/** x ≥ y. */
export const ge = compare('GE');

const none: NoParams = {};

/** Logical or bitwise negation. */
export const notP: Primitive<'not', NoParams> = single({
  name: 'not',
  infer: sameTypes(1, 'logical'),
  vjp: () => noGradients(1),
  ref: (_params, operands, { dtype }) =>
    mapData(operandAt(operands, 0), (a) => (dtype === 'bool' ? 1 - a : dtype === 'u32' ? ~a >>> 0 : ~a)),
});

/** Logical negation of a bool, bitwise negation of an integer. */
export const not = (x: Expr): Expr => apply(notP, none, [x]);

/** Logical or bitwise conjunction. */
export const andP: Primitive<'and', NoParams> = single({
  name: 'and',
  infer: sameTypes(2, 'logical'),
  vjp: () => noGradients(2),
  ref: (_params, operands, { dtype }) =>
    zipData(operandAt(operands, 0), operandAt(operands, 1), (a, b) => (dtype === 'u32' ? (a & b) >>> 0 : a & b)),
});

/** Conjunction of bools, bitwise of integers; broadcast. */
export const and = (x: Operand, y: Operand): Expr => applyBroadcast(andP, none, [x, y]);

/** Logical or bitwise disjunction. */
export const orP: Primitive<'or', NoParams> = single({
  name: 'or',
  infer: sameTypes(2, 'logical'),
  vjp: () => noGradients(2),
  ref: (_params, operands, { dtype }) =>
    zipData(operandAt(operands, 0), operandAt(operands, 1), (a, b) => (dtype === 'u32' ? (a | b) >>> 0 : a | b)),
});

/** Disjunction of bools, bitwise of integers; broadcast. */
export const or = (x: Operand, y: Operand): Expr => applyBroadcast(orP, none, [x, y]);

/** Chooses elements by a predicate of the same shape. */
export const selectP: Primitive<'select', NoParams> = single({
  name: 'select',
  infer: (_params, operands) => {
    const checked = checkOperands(operands, 3, 'any');
    if (E.isLeft(checked)) return checked;
    const predicate = operandAt(operands, 0);
    const branches = sameTypes(2, 'any')(_params, operands.slice(1));
    if (E.isLeft(branches)) return branches;
    if (predicate.dtype !== 'bool') return E.left(`the predicate must be bool, got ${showType(predicate)}`);
    return sameShape(predicate.shape, branches.right.shape)
      ? branches
      : E.left(`the predicate must have the shape [${branches.right.shape.join(',')}] of the branches`);
  },
  // d select(p, x, y) = select(p, dx, dy)
  vjp: ({ operands, ct }) => {
    const predicate = operandAt(operands, 0);
    const zero = zerosLike(ct);
    return [O.none, O.some(select(predicate, ct, zero)), O.some(select(predicate, zero, ct))];
  },
  ref: (_params, operands) => {
    const [predicate, x, y] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)];
    return mapData(predicate, () => 0).map((_, i) => (predicate.data[i] ? element(x.data, i) : element(y.data, i)));
  },
});

/** `x` where the predicate holds, `y` elsewhere; all of one shape. An unchosen NaN does not leak, nor its derivative. */
export const select = (predicate: Expr, x: Expr, y: Expr): Expr => apply(selectP, none, [predicate, x, y]);

/** `x` where the predicate holds, `y` elsewhere; broadcast. */
export const where = (predicate: Expr, x: Operand, y: Operand): Expr => {
  const branches = broadcastOperands('where', [x, y]);
  if (E.isLeft(branches)) return branches.left;
  const all = broadcastOperands('where', [predicate, ...branches.right]);
  return E.isLeft(all) ? all.left : apply(selectP, none, all.right);
};
