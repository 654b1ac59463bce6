import { type ApplyNode, Graph, type Node, type TensorExpr } from '../expr.js';
import { topological } from '../graph.js';
import type { DType } from '../type.js';
import { workOf } from '../work.js';

/**
 * What the derivative of a loop keeps of each step, besides the carry; the rest it computes again.
 *
 * - `carry`: nothing (openpi's policy): the least memory, the forward step twice.
 * - `dots`: the results of products, gathers and inner loops, as JAX's `dots_saveable`: elementwise work is repeated.
 * - `none`: whatever the derivative reads, but for what costs no arithmetic to have again.
 */
export type Remat = 'carry' | 'dots' | 'none';

const bytes: { readonly [D in DType]: number } = { f64: 8, f32: 4, i32: 4, u32: 4, bf16: 2, f16: 2, bool: 1 };

/** Whether a node is a conversion to a smaller dtype: keeping its result takes less than keeping its operand. */
const narrows = (node: Node): boolean => {
  if (node._tag === 'Input' || node.primitive.name !== 'convert') return false;
  const [from, to] = [node.operands[0], node.results[0]];
  return from !== undefined && to !== undefined && bytes[to.type.dtype] < bytes[from.type.dtype];
};

/** Whether a node is a product or the like, or a block that has one in its body. */
const isHeavy = (node: Node): boolean => {
  if (node._tag === 'Input') return false;
  const { body } = node.params as { readonly body?: unknown };
  return workOf(node) === 'multiplies' || (body instanceof Graph && topological(body.outputs).some(isHeavy));
};

/** Only moves, repeats or renames elements. */
const isFree = (node: ApplyNode): boolean => workOf(node) === 'moves' || workOf(node) === 'repeats';

const isKept = (policy: Remat, node: ApplyNode): boolean =>
  policy === 'dots' ? isHeavy(node) : !isFree(node) || narrows(node);

/** The nodes below `outputs` that depend on one of `inputs`, and those inputs. */
const dependents = (outputs: readonly TensorExpr[], inputs: readonly TensorExpr[]): ReadonlySet<Node> => {
  const found = new Set<Node>(inputs.map(({ node }) => node));
  for (const node of topological(outputs)) {
    if (node._tag === 'Apply' && node.operands.some((operand) => found.has(operand.node))) found.add(node);
  }
  return found;
};

/** What nodes that depend on the cotangents read of those that do not. */
const frontier = (outputs: readonly TensorExpr[], backward: ReadonlySet<Node>): readonly TensorExpr[] => {
  const read = [...backward].flatMap((node) => (node._tag === 'Apply' ? node.operands : []));
  return [...outputs, ...read].filter(({ node }) => !backward.has(node));
};

/** The nearest expressions at or below some that a policy keeps. */
const keptBelow = (policy: Remat, exprs: readonly TensorExpr[]): ReadonlySet<TensorExpr> => {
  const kept = new Set<TensorExpr>();
  const seen = new Set<TensorExpr>();
  const stack = [...exprs];
  for (let expr = stack.pop(); expr !== undefined; expr = stack.pop()) {
    const { node } = expr;
    if (seen.has(expr) || node._tag === 'Input' || node.operands.length === 0) continue;
    seen.add(expr);
    if (isKept(policy, node)) kept.add(expr);
    else stack.push(...node.operands);
  }
  return kept;
};

/** What an expression repeats or moves the elements of: the nearest that is kept, or that is not free. */
const sourceOf = (expr: TensorExpr, kept: ReadonlySet<TensorExpr>): TensorExpr => {
  const below = (of: TensorExpr): TensorExpr | undefined =>
    of.node._tag === 'Input' || !isFree(of.node) || (kept.has(of) && !narrows(of.node))
      ? undefined
      : of.node.operands[0];
  let source = expr;
  for (let next = below(expr); next !== undefined; next = below(next)) source = next;
  return source;
};

/** Without the conversions of inputs, of constants and of what is kept anyway. */
const withoutCopies = (kept: ReadonlySet<TensorExpr>): readonly TensorExpr[] =>
  [...kept].filter((expr) => {
    if (!narrows(expr.node)) return true;
    const source = sourceOf(expr, kept);
    return source.node._tag === 'Apply' && source.node.operands.length > 0 && !kept.has(source);
  });

/** What a policy keeps of a loop for its derivative. */
export type Residuals = {
  /** Of each step. */
  readonly stacked: readonly TensorExpr[];
  /** The same in every step: kept once. */
  readonly invariant: readonly TensorExpr[];
};

/**
 * The intermediate expressions of a step that a policy keeps for the step's derivative.
 *
 * @param outputs - of the derivative's body.
 * @param cotangents - its inputs that only the way back knows.
 * @param varying - the step's inputs that differ from step to step.
 */
export const residualsOf = (
  policy: Remat,
  outputs: readonly TensorExpr[],
  cotangents: readonly TensorExpr[],
  varying: readonly TensorExpr[],
): Residuals => {
  if (policy === 'carry') return { stacked: [], invariant: [] };
  const kept = withoutCopies(keptBelow(policy, frontier(outputs, dependents(outputs, cotangents))));
  const changing = dependents(kept, varying);
  return {
    stacked: kept.filter(({ node }) => changing.has(node)),
    invariant: kept.filter(({ node }) => !changing.has(node)),
  };
};
