import {
  abs,
  add,
  constant,
  convert,
  type DType,
  div,
  type Expr,
  type ExprTree,
  gt,
  isValid,
  lt,
  maximum,
  mul,
  reduceMax,
  reduceSum,
  select,
  sizeOf,
  sqrt,
  square,
  type TensorType,
  withTypes,
} from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import { roundedToBf16 } from './wide.js';

/** Squares are summed in at least f32, whatever the leaves are stored in. */
const sumDtype = (leaves: readonly Expr[]): 'f32' | 'f64' =>
  leaves.some((leaf) => isValid(leaf) && leaf.type.dtype === 'f64') ? 'f64' : 'f32';

/**
 * Where squares are neither too large nor too small, and what brings other numbers there: powers of two, which round
 * nothing.
 */
const scaling = {
  f32: { above: 2 ** 40, below: 2 ** -40, down: 2 ** -88, up: 2 ** 88 },
  f64: { above: 2 ** 400, below: 2 ** -400, down: 2 ** -600, up: 2 ** 600 },
} as const;

const largestOf = (leaves: readonly Expr[], dtype: DType): Expr =>
  leaves
    .filter((leaf) => !isValid(leaf) || sizeOf(leaf.type.shape) > 0)
    .map((leaf) => convert(reduceMax(abs(leaf)), dtype))
    .reduce((a, b) => maximum(a, b), constant(0, dtype));

/** 1 but for numbers whose squares are not to be had in the dtype. */
const scaleFor = (largest: Expr, dtype: 'f32' | 'f64'): Expr => {
  const { above, below, down, up } = scaling[dtype];
  const one = constant(1, dtype);
  return select(gt(largest, above), constant(down, dtype), select(lt(largest, below), constant(up, dtype), one));
};

type Entry = { readonly path: string; readonly leaf: Expr };

/** What is done to the sum of the squares of a leaf before the sums are added. */
type Round = (sum: Expr, entry: Entry) => Expr;

const exact: Round = (sum) => sum;

const asStored: Round = (sum, { leaf }) =>
  withTypes([sum, leaf], ([wide, stored]) => convert(convert(sum, stored?.dtype ?? 'f32'), wide?.dtype ?? 'f32'));

/** A norm as a quotient, for it may be too large or too small for its dtype. */
export type ScaledNorm = {
  readonly numerator: Expr;
  /** A power of two: 1 where no square is too large or too small. */
  readonly scale: Expr;
};

/** Scaled by the largest magnitude first, so that no square overflows and not all of them vanish. */
const norm = (entries: readonly Entry[], round: Round): ScaledNorm => {
  const leaves = entries.map(({ leaf }) => leaf);
  const dtype = sumDtype(leaves);
  const scale = scaleFor(largestOf(leaves, dtype), dtype);
  const sums = entries.map((entry) => round(reduceSum(square(mul(convert(entry.leaf, dtype), scale))), entry));
  return { numerator: sqrt(sums.length === 0 ? constant(0, dtype) : sums.reduce(add)), scale };
};

const quotient = ({ numerator, scale }: ScaledNorm): Expr => div(numerator, scale);

/** The global norm before the division. */
export const scaledGlobalNorm = (tree: ExprTree): ScaledNorm => norm(flatten<Expr>(tree), exact);

/**
 * The Euclidean norm of all leaves together: `√ Σ x²`.
 *
 * @returns `f32[]`; 0 for an empty tree; infinite only where the norm itself is larger than any f32.
 * @law homogeneous: the norm of c · t is |c| times that of t, however large or small c.
 * @source optax `global_norm`, which overflows where a square does.
 */
export const globalNorm = (tree: ExprTree): Expr => quotient(scaledGlobalNorm(tree));

const notKernels: ReadonlySet<string> = new Set(['bias', 'scale', 'pos_embedding', 'input_embedding']);

/**
 * Whether a parameter is a kernel: more than one axis, and its key is not bias, scale, pos_embedding or
 * input_embedding.
 *
 * @source openpi `scripts/train.py` `train_step` (15a9616)
 */
export const isKernel = (path: string, { shape }: TensorType): boolean =>
  shape.length > 1 && !notKernels.has(path.slice(path.lastIndexOf('/') + 1));

/** How {@link paramNorm} adds up. */
export type ParamNormOptions = {
  /**
   * Rounds the sum of the squares of each parameter to the dtype it is stored in, as openpi's metric does to frozen
   * parameters in bf16: up to 0.4 % of such a sum. A predicate names the parameters that count as stored in bf16 where a
   * backend without it holds them in f32. Exact when absent.
   */
  readonly roundNarrow?: boolean | ((path: string) => boolean);
};

const rounding = (roundNarrow: ParamNormOptions['roundNarrow'] = false): Round => {
  if (roundNarrow === false) return exact;
  if (roundNarrow === true) return asStored;
  return (sum, entry) =>
    roundNarrow(entry.path) && isValid(entry.leaf) && entry.leaf.type.dtype === 'f32'
      ? roundedToBf16(sum)
      : asStored(sum, entry);
};

/**
 * The global norm of the kernel parameters only: what the metric `param_norm` is, of updated parameters.
 *
 * @returns `f32[]`; 0 when there is no kernel.
 * @source openpi `scripts/train.py` `train_step` (15a9616)
 */
export const paramNorm = (params: ExprTree, { roundNarrow }: ParamNormOptions = {}): Expr =>
  quotient(
    norm(
      flatten<Expr>(params).filter(({ path, leaf }) => !isValid(leaf) || isKernel(path, leaf.type)),
      rounding(roundNarrow),
    ),
  );
