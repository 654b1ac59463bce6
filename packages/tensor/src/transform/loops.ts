import * as E from 'fp-ts/lib/Either.js';
import { applyAll, type Expr, Graph, type Invalid, input, isValid, refused, type TensorExpr } from '../expr.js';
import { type ExprTree, exprLeaves, firstInvalid, validOnly, withLeaves } from '../exprs.js';
import { closeOver } from '../graph.js';
import { type BlockAttributes, blockP } from '../ops/block.js';
import type { Remat } from '../ops/remat.js';
import { elementType, scanGraph } from '../ops/scan.js';
import { showType, type TensorType } from '../type.js';

/** What a step of a scan gives: the next carry and the element to stack. */
export type Step<C extends ExprTree, Y extends ExprTree> = {
  readonly carry: C;
  readonly y: Y;
};

/** The last carry and the stacked elements. */
export type Scanned<C extends ExprTree, Y extends ExprTree> = {
  readonly carry: C;
  readonly ys: Y;
};

/** How a scan runs. */
export type ScanOptions = {
  /** Needed when there are no sequences; otherwise it must agree with them. */
  readonly length?: number;
  /** From the last element to the first. */
  readonly reverse?: boolean;
  /** What the derivative keeps of each step; `carry` when absent. */
  readonly remat?: Remat;
};

/**
 * Folds a step over sequences stacked on their first axis, as `lax.scan`: one sub-program however long the sequence.
 *
 * The step may use expressions from outside; those that do not depend on its arguments are computed once. Its
 * derivative saves the carries and, unless another remat policy is asked for, recomputes the step (openpi's policy).
 *
 * @param step - from the carry and one element of each sequence to the next carry, of the same types, and an element.
 * @param init - the first carry.
 * @param xs - sequences `[length, …]`; `{}` when there are none.
 * @returns the last carry and the elements stacked on a new first axis.
 * @errors invalid leaves when lengths differ, a carry changes its type, or the step is invalid.
 * @law equal, in values and gradients, to the loop written out.
 */
export const scan = <C extends ExprTree, X extends ExprTree, Y extends ExprTree>(
  step: (carry: C, x: X) => Step<C, Y>,
  init: C,
  xs: X,
  options: ScanOptions = {},
): Scanned<C, Y> => {
  const carryLeaves = exprLeaves(init);
  const sequenceLeaves = exprLeaves(xs);
  const sequences = validOnly(sequenceLeaves);
  const carry = validOnly(carryLeaves).map(({ type }, i) => input(`carry_${i}`, type));
  const elements = sequences.map(({ type }, i) => input(`x_${i}`, elementType(type)));
  const given = firstInvalid([...carryLeaves, ...sequenceLeaves]) ?? refuseSequences(sequences, options);
  const body =
    given === undefined
      ? step(withLeaves(init, carry) as unknown as C, withLeaves(xs, elements) as unknown as X)
      : step(init, xs);
  const stepLeaves = [...exprLeaves(body.carry), ...exprLeaves(body.y)];
  const numCarry = carryLeaves.length;
  const invalid = given ?? firstInvalid(stepLeaves) ?? refuseCarry(exprLeaves(body.carry), carry);
  const fail = (by: Invalid): Scanned<C, Y> =>
    result(
      init,
      body.y,
      numCarry,
      stepLeaves.map(() => by),
    );
  if (invalid !== undefined) return fail(invalid);
  const closed = closeOver([...carry, ...elements], validOnly(stepLeaves));
  const params = {
    body: new Graph([...closed.capturedInputs, ...carry, ...elements], closed.outputs),
    numConsts: closed.captured.length,
    numCarry,
    length: options.length ?? sequences[0]?.type.shape[0] ?? 0,
    reverse: options.reverse ?? false,
    remat: options.remat ?? 'carry',
  };
  const scanned = scanGraph(params, [...closed.captured, ...carryLeaves, ...sequenceLeaves]);
  return E.isLeft(scanned) ? fail(scanned.left) : result(init, body.y, numCarry, scanned.right);
};

const result = <C extends ExprTree, Y extends ExprTree>(
  carry: C,
  y: Y,
  numCarry: number,
  results: readonly Expr[],
): Scanned<C, Y> => ({
  carry: withLeaves(carry, results.slice(0, numCarry)) as unknown as C,
  ys: withLeaves(y, results.slice(numCarry)) as unknown as Y,
});

const refuseSequences = (sequences: readonly TensorExpr[], { length }: ScanOptions): Invalid | undefined => {
  const types = sequences.map(({ type }) => type);
  if (types.length === 0 && length === undefined) return refused('scan', [], 'a scan without sequences needs a length');
  const lengths = [...types.map(({ shape }) => shape[0]), ...(length === undefined ? [] : [length])];
  if (lengths.includes(undefined)) return refused('scan', types, 'a sequence needs a first axis to run along');
  return lengths.every((other) => other === lengths[0])
    ? undefined
    : refused('scan', types, `sequences and length must agree: ${lengths.join(', ')}`);
};

const refuseCarry = (after: readonly Expr[], before: readonly TensorExpr[]): Invalid | undefined => {
  const types = before.map(({ type }) => type);
  const show = (type: TensorType | undefined): string => (type === undefined ? 'nothing' : showType(type));
  if (after.length !== before.length) {
    return refused('scan', types, `the carry has ${before.length} leaves, the step returns ${after.length}`);
  }
  const wrong = after.findIndex((expr, i) => isValid(expr) && show(expr.type) !== show(types[i]));
  const expr = after[wrong];
  return expr === undefined || !isValid(expr)
    ? undefined
    : refused(
        'scan',
        types,
        `carry ${wrong} must keep its type ${show(types[wrong])}, the step makes it ${show(expr.type)}`,
      );
};

/**
 * Names a composite so that a backend may replace it by a fused kernel; elsewhere it is its body.
 *
 * @param name - the composite's name, e.g. `rmsNorm`.
 * @param attributes - plain data a backend may need.
 * @param f - the meaning. Expressions it captures from outside become further operands, after the arguments.
 * @law values and gradients equal those of `f`.
 */
export const block = <X extends ExprTree, Y extends ExprTree>(
  name: string,
  attributes: BlockAttributes,
  f: (x: X) => Y,
  x: X,
): Y => {
  const given = exprLeaves(x);
  const formal = validOnly(given).map(({ type }, i) => input(`x_${i}`, type));
  const invalid = firstInvalid(given);
  const output = f(invalid === undefined ? (withLeaves(x, formal) as unknown as X) : x);
  const outputs = exprLeaves(output);
  const failed = invalid ?? firstInvalid(outputs);
  const fill = (results: readonly Expr[]): Y => withLeaves(output, results) as unknown as Y;
  if (failed !== undefined) return fill(outputs.map(() => failed));
  const closed = closeOver(formal, validOnly(outputs));
  const body = new Graph([...formal, ...closed.capturedInputs], closed.outputs);
  const results = applyAll(blockP, { name, attributes, body }, [...given, ...closed.captured]);
  return fill(E.isLeft(results) ? outputs.map(() => results.left) : results.right);
};
