export {
  type Algebra,
  type Application,
  applyAlgebra,
  type Catalogue,
  type ParamsOf,
  type PrimitiveName,
  primitiveNameOf,
  primitives,
} from './catalogue.js';
export { type ShapeError, showShapeError } from './error.js';
export {
  type AnyPrimitive,
  ApplyNode,
  type EvaluateGraph,
  type Expr,
  Graph,
  InputNode,
  Invalid,
  isValid,
  type Node,
  type Primitive,
  type RefTensor,
  refused,
  TensorExpr,
  type VjpInput,
  withType,
  withTypes,
} from './expr.js';
export { type ExprsOf, type ExprTree, exprLeaves, type LeavesOf, withLeaves } from './exprs.js';
export { freeInputs, inlineGraph, topological } from './graph.js';
export { add, div, mul, neg, sub } from './ops/arithmetic.js';
export type { BlockAttributes, BlockParams } from './ops/block.js';
export {
  type BroadcastInDimParams,
  broadcastInDim,
  broadcastTo,
  type ReduceParams,
  reduceSum,
} from './ops/broadcast.js';
export {
  and,
  type CompareParams,
  type Direction,
  eq,
  ge,
  gt,
  le,
  lt,
  ne,
  not,
  or,
  select,
  where,
} from './ops/compare.js';
export { type ConstantParams, constant, type IotaParams, iota, literal } from './ops/constant.js';
export { type ConvertParams, convert, stopGradient } from './ops/convert.js';
export { type CumsumParams, cumsum } from './ops/cumsum.js';
export { type DotDimensions, type DotGeneralParams, dotGeneral, matmul } from './ops/dot.js';
export { type DynamicSliceParams, dynamicSlice, dynamicUpdateSlice } from './ops/dynamic.js';
export {
  abs,
  ceil,
  cos,
  exp,
  expm1,
  floor,
  isFinite,
  log,
  log1p,
  logistic,
  roundNearestEven,
  rsqrt,
  sign,
  sin,
  sqrt,
  tanh,
} from './ops/elementwise.js';
export { type ArgmaxParams, argmax, maximum, minimum, reduceMax, reduceMin } from './ops/extrema.js';
export { type GatherParams, gather, scatterAdd } from './ops/gather.js';
export { pow, power, rem } from './ops/powers.js';
export type { Remat } from './ops/remat.js';
export type { ScanParams } from './ops/scan.js';
export { type ReshapeParams, reshape, type TransposeParams, transpose } from './ops/shape.js';
export {
  type ConcatenateParams,
  concatenate,
  type PadParams,
  pad,
  type SliceParams,
  slice,
  sliceInDim,
} from './ops/slice.js';
export { hashGraph, printGraph } from './print.js';
export { hashProgram, type Port, Program, printProgram, program, type Signature } from './program.js';
export {
  type EvaluateError,
  evaluate,
  evaluateGraph,
  matchInputs,
  type Round,
  type Rounding,
  showEvaluateError,
} from './reference.js';
export type { NoParams } from './rule.js';
export { clip, gelu, relu, silu, square } from './std/activation.js';
export { einsum } from './std/einsum.js';
export { expandDims, oneHot, split, squeeze, stack, takeAlongLast } from './std/indexing.js';
export { layerNorm, rmsNorm, rmsNormalize } from './std/normalization.js';
export { logSoftmax, logSumExp, mean, softmax, variance } from './std/statistics.js';
export { type Operand, onesLike, zerosLike } from './sugar.js';
export { grad, jvp, type ValueAndGrad, type Vjp, valueAndGrad, valueAndGradWithAux, vjp } from './transform/grad.js';
export { block, type Scanned, type ScanOptions, type Step, scan } from './transform/loops.js';
export { simplify } from './transform/simplify.js';
export {
  type DType,
  dtypes,
  isFloat,
  isInteger,
  range,
  type Shape,
  sameShape,
  sameType,
  showType,
  sizeOf,
  stridesOf,
  TensorType,
  tensorType,
} from './type.js';
export {
  fromFloat64,
  type HostArray,
  type HostArrays,
  hostArray,
  roundHalfEven,
  roundTo,
  showValueError,
  TensorValue,
  tensorValue,
  toFloat64,
  type ValueError,
} from './value.js';
