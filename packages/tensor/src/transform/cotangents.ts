import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { type ApplyNode, type Expr, type Invalid, isValid, type Node, refused, type TensorExpr } from '../expr.js';
import { topological } from '../graph.js';
import { add } from '../ops/arithmetic.js';
import { isFloat, sameType, showType } from '../type.js';

/*
 * Reverse mode. The *cotangent* of an expression is the derivative of the result with respect to it. A node is
 * *active* when it depends on one of the expressions differentiated with respect to. Nodes are visited from the
 * results back; each rule turns the cotangents of a node's results into cotangents of its operands, which are summed
 * over all uses. Cotangents are expressions, so they can be differentiated again.
 */

const activeNodes = (order: readonly Node[], wrt: ReadonlySet<TensorExpr>): ReadonlySet<Node> => {
  const active = new Set<Node>();
  for (const node of order) {
    if (node._tag === 'Apply' && node.operands.some((x) => wrt.has(x) || active.has(x.node))) active.add(node);
  }
  return active;
};

type Accumulated = Map<TensorExpr, Expr>;

const accumulate = (node: ApplyNode, operand: TensorExpr, ct: Expr, sums: Accumulated): Invalid | null => {
  if (!isValid(ct)) return ct;
  if (!sameType(ct.type, operand.type)) {
    return refused(
      `derivative of ${node.primitive.name}`,
      node.operands.map(({ type }) => type),
      `gave a cotangent ${showType(ct.type)} for an operand ${showType(operand.type)}`,
    );
  }
  const previous = sums.get(operand);
  sums.set(operand, previous === undefined ? ct : add(previous, ct));
  return null;
};

const visit = (node: ApplyNode, isWanted: (operand: TensorExpr) => boolean, sums: Accumulated): Invalid | null => {
  const cotangents = node.results.map((result) => O.fromNullable(sums.get(result)));
  if (cotangents.every(O.isNone)) return null;
  const wanted = node.operands.map((operand) => isFloat(operand.type.dtype) && isWanted(operand));
  if (!wanted.some(Boolean)) return null;
  const { params, operands, results } = node;
  const cts = node.primitive.vjp({ params, operands, results, cotangents, wanted });
  for (const [i, operand] of operands.entries()) {
    const ct = cts[i];
    if (ct === undefined || O.isNone(ct) || wanted[i] !== true) continue;
    const failure = accumulate(node, operand, ct.value, sums);
    if (failure !== null) return failure;
  }
  return null;
};

/**
 * The cotangents of `wrt` given those of `outputs`: `Σ_i ctsᵢ · ∂outputsᵢ/∂wrt`. `wrt` are taken as independent of one
 * another. `none` where nothing depends on an expression.
 *
 * @errors the `Invalid` of a rule whose cotangent has not the type of its operand, or could not be built.
 */
export const cotangentsOf = (
  outputs: readonly TensorExpr[],
  cts: ReadonlyArray<O.Option<Expr>>,
  wrt: readonly TensorExpr[],
): E.Either<Invalid, ReadonlyArray<O.Option<Expr>>> => {
  const wanted = new Set(wrt);
  const order = topological(outputs, wanted);
  const active = activeNodes(order, wanted);
  const sums: Accumulated = new Map();
  for (const [i, output] of outputs.entries()) {
    const ct = cts[i];
    if (ct === undefined || O.isNone(ct)) continue;
    const previous = sums.get(output);
    sums.set(output, previous === undefined ? ct.value : add(previous, ct.value));
  }
  const isWanted = (operand: TensorExpr): boolean => wanted.has(operand) || active.has(operand.node);
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i];
    if (node === undefined || node._tag === 'Input' || !active.has(node)) continue;
    const failure = visit(node, isWanted, sums);
    if (failure !== null) return E.left(failure);
  }
  return E.right(wrt.map((expr) => O.fromNullable(sums.get(expr))));
};
