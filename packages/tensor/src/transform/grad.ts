import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { type Expr, type Invalid, input, isValid, refused, type TensorExpr } from '../expr.js';
import { type ExprTree, exprLeaves, firstInvalid, validOnly, withLeaves } from '../exprs.js';
import { pairs, substitute } from '../graph.js';
import { onesLike, zerosLike } from '../sugar.js';
import { isFloat, sameType, showType } from '../type.js';
import { cotangentsOf } from './cotangents.js';

/*
 * A function is differentiated by applying it to fresh variables, so that only its argument counts: an expression that
 * the function captured from outside is a constant, even where it is also part of the argument.
 */
type Traced<X extends ExprTree, Y extends ExprTree> = {
  readonly at: readonly TensorExpr[];
  readonly variables: readonly TensorExpr[];
  readonly argument: X;
  readonly output: Y;
};

const trace = <X extends ExprTree, Y extends ExprTree>(f: (x: X) => Y, x: X): E.Either<Invalid, Traced<X, Y>> => {
  const given = exprLeaves(x);
  const invalid = firstInvalid(given);
  if (invalid !== undefined) return E.left(invalid);
  const at = validOnly(given);
  const variables = at.map(({ type }, i) => input(`x_${i}`, type));
  const argument = withLeaves(x, variables) as unknown as X;
  const output = f(argument);
  const failed = firstInvalid(exprLeaves(output));
  return failed === undefined ? E.right({ at, variables, argument, output }) : E.left(failed);
};

const restore = <Y extends ExprTree>(tree: Y, variables: readonly TensorExpr[], at: readonly TensorExpr[]): Y =>
  withLeaves(tree, substitute(validOnly(exprLeaves(tree)), pairs(variables, at))) as unknown as Y;

const refuseAll = <X extends ExprTree>(tree: X, invalid: Invalid): X =>
  withLeaves(
    tree,
    exprLeaves(tree).map(() => invalid),
  ) as unknown as X;

const dense = (wrt: readonly TensorExpr[], cts: E.Either<Invalid, ReadonlyArray<O.Option<Expr>>>): readonly Expr[] =>
  E.isLeft(cts)
    ? wrt.map(() => cts.left)
    : wrt.map((x, i) => O.getOrElse((): Expr => zerosLike(x))(cts.right[i] ?? O.none));

/** The outputs of a function and the map from their cotangents to those of its argument. */
export type Vjp<X extends ExprTree, Y extends ExprTree> = {
  readonly outputs: Y;
  /** `ct ↦ Jᵀ ct`; linear in its argument. */
  readonly pullback: (cts: Y) => X;
};

/**
 * The value of `f` at `x` and its transposed derivative there.
 *
 * @errors an invalid expression in every leaf when `x`, `f(x)` or a cotangent is invalid or has another type.
 * @law ⟨pullback(u), v⟩ = ⟨u, J v⟩ with J v from `jvp`.
 */
export const vjp = <X extends ExprTree, Y extends ExprTree>(f: (x: X) => Y, x: X): Vjp<X, Y> => {
  const traced = trace(f, x);
  if (E.isLeft(traced)) {
    const { left } = traced;
    return { outputs: refuseAll(f(x), left), pullback: () => refuseAll(x, left) };
  }
  const { at, variables, output } = traced.right;
  const results = validOnly(exprLeaves(output));
  const pullback = (cts: Y): X => {
    const given = exprLeaves(cts);
    const refusal = refuseCotangents(results, given);
    if (refusal !== undefined) return refuseAll(x, refusal);
    const found = dense(variables, cotangentsOf(results, given.map(O.some), variables));
    const invalid = firstInvalid(found);
    return invalid === undefined ? restore(withLeaves(x, found) as unknown as X, variables, at) : refuseAll(x, invalid);
  };
  return { outputs: restore(output, variables, at), pullback };
};

const refuseCotangents = (results: readonly TensorExpr[], cts: readonly Expr[]): Invalid | undefined => {
  const types = results.map(({ type }) => type);
  if (cts.length !== results.length) {
    return refused('vjp', types, `expected ${results.length} cotangents, got ${cts.length}`);
  }
  for (const [i, ct] of cts.entries()) {
    const type = types[i];
    if (!isValid(ct)) return ct;
    if (type !== undefined && !sameType(ct.type, type)) {
      return refused('vjp', types, `cotangent ${i} must be ${showType(type)}, got ${showType(ct.type)}`);
    }
  }
  return undefined;
};

/** A scalar and its gradient, with whatever else the function returned. */
export type ValueAndGrad<X extends ExprTree, A extends ExprTree> = {
  readonly value: Expr;
  /** Of the structure and types of the argument. */
  readonly grads: X;
  /** Not differentiated. */
  readonly aux: A;
};

/**
 * The value of a scalar function that also returns other results, and its gradient.
 *
 * @errors an invalid gradient when the value is not a floating-point scalar or a leaf of `x` is not floating-point.
 */
export const valueAndGradWithAux =
  <X extends ExprTree, A extends ExprTree>(f: (x: X) => { readonly value: Expr; readonly aux: A }) =>
  (x: X): ValueAndGrad<X, A> => {
    const traced = trace<X, { readonly value: Expr; readonly aux: A }>(f, x);
    if (E.isLeft(traced)) {
      const output = f(x);
      return { value: traced.left, grads: refuseAll(x, traced.left), aux: refuseAll(output.aux, traced.left) };
    }
    const { at, variables, output } = traced.right;
    const grads = scalarGrads(output.value, variables);
    const restored = restore(output, variables, at);
    const invalid = firstInvalid(grads);
    return {
      ...restored,
      grads:
        invalid === undefined ? restore(withLeaves(x, grads) as unknown as X, variables, at) : refuseAll(x, invalid),
    };
  };

const scalarGrads = (value: Expr, variables: readonly TensorExpr[]): readonly Expr[] => {
  if (!isValid(value)) return variables.map(() => value);
  const types = variables.map(({ type }) => type);
  if (!isFloat(value.type.dtype) || value.type.shape.length > 0) {
    const refusal = refused('grad', types, `the value must be a floating-point scalar, got ${showType(value.type)}`);
    return variables.map(() => refusal);
  }
  const integer = types.find(({ dtype }) => !isFloat(dtype));
  if (integer !== undefined) {
    const refusal = refused('grad', types, `the argument must be floating-point, got ${showType(integer)}`);
    return variables.map(() => refusal);
  }
  return dense(variables, cotangentsOf([value], [O.some(onesLike(value))], variables));
};

/** The value of a scalar function and its gradient at a tree of expressions. */
export const valueAndGrad =
  <X extends ExprTree>(f: (x: X) => Expr) =>
  (x: X): { readonly value: Expr; readonly grads: X } => {
    const { value, grads } = valueAndGradWithAux<X, Record<never, Expr>>((y) => ({ value: f(y), aux: {} }))(x);
    return { value, grads };
  };

/** The gradient of a scalar function at a tree of expressions. */
export const grad =
  <X extends ExprTree>(f: (x: X) => Expr) =>
  (x: X): X =>
    valueAndGrad(f)(x).grads;

/**
 * The value of `f` at `x` and its derivative along `tangents`. Built as the transpose of the transposed derivative, so
 * that a primitive needs one rule only.
 *
 * @law ⟨J v, u⟩ = ⟨v, Jᵀ u⟩ with Jᵀ u from `vjp`.
 */
export const jvp = <X extends ExprTree, Y extends ExprTree>(
  f: (x: X) => Y,
  x: X,
  tangents: X,
): { readonly outputs: Y; readonly tangents: Y } => {
  const { outputs, pullback } = vjp(f, x);
  const zeros = withLeaves(outputs, exprLeaves(outputs).map(zerosLike)) as unknown as Y;
  const transposed = vjp<Y, X>((cts) => pullback(cts), zeros);
  return { outputs, tangents: transposed.pullback(tangents) };
};
