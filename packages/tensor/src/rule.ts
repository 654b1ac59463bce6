import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import type { Expr, Primitive, RefTensor, TensorExpr } from './expr.js';
import { element, isFloat, sameShape, showType, sizeOf, TensorType } from './type.js';

/** A cotangent for each operand, `none` where no derivative flows. */
export type Gradients = ReadonlyArray<O.Option<Expr>>;

/** What the derivative rule of a primitive with one result is given. */
export type SingleVjp<Params> = {
  readonly params: Params;
  readonly operands: readonly TensorExpr[];
  readonly result: TensorExpr;
  readonly ct: Expr;
};

type SingleRules<Name extends string, Params> = {
  readonly name: Name;
  readonly infer: (params: Params, operands: readonly TensorType[]) => E.Either<string, TensorType>;
  readonly vjp: (input: SingleVjp<Params>) => Gradients;
  readonly ref: (params: Params, operands: readonly RefTensor[], result: TensorType) => Float64Array;
};

/** No derivative flows to any of `count` operands. */
export const noGradients = (count: number): Gradients => new Array<O.Option<Expr>>(count).fill(O.none);

/** Cotangents for all operands. */
export const gradients = (...cts: readonly Expr[]): Gradients => cts.map(O.some);

/** A primitive with one result. */
export const single = <Name extends string, Params>(rules: SingleRules<Name, Params>): Primitive<Name, Params> => ({
  name: rules.name,
  infer: (params, operands) => E.map((type: TensorType) => [type])(rules.infer(params, operands)),
  vjp: ({ params, operands, results, cotangents }) => {
    const [result] = results;
    const ct = cotangents[0];
    return result === undefined || ct === undefined || O.isNone(ct)
      ? noGradients(operands.length)
      : rules.vjp({ params, operands, result, ct: ct.value });
  },
  ref: (params, operands, [result]) => (result === undefined ? [] : [rules.ref(params, operands, result)]),
});

/** Primitives without parameters carry the empty record. */
export type NoParams = Readonly<Record<never, never>>;

/** The operand at a position that `infer` has accepted. */
export const operandAt = <A>(operands: readonly A[], position: number): A => {
  const operand = operands[position];
  if (operand === undefined) throw new RangeError(`no operand ${position}`);
  return operand;
};

/** Which element types a primitive takes. */
export type Kind = 'float' | 'number' | 'any' | 'logical';

const accepts = (kind: Kind, { dtype }: TensorType): boolean => {
  switch (kind) {
    case 'any':
      return true;
    case 'number':
      return dtype !== 'bool';
    case 'float':
      return isFloat(dtype);
    case 'logical':
      return !isFloat(dtype);
  }
};

const kindText: { readonly [K in Kind]: string } = {
  any: 'any element type',
  number: 'a number type',
  float: 'a floating-point type',
  logical: 'an integer type or bool',
};

/** Right when there are `count` operands, all of the kind. */
export const checkOperands = (operands: readonly TensorType[], count: number, kind: Kind): E.Either<string, null> => {
  if (operands.length !== count) return E.left(`expected ${count} operands, got ${operands.length}`);
  const wrong = operands.find((type) => !accepts(kind, type));
  return wrong === undefined ? E.right(null) : E.left(`expected ${kindText[kind]}, got ${showType(wrong)}`);
};

/** Elementwise shape rule: all operands of one type, the result of that type (or another dtype). */
export const sameTypes =
  (count: number, kind: Kind, resultDtype?: 'bool') =>
  (_params: unknown, operands: readonly TensorType[]): E.Either<string, TensorType> => {
    const checked = checkOperands(operands, count, kind);
    if (E.isLeft(checked)) return checked;
    const first = operandAt(operands, 0);
    const other = operands.find((type) => type.dtype !== first.dtype || !sameShape(type.shape, first.shape));
    if (other !== undefined) {
      return E.left(`operands must have one type, got ${showType(first)} and ${showType(other)}`);
    }
    return E.right(new TensorType(resultDtype ?? first.dtype, first.shape));
  };

/** The numbers of one operand mapped. */
export const mapData = (x: RefTensor, f: (a: number) => number): Float64Array => {
  const out = new Float64Array(x.data.length);
  for (let i = 0; i < out.length; i++) out[i] = f(element(x.data, i));
  return out;
};

/** The numbers of two operands of one shape combined. */
export const zipData = (x: RefTensor, y: RefTensor, f: (a: number, b: number) => number): Float64Array => {
  const out = new Float64Array(x.data.length);
  for (let i = 0; i < out.length; i++) out[i] = f(element(x.data, i), element(y.data, i));
  return out;
};

/** Whether `axes` are distinct, ascending and inside the rank. */
export const axesFit = (axes: readonly number[], rank: number): boolean =>
  axes.every(
    (axis, i) => Number.isInteger(axis) && axis >= 0 && axis < rank && (i === 0 || axis > (axes[i - 1] ?? -1)),
  );

/** Whether a list is a shape: non-negative integers whose product a double holds exactly. */
export const isShape = (shape: readonly number[]): boolean =>
  shape.every((extent) => Number.isInteger(extent) && extent >= 0) && Number.isSafeInteger(sizeOf(shape));

/** Integers wrap at 32 bits, as every backend's do. */
export const wrapIntegers = (data: Float64Array, dtype: TensorType['dtype']): Float64Array => {
  if (dtype === 'i32') return data.map((x) => x | 0);
  return dtype === 'u32' ? data.map((x) => x >>> 0) : data;
};
