import { constant, type Expr, type ExprTree, withType } from '@torsor/tensor';
import { flatten, map, paths, type Tree, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { OptimError } from './error.js';
import { mapLeaves, refuseLeaves } from './leafwise.js';
import type { GradientTransformation } from './transformation.js';

/** Some of the paths of a tree of parameters; made by {@link maskOf}. */
export type Mask = {
  readonly _tag: 'Mask';
  /** What it was made by, for messages. */
  readonly filter: string;
  readonly selected: ReadonlySet<string>;
};

/**
 * The leaves that a filter selects.
 *
 * @param filter - a regular expression searched for in the path, or a predicate of path and leaf.
 * @errors `NoMatch` when it selects nothing: a misspelt filter would otherwise do nothing, silently.
 * @law the masks of a filter and of its negation are a partition of the paths.
 */
export const maskOf = <A>(
  params: Tree<A>,
  filter: RegExp | ((path: string, leaf: A) => boolean),
): E.Either<OptimError, Mask> => {
  const matches = typeof filter === 'function' ? filter : (path: string) => path.search(filter) >= 0;
  const entries = flatten(params);
  const selected = new Set(entries.filter(({ path, leaf }) => matches(path, leaf)).map(({ path }) => path));
  const name = typeof filter === 'function' ? filter.name || 'given' : String(filter);
  return selected.size === 0
    ? E.left({ _tag: 'NoMatch', filter: name, paths: entries.map(({ path }) => path) })
    : E.right({ _tag: 'Mask', filter: name, selected });
};

/**
 * The leaves that are trained when some filters freeze others.
 *
 * @param frozen - each as {@link maskOf} takes it; with none, everything is trained.
 * @errors `NoMatch` for a filter that selects nothing, and when nothing is left to train.
 * @law what is trained and what any of the filters selects are a partition of the paths.
 */
export const trainedMask = <A>(
  params: Tree<A>,
  frozen: readonly (RegExp | ((path: string, leaf: A) => boolean))[],
): E.Either<OptimError, Mask> =>
  pipe(
    frozen,
    E.traverseArray((filter) => maskOf(params, filter)),
    E.flatMap((masks) => {
      const unfrozen = (path: string): boolean => !masks.some(({ selected }) => selected.has(path));
      return maskOf(params, unfrozen);
    }),
  );

/** A tree cut in two; nodes left without leaves are gone. */
export type Partition<A> = {
  readonly selected: Tree<A>;
  readonly rest: Tree<A>;
};

const keep = <A>(tree: Tree<A>, keeps: (path: string) => boolean): Tree<A> =>
  // Paths of a tree are distinct and none is a prefix of another, so that unflattening some of them cannot fail.
  E.getOrElse((): Tree<A> => tree)(unflatten(flatten(tree).filter(({ path }) => keeps(path))));

/**
 * The selected leaves and the rest: differentiate with respect to `selected` only, and the rest is frozen.
 *
 * @law `merge(tree, selected)` of either part is the tree.
 */
export const partition = <A>(tree: Tree<A>, { selected }: Mask): Partition<A> => ({
  selected: keep(tree, (path) => selected.has(path)),
  rest: keep(tree, (path) => !selected.has(path)),
});

/** `tree` with the leaves that `part` has at the same paths; its other leaves stay. */
export const merge = <A>(tree: Tree<A>, part: Tree<A>): Tree<A> => {
  const given = new Map(flatten(part).map(({ path, leaf }) => [path, leaf]));
  return map(tree, (leaf, path) => given.get(path) ?? leaf);
};

const mergeExprs = <P extends ExprTree>(tree: P, part: ExprTree): P => merge<Expr>(tree, part) as P;

/** Selected leaves from one tree, the others from another of the same structure. */
export const selects = <P extends ExprTree>(mask: Mask, tree: P, otherwise: P): P =>
  mergeExprs(otherwise, partition<Expr>(tree, mask).selected);

const refuseMask = (mask: Mask, tree: ExprTree): string | undefined => {
  const known = new Set(paths(tree));
  const missing = [...mask.selected].find((path) => !known.has(path));
  return missing === undefined ? undefined : `the mask of ${mask.filter} has '${missing}', which the updates have not`;
};

/**
 * Applies a transformation to the selected leaves only; the others pass unchanged. It keeps no state for them.
 *
 * @errors `ShapeError` in every leaf when the mask was made for other parameters.
 * @source optax `masked`.
 */
export const masked = <S extends ExprTree>(
  inner: GradientTransformation<S>,
  mask: Mask,
): GradientTransformation<S> => ({
  init: (params) => inner.init(partition<Expr>(params, mask).selected),
  update: (updates, state, params) => {
    const reason = refuseMask(mask, updates);
    if (reason !== undefined) return { updates: refuseLeaves(updates, 'masked', reason), state };
    const part = (tree: ExprTree): ExprTree => partition<Expr>(tree, mask).selected;
    const next = inner.update(part(updates), state, part(params));
    return { updates: mergeExprs(updates, next.updates), state: next.state };
  },
});

/** −0: added to any number, −0 included, it changes no bit; +0 would turn −0 into +0. */
const nothing = (leaf: Expr): Expr => withType(leaf, ({ dtype, shape }) => constant(-0, dtype, shape));

/**
 * Updates of the selected leaves become −0: with `applyUpdates` their parameters stay as they are.
 *
 * To spare their gradients too, differentiate with respect to one part of {@link partition} only.
 *
 * @errors `ShapeError` in every leaf when the mask was made for other parameters.
 * @law frozen parameters are unchanged, bit for bit; the others are not touched.
 */
export const freeze = (mask: Mask): GradientTransformation => ({
  init: () => ({}),
  update: (updates, state) => {
    const reason = refuseMask(mask, updates);
    return {
      updates:
        reason === undefined
          ? mapLeaves(updates, (leaf, path) => (mask.selected.has(path) ? nothing(leaf) : leaf))
          : refuseLeaves(updates, 'freeze', reason),
      state,
    };
  },
});
