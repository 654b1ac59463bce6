import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';
import {
  ApplyNode,
  allValid,
  applyAll,
  type EvaluateGraph,
  type Expr,
  Graph,
  type Invalid,
  input,
  type Primitive,
  type RefTensor,
  type TensorExpr,
  type VjpInput,
} from '../expr.js';
import { pairs, substitute } from '../graph.js';
import { zerosLike } from '../sugar.js';
import { cotangentsOf } from '../transform/cotangents.js';
import { isFloat, sameType, showType, sizeOf, TensorType } from '../type.js';
import { add } from './arithmetic.js';
import { type Remat, type Residuals, residualsOf } from './remat.js';

/**
 * A loop of fixed length. Operands: constants, initial carry, sequences stacked on their first axis. The body's inputs
 * are constants, carry and one element of each sequence; its outputs the next carry and one element of each stacked
 * result. Results: the last carry, then the stacked results.
 */
export type ScanParams = {
  readonly body: Graph;
  readonly numConsts: number;
  readonly numCarry: number;
  readonly length: number;
  /** Whether sequences are read, and results written, from their end. */
  readonly reverse: boolean;
  /** What the derivative keeps of each step. */
  readonly remat: Remat;
};

/** The type of one element of a stacked sequence, or of a sequence stacked from such elements. */
export const elementType = (type: TensorType): TensorType => new TensorType(type.dtype, type.shape.slice(1));
export const stackedType = (type: TensorType, length: number): TensorType =>
  new TensorType(type.dtype, [length, ...type.shape]);

/** The types of the last carry and of the stacked results. */
const resultTypes = ({ body, numCarry, length }: ScanParams): readonly TensorType[] =>
  body.outputs.map(({ type }, i) => (i < numCarry ? type : stackedType(type, length)));

const checkBody = (
  { body, numConsts, numCarry, length }: ScanParams,
  operands: readonly TensorType[],
): E.Either<string, null> => {
  const firstSequence = numConsts + numCarry;
  const short = operands.slice(firstSequence).find(({ shape }) => shape[0] !== length);
  if (short !== undefined) return E.left(`a sequence must have ${length} elements, got ${showType(short)}`);
  const expected = operands.map((type, i) => (i < firstSequence ? type : elementType(type)));
  if (body.inputs.length !== expected.length) return E.left('the body has another number of inputs than operands');
  for (const [i, { type }] of body.inputs.entries()) {
    const given = expected[i];
    if (given === undefined || !sameType(type, given)) return E.left(`the body's input ${i} is ${showType(type)}`);
  }
  return checkCarry(operands.slice(numConsts, firstSequence), body.outputs);
};

const checkCarry = (before: readonly TensorType[], outputs: readonly TensorExpr[]): E.Either<string, null> => {
  for (const [i, type] of before.entries()) {
    const after = outputs[i]?.type;
    if (after === undefined) return E.left(`the body does not return carry ${i}`);
    if (!sameType(type, after)) {
      return E.left(
        `carry ${i} must keep its type: it begins as ${showType(type)}, the body makes it ${showType(after)}`,
      );
    }
  }
  return E.right(null);
};

/** The loop. */
export const scanP: Primitive<'scan', ScanParams> = {
  name: 'scan',
  infer: (params, operands) => {
    if (!Number.isInteger(params.length) || params.length < 0) return E.left(`length ${params.length} is not a count`);
    const checked = checkBody(params, operands);
    if (E.isLeft(checked)) return checked;
    return E.right(resultTypes(params));
  },
  vjp: (rule) => {
    const cts = scanCotangents(rule);
    // A body that could not be differentiated makes every cotangent invalid, so that its error reaches the user.
    return E.isLeft(cts) ? rule.operands.map(() => O.some(cts.left)) : cts.right;
  },
  ref: (params, operands, results, evaluate) => runScan(params, operands, results, evaluate),
};

const runScan = (
  { body, numConsts, numCarry, length, reverse }: ScanParams,
  operands: readonly RefTensor[],
  results: readonly TensorType[],
  evaluate: EvaluateGraph,
): readonly Float64Array[] => {
  const consts = operands.slice(0, numConsts);
  const sequences = operands.slice(numConsts + numCarry);
  let carry = operands.slice(numConsts, numConsts + numCarry);
  const stacked = results.slice(numCarry).map(({ shape }) => new Float64Array(sizeOf(shape)));
  for (let n = 0; n < length; n++) {
    const i = reverse ? length - 1 - n : n;
    const elements = sequences.map((sequence) => elementAt(sequence, i));
    const outputs = evaluate(body, [...consts, ...carry, ...elements]);
    carry = outputs.slice(0, numCarry);
    for (const [j, output] of outputs.slice(numCarry).entries()) stacked[j]?.set(output.data, i * output.data.length);
  }
  return [...carry.map(({ data }) => data), ...stacked];
};

const elementAt = ({ type, data }: RefTensor, i: number): RefTensor => {
  const element = elementType(type);
  const size = sizeOf(element.shape);
  return { type: element, data: data.subarray(i * size, (i + 1) * size) };
};

/** The inputs of the body that are its carry. */
const carryInputs = ({ body, numConsts, numCarry }: ScanParams): readonly TensorExpr[] =>
  body.inputs.slice(numConsts, numConsts + numCarry);

/**
 * The same scan, also stacking each carry as it was before the step: the derivative needs them. Unused stacked results
 * cost nothing: they are removed when a program is built.
 */
const withHistories = (params: ScanParams): ScanParams => {
  const { body, numCarry } = params;
  const missing = carryInputs(params).filter((carry) => !body.outputs.slice(numCarry).includes(carry));
  return { ...params, body: new Graph(body.inputs, [...body.outputs, ...missing]) };
};

/** A scan of a body that is known to fit its operands. */
export const scanNode = (params: ScanParams, operands: readonly TensorExpr[]): ApplyNode =>
  new ApplyNode(scanP, params, operands, resultTypes(params));

/** A scan over a closed body. */
export const scanGraph = (params: ScanParams, operands: readonly Expr[]): E.Either<Invalid, readonly TensorExpr[]> =>
  applyAll(scanP, withHistories(params), operands);

/** The stacked results that a derivative reads: each carry before its step, and what else is kept of each step. */
type Saved = {
  readonly histories: readonly TensorExpr[];
  readonly residuals: readonly TensorExpr[];
};

/**
 * The stacks that hold the carries and some intermediate expressions of each step. A scan that does not stack them all is
 * run again with them; where both are in one program, `simplify` makes them one.
 */
const saved = ({ params, operands, results }: VjpInput<ScanParams>, residuals: readonly TensorExpr[]): Saved => {
  const { body, numCarry } = withHistories(params);
  const stacked = body.outputs.slice(numCarry);
  const missing = residuals.filter((residual) => !stacked.includes(residual));
  const full = { ...params, body: new Graph(body.inputs, [...body.outputs, ...missing]) };
  const complete = full.body.outputs.length === params.body.outputs.length;
  const all = complete ? results : scanNode(full, operands).results;
  const stackOf = (exprs: readonly TensorExpr[]): readonly TensorExpr[] =>
    at(
      all,
      exprs.map((expr) => full.body.outputs.indexOf(expr, numCarry)),
    );
  return { histories: stackOf(carryInputs(params)), residuals: stackOf(residuals) };
};

/*
 * The derivative is a scan in the other direction. Its carry is the cotangent of the carry and the running sum of the
 * cotangents of the constants; its sequences are the saved carries, the sequences, the cotangents of the stacked results
 * and the saved residuals. What its body needs of the forward step besides, it recomputes (see `Remat`).
 */
type Backward = {
  readonly body: Graph;
  readonly constsWanted: readonly number[];
  readonly sequencesWanted: readonly number[];
  readonly stackedCts: readonly number[];
  /** Expressions of the forward body; the backward body has an input for each. */
  readonly residuals: Residuals;
};

const indicesWhere = (count: number, test: (i: number) => boolean): readonly number[] =>
  Array.from({ length: count }, (_, i) => i).filter(test);

const at = <A>(list: readonly A[], indices: readonly number[]): readonly A[] =>
  indices.flatMap((i) => {
    const element = list[i];
    return element === undefined ? [] : [element];
  });

const inputsLike = (name: string, exprs: readonly TensorExpr[]): readonly TensorExpr[] =>
  exprs.map(({ type }, i) => input(`${name}_${i}`, type));

/** What the backward body is differentiated from: inputs of the forward body and cotangents of its outputs. */
type BackwardInputs = {
  readonly consts: readonly TensorExpr[];
  readonly carry: readonly TensorExpr[];
  readonly sequences: readonly TensorExpr[];
  readonly carryCts: readonly TensorExpr[];
  readonly sums: readonly TensorExpr[];
  readonly elementCts: readonly TensorExpr[];
};

/** The cotangents of carry, constants (added to their running sums) and sequences, all valid. */
const backwardOutputs = (
  { carryCts, sums, elementCts }: BackwardInputs,
  outputs: readonly TensorExpr[],
  wrt: readonly TensorExpr[],
): E.Either<Invalid, readonly TensorExpr[]> => {
  const cts = cotangentsOf(outputs, [...carryCts, ...elementCts].map(O.some), wrt);
  if (E.isLeft(cts)) return cts;
  const added = wrt.map((expr, i) => {
    const ct = cts.right[i];
    const dense = ct !== undefined && O.isSome(ct) ? ct.value : zerosLike(expr);
    const sum = sums[i - carryCts.length];
    return sum === undefined ? dense : add(sum, dense);
  });
  return allValid(added);
};

const backwardBody = (
  { params, wanted, cotangents }: VjpInput<ScanParams>,
  carryFloat: readonly number[],
): E.Either<Invalid, Backward> => {
  const { body, numConsts, numCarry, remat } = params;
  const firstSequence = numConsts + numCarry;
  const constsWanted = indicesWhere(numConsts, (i) => wanted[i] === true);
  const sequencesWanted = indicesWhere(body.inputs.length - firstSequence, (i) => wanted[firstSequence + i] === true);
  const stackedCts = indicesWhere(body.outputs.length - numCarry, (i) => {
    const ct = cotangents[numCarry + i];
    return ct !== undefined && O.isSome(ct);
  });
  const [consts, carry] = [body.inputs.slice(0, numConsts), body.inputs.slice(numConsts, firstSequence)];
  const sequences = body.inputs.slice(firstSequence);
  const outputs = [...at(body.outputs, carryFloat), ...at(body.outputs.slice(numCarry), stackedCts)];
  const inputs: BackwardInputs = {
    consts,
    carry,
    sequences,
    carryCts: inputsLike('ct_carry', at(carry, carryFloat)),
    sums: inputsLike('ct_const', at(consts, constsWanted)),
    elementCts: inputsLike('ct_element', at(body.outputs.slice(numCarry), stackedCts)),
  };
  const wrt = [...at(carry, carryFloat), ...at(consts, constsWanted), ...at(sequences, sequencesWanted)];
  return pipe(
    backwardOutputs(inputs, outputs, wrt),
    E.map((cts) => ({ ...closedBackward(remat, inputs, cts), constsWanted, sequencesWanted, stackedCts })),
  );
};

/** The body on its inputs, the forward expressions that the policy keeps among them. */
const closedBackward = (
  remat: Remat,
  { consts, carry, sequences, carryCts, sums, elementCts }: BackwardInputs,
  cts: readonly TensorExpr[],
): Pick<Backward, 'body' | 'residuals'> => {
  const residuals = residualsOf(remat, cts, [...carryCts, ...sums, ...elementCts], [...carry, ...sequences]);
  const { stacked, invariant } = residuals;
  const [kept, fixed] = [inputsLike('residual', stacked), inputsLike('invariant', invariant)];
  const inputs = [...consts, ...fixed, ...carryCts, ...sums, ...carry, ...sequences, ...elementCts, ...kept];
  const by = pairs([...stacked, ...invariant], [...kept, ...fixed]);
  return { body: new Graph(inputs, substitute(cts, by)), residuals };
};

const scanCotangents = (rule: VjpInput<ScanParams>): E.Either<Invalid, ReadonlyArray<O.Option<Expr>>> => {
  const { params, operands, results, cotangents } = rule;
  const { numConsts, numCarry, length, reverse, remat } = params;
  const carryFloat = indicesWhere(numCarry, (i) => isFloat(operands[numConsts + i]?.type.dtype ?? 'bool'));
  const backward = backwardBody(rule, carryFloat);
  if (E.isLeft(backward)) return backward;
  const { body, constsWanted, sequencesWanted, stackedCts, residuals } = backward.right;
  const stacks = saved(rule, residuals.stacked);
  const cts = results.map((result, i) => O.getOrElse((): Expr => zerosLike(result))(cotangents[i] ?? O.none));
  const consts = operands.slice(0, numConsts);
  const invariant = substitute(residuals.invariant, pairs(params.body.inputs.slice(0, numConsts), consts));
  const swept = scanGraph(
    {
      body,
      numConsts: numConsts + invariant.length,
      numCarry: carryFloat.length + constsWanted.length,
      length,
      reverse: !reverse,
      remat,
    },
    [
      ...consts,
      ...invariant,
      ...at(cts, carryFloat),
      ...at(consts, constsWanted).map(zerosLike),
      ...stacks.histories,
      ...operands.slice(numConsts + numCarry),
      ...at(cts.slice(numCarry), stackedCts),
      ...stacks.residuals,
    ],
  );
  if (E.isLeft(swept)) return swept;
  const positions = [
    ...carryFloat.map((i) => numConsts + i),
    ...constsWanted,
    ...sequencesWanted.map((i) => numConsts + numCarry + i),
  ];
  return E.right(operands.map((_, i) => O.fromNullable(swept.right[positions.indexOf(i)])));
};
