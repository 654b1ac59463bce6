import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { apply, type Expr, type Primitive, type RefTensor, type TensorExpr } from '../expr.js';
import { noGradients, operandAt, single } from '../rule.js';
import { type Operand, zerosLike } from '../sugar.js';
import { element, entry, extentOf, type Shape, showType, stridesOf, TensorType } from '../type.js';
import { constant } from './constant.js';
import { pick, stridedIndices } from './shape.js';

/** The extents of the slice. */
export type DynamicSliceParams = {
  readonly sizes: Shape;
};

const checkStarts = (starts: readonly TensorType[], rank: number): E.Either<string, null> => {
  if (starts.length !== rank) return E.left(`expected ${rank} start indices, got ${starts.length}`);
  const wrong = starts.find(({ dtype, shape }) => dtype !== 'i32' || shape.length !== 0);
  return wrong === undefined ? E.right(null) : E.left(`start indices must be i32[], got ${showType(wrong)}`);
};

/** Start indices are clamped so that the slice lies inside, as in lax and StableHLO. */
const clampedStarts = (starts: readonly RefTensor[], shape: Shape, sizes: Shape): readonly number[] =>
  starts.map(({ data }, axis) => {
    const last = extentOf(shape, axis) - extentOf(sizes, axis);
    return Math.min(Math.max(element(data, 0), 0), last);
  });

const regionIndices = (starts: readonly RefTensor[], shape: Shape, sizes: Shape): Int32Array => {
  const strides = stridesOf(shape);
  const first = clampedStarts(starts, shape, sizes).reduce((sum, at, axis) => sum + at * entry(strides, axis), 0);
  return stridedIndices(sizes, strides, first);
};

const sizesFit = (sizes: Shape, shape: Shape): boolean =>
  sizes.length === shape.length &&
  sizes.every((n, axis) => Number.isInteger(n) && n >= 0 && n <= extentOf(shape, axis));

/** A slice of fixed extents that starts where scalars say. Operands: operand, then one i32[] start per axis. */
export const dynamicSliceP: Primitive<'dynamic_slice', DynamicSliceParams> = single<
  'dynamic_slice',
  DynamicSliceParams
>({
  name: 'dynamic_slice',
  infer: ({ sizes }, operands) => {
    const [x, ...starts] = operands;
    if (x === undefined) return E.left('expected an operand');
    const checked = checkStarts(starts, x.shape.length);
    if (E.isLeft(checked)) return checked;
    return sizesFit(sizes, x.shape)
      ? E.right(new TensorType(x.dtype, sizes))
      : E.left(`sizes [${sizes.join(',')}] do not fit in ${showType(x)}`);
  },
  // The transpose of cutting a region out is putting it into zeros.
  vjp: ({ operands, ct }) => {
    const [x, ...starts] = operands;
    const zeros = zerosLike(x ?? operandAt(operands, 0));
    return [O.some(apply(dynamicUpdateSliceP, {}, [zeros, ct, ...starts])), ...noGradients(starts.length)];
  },
  ref: ({ sizes }, operands) => {
    const x = operandAt(operands, 0);
    return pick(x.data, regionIndices(operands.slice(1), x.type.shape, sizes));
  },
});

/** An operand with a region replaced. Operands: operand, update, then one i32[] start per axis. */
export const dynamicUpdateSliceP: Primitive<'dynamic_update_slice', Readonly<Record<never, never>>> = single<
  'dynamic_update_slice',
  Readonly<Record<never, never>>
>({
  name: 'dynamic_update_slice',
  infer: (_params, operands) => {
    const [x, update, ...starts] = operands;
    if (x === undefined || update === undefined) return E.left('expected an operand and an update');
    const checked = checkStarts(starts, x.shape.length);
    if (E.isLeft(checked)) return checked;
    return update.dtype === x.dtype && sizesFit(update.shape, x.shape)
      ? E.right(x)
      : E.left(`${showType(update)} does not fit in ${showType(x)}`);
  },
  // d out = d operand outside the region, d update inside it
  vjp: ({ operands, ct }) => {
    const update = operandAt(operands, 1);
    const starts: readonly TensorExpr[] = operands.slice(2);
    return [
      O.some(apply(dynamicUpdateSliceP, {}, [ct, zerosLike(update), ...starts])),
      O.some(apply(dynamicSliceP, { sizes: update.type.shape }, [ct, ...starts])),
      ...noGradients(starts.length),
    ];
  },
  ref: (_params, operands) => {
    const [x, update] = [operandAt(operands, 0), operandAt(operands, 1)];
    const out = x.data.slice();
    regionIndices(operands.slice(2), x.type.shape, update.type.shape).forEach((at, i) => {
      out[at] = element(update.data, i);
    });
    return out;
  },
});

const liftStarts = (starts: readonly Operand[]): readonly Expr[] =>
  starts.map((start) => (typeof start === 'number' ? constant(start, 'i32') : start));

/** The region of `x` of extents `sizes` that begins at `starts` (i32[] each), clamped so that it lies inside. */
export const dynamicSlice = (x: Expr, starts: readonly Operand[], sizes: Shape): Expr =>
  apply(dynamicSliceP, { sizes }, [x, ...liftStarts(starts)]);

/** `x` with the region that begins at `starts` (i32[] each, clamped so that it lies inside) replaced by `update`. */
export const dynamicUpdateSlice = (x: Expr, update: Expr, starts: readonly Operand[]): Expr =>
  apply(dynamicUpdateSliceP, {}, [x, update, ...liftStarts(starts)]);
