import {
  add,
  constant,
  convert,
  type DType,
  type Expr,
  type ExprTree,
  exprLeaves,
  isValid,
  reduceSum,
  sqrt,
  square,
  type TensorType,
  withTypes,
} from '@torsor/tensor';
import { flatten } from '@torsor/tree';

/** Squares are summed in at least f32, whatever the leaves are stored in. */
const sumDtype = (leaves: readonly Expr[]): DType =>
  leaves.some((leaf) => isValid(leaf) && leaf.type.dtype === 'f64') ? 'f64' : 'f32';

/** What is done to the sum of the squares of a leaf before the sums are added. */
type Round = (sum: Expr, leaf: Expr) => Expr;

const exact: Round = (sum) => sum;

const asStored: Round = (sum, leaf) =>
  withTypes([sum, leaf], ([wide, stored]) => convert(convert(sum, stored?.dtype ?? 'f32'), wide?.dtype ?? 'f32'));

const norm = (leaves: readonly Expr[], round: Round): Expr => {
  const dtype = sumDtype(leaves);
  const sums = leaves.map((leaf) => round(reduceSum(square(convert(leaf, dtype))), leaf));
  return sqrt(sums.length === 0 ? constant(0, dtype) : sums.reduce(add));
};

/**
 * The Euclidean norm of all leaves together: `√ Σ x²`.
 *
 * @returns `f32[]`; 0 for an empty tree.
 * @law homogeneous: the norm of c · t is |c| times that of t.
 * @source optax `global_norm`.
 */
export const globalNorm = (tree: ExprTree): Expr => norm(exprLeaves(tree), exact);

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
   * parameters in bf16: up to 0.4 % of such a sum. Exact when absent.
   */
  readonly roundNarrow?: boolean;
};

/**
 * The global norm of the kernel parameters only: what the metric `param_norm` is, of updated parameters.
 *
 * @returns `f32[]`; 0 when there is no kernel.
 * @source openpi `scripts/train.py` `train_step` (15a9616)
 */
export const paramNorm = (params: ExprTree, { roundNarrow = false }: ParamNormOptions = {}): Expr =>
  norm(
    flatten<Expr>(params)
      .filter(({ path, leaf }) => !isValid(leaf) || isKernel(path, leaf.type))
      .map(({ leaf }) => leaf),
    roundNarrow ? asStored : exact,
  );
