import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { apply, type Expr, type Primitive, refused, withType, withTypes } from '../expr.js';
import { axesFit, checkOperands, gradients, isShape, operandAt, single } from '../rule.js';
import { element, entry, extentOf, sameShape, showType, sizeOf, stridesOf, TensorType } from '../type.js';
import { isElement } from './constant.js';
import { pick, stridedIndices } from './shape.js';

/** First element, end (exclusive) and step per axis. */
export type SliceParams = {
  readonly start: readonly number[];
  readonly limit: readonly number[];
  readonly strides: readonly number[];
};

const sliceFits = ({ start, limit, strides }: SliceParams, { shape }: TensorType): boolean =>
  [start, limit, strides].every((list) => list.length === shape.length && list.every(Number.isInteger)) &&
  shape.every((extent, axis) => {
    const [from, to, step] = [entry(start, axis), entry(limit, axis), entry(strides, axis)];
    return from >= 0 && from <= to && to <= extent && step >= 1;
  });

/** Every `strides`-th element from `start` up to `limit`. */
export const sliceP: Primitive<'slice', SliceParams> = single<'slice', SliceParams>({
  name: 'slice',
  infer: (params, operands) => {
    const checked = checkOperands(operands, 1, 'any');
    if (E.isLeft(checked)) return checked;
    const x = operandAt(operands, 0);
    const { start, limit, strides } = params;
    if (!sliceFits(params, x)) {
      return E.left(
        `[${start.join(',')}] to [${limit.join(',')}] by [${strides.join(',')}] lies outside ${showType(x)}`,
      );
    }
    return E.right(
      new TensorType(
        x.dtype,
        start.map((from, axis) => Math.ceil((entry(limit, axis) - from) / entry(strides, axis))),
      ),
    );
  },
  // The transpose of selecting elements is putting them back among zeros.
  vjp: ({ params, operands, result, ct }) => {
    const { shape } = operandAt(operands, 0).type;
    const interior = params.strides.map((step) => step - 1);
    const high = shape.map((extent, axis) => {
      const n = extentOf(result.type.shape, axis);
      const covered = n === 0 ? 0 : (n - 1) * entry(params.strides, axis) + 1;
      return extent - entry(params.start, axis) - covered;
    });
    return gradients(apply(padP, { low: params.start, high, interior, value: 0 }, [ct]));
  },
  ref: ({ start, strides }, operands, { shape }) => {
    const x = operandAt(operands, 0);
    const from = stridesOf(x.type.shape);
    const first = start.reduce((sum, at, axis) => sum + at * entry(from, axis), 0);
    const steps = strides.map((step, axis) => step * entry(from, axis));
    return pick(x.data, stridedIndices(shape, steps, first));
  },
});

/** Elements from `start` up to `limit` (exclusive) by `strides`, 1 by default. */
export const slice = (
  x: Expr,
  start: readonly number[],
  limit: readonly number[],
  strides: readonly number[] = start.map(() => 1),
): Expr => apply(sliceP, { start, limit, strides }, [x]);

/** Elements `start … limit − 1` along one axis; a negative axis counts from the end. */
export const sliceInDim = (x: Expr, start: number, limit: number, axis: number): Expr =>
  withType(x, (type) => {
    const { shape } = type;
    const at = axis < 0 ? axis + shape.length : axis;
    if (!axesFit([at], shape.length)) {
      return refused('sliceInDim', [type], `axis ${axis} is outside the rank ${shape.length}`);
    }
    return slice(
      x,
      shape.map((_, other) => (other === at ? start : 0)),
      shape.map((extent, other) => (other === at ? limit : extent)),
    );
  });

/** Elements added before, after and between the operand's, per axis, and what they are. */
export type PadParams = {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
  readonly value: number;
};

/** Surrounds and interleaves the operand with one value. Amounts are not negative. */
export const padP: Primitive<'pad', PadParams> = single<'pad', PadParams>({
  name: 'pad',
  infer: ({ low, high, interior, value }, operands) => {
    const checked = checkOperands(operands, 1, 'any');
    if (E.isLeft(checked)) return checked;
    const { dtype, shape } = operandAt(operands, 0);
    if ([low, high, interior].some((list) => list.length !== shape.length || !isShape(list))) {
      return E.left(`low, high and interior must be ${shape.length} non-negative integers each`);
    }
    const padded = shape.map(
      (extent, axis) =>
        extentOf(low, axis) + extent + Math.max(extent - 1, 0) * entry(interior, axis) + entry(high, axis),
    );
    if (!isShape(padded)) return E.left(`[${padded.join(',')}] is not a shape`);
    return isElement(dtype, value) ? E.right(new TensorType(dtype, padded)) : E.left(`${value} is not a ${dtype}`);
  },
  // The transpose of surrounding with zeros is taking the middle out.
  vjp: ({ params, operands, ct }) => {
    const { shape } = operandAt(operands, 0).type;
    const strides = params.interior.map((n) => n + 1);
    const limit = shape.map(
      (extent, axis) => entry(params.low, axis) + (extent === 0 ? 0 : (extent - 1) * entry(strides, axis) + 1),
    );
    return gradients(slice(ct, params.low, limit, strides));
  },
  ref: ({ low, interior, value }, operands, { shape }) => {
    const x = operandAt(operands, 0);
    const out = new Float64Array(sizeOf(shape)).fill(value);
    const strides = stridesOf(shape);
    const first = low.reduce((sum, at, axis) => sum + at * entry(strides, axis), 0);
    const steps = interior.map((n, axis) => (n + 1) * entry(strides, axis));
    stridedIndices(x.type.shape, steps, first).forEach((at, i) => {
      out[at] = element(x.data, i);
    });
    return out;
  },
});

/** `x` with `low` elements before and `high` after it along each axis. */
export const pad = (x: Expr, low: readonly number[], high: readonly number[], value = 0): Expr =>
  apply(padP, { low, high, interior: low.map(() => 0), value }, [x]);

/** The axis along which operands follow one another. */
export type ConcatenateParams = {
  readonly axis: number;
};

const extentsAlong = (types: readonly TensorType[], axis: number): readonly number[] =>
  types.map(({ shape }) => extentOf(shape, axis));

/** Puts operands one after another along an axis. */
export const concatenateP: Primitive<'concatenate', ConcatenateParams> = single<'concatenate', ConcatenateParams>({
  name: 'concatenate',
  infer: ({ axis }, operands) => {
    const [first] = operands;
    if (first === undefined) return E.left('expected at least one operand');
    if (!Number.isInteger(axis) || axis < 0 || axis >= first.shape.length) {
      return E.left(`axis ${axis} is outside the rank ${first.shape.length}`);
    }
    const without = ({ shape }: TensorType): readonly number[] => shape.map((n, other) => (other === axis ? 0 : n));
    const wrong = operands.find((type) => type.dtype !== first.dtype || !sameShape(without(type), without(first)));
    if (wrong !== undefined)
      return E.left(`${showType(wrong)} does not continue ${showType(first)} along axis ${axis}`);
    const total = extentsAlong(operands, axis).reduce((a, b) => a + b, 0);
    return E.right(
      new TensorType(
        first.dtype,
        first.shape.map((n, other) => (other === axis ? total : n)),
      ),
    );
  },
  // The transpose of joining is cutting apart.
  vjp: ({ params: { axis }, operands, ct }) => {
    let start = 0;
    return operands.map(({ type }) => {
      const limit = start + extentOf(type.shape, axis);
      const part = sliceInDim(ct, start, limit, axis);
      start = limit;
      return O.some(part);
    });
  },
  ref: ({ axis }, operands, { shape }) => {
    const out = new Float64Array(sizeOf(shape));
    const inner = sizeOf(shape.slice(axis + 1));
    const outer = sizeOf(shape.slice(0, axis));
    const row = extentOf(shape, axis) * inner;
    let offset = 0;
    for (const { data, type } of operands) {
      const width = extentOf(type.shape, axis) * inner;
      for (let i = 0; i < outer; i++) out.set(data.subarray(i * width, (i + 1) * width), i * row + offset);
      offset += width;
    }
    return out;
  },
});

/** Operands one after another along an axis; a negative axis counts from the end. */
export const concatenate = (operands: readonly Expr[], axis: number): Expr => {
  const [first] = operands;
  if (first === undefined) return refused('concatenate', [], 'expected at least one operand');
  return withTypes(operands, ([type]) =>
    apply(concatenateP, { axis: axis < 0 ? axis + (type?.shape.length ?? 0) : axis }, operands),
  );
};
