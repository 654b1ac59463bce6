import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import {
  applyAll,
  type EvaluateGraph,
  type Expr,
  Graph,
  type Invalid,
  input,
  isValid,
  type Primitive,
  type RefTensor,
  type TensorExpr,
  type VjpInput,
} from '../expr.js';
import { zerosLike } from '../sugar.js';
import { cotangentsOf } from '../transform/cotangents.js';
import { isFloat, sameType, showType, sizeOf, TensorType } from '../type.js';
import { add } from './arithmetic.js';

/**
 * A loop of fixed length. Operands: constants, initial carry, sequences stacked on their first axis. The body's inputs
 * are constants, carry and one element of each sequence; its outputs the next carry and one element of each stacked
 * result. Results: the last carry, then the stacked results.
 */
export interface ScanParams {
  readonly body: Graph;
  readonly numConsts: number;
  readonly numCarry: number;
  readonly length: number;
  /** Whether sequences are read, and results written, from their end. */
  readonly reverse: boolean;
}

/** The type of one element of a stacked sequence, or of a sequence stacked from such elements. */
export const elementType = (type: TensorType): TensorType => new TensorType(type.dtype, type.shape.slice(1));
const stackedType = (type: TensorType, length: number): TensorType =>
  new TensorType(type.dtype, [length, ...type.shape]);

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
    return E.right(
      params.body.outputs.map(({ type }, i) => (i < params.numCarry ? type : stackedType(type, params.length))),
    );
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

/** Where the body's carry begins among its inputs and how many there are. */
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

/** A scan over a closed body. */
export const scanGraph = (params: ScanParams, operands: readonly Expr[]): E.Either<Invalid, readonly TensorExpr[]> =>
  applyAll(scanP, withHistories(params), operands);

/** For each carry, the stacked result that holds it before each step; a scan without them is run again with them. */
const carryHistories = ({
  params,
  operands,
  results,
}: VjpInput<ScanParams>): E.Either<Invalid, readonly TensorExpr[]> => {
  const full = withHistories(params);
  const complete = full.body.outputs.length === params.body.outputs.length;
  const of = complete ? E.right(results) : applyAll(scanP, full, operands);
  return E.map((all: readonly TensorExpr[]) =>
    at(
      all,
      carryInputs(full).map((carry) => full.body.outputs.indexOf(carry, full.numCarry)),
    ),
  )(of);
};

/*
 * The derivative is a scan in the other direction. Its carry is the cotangent of the carry and the running sum of the
 * cotangents of the constants; its sequences are the saved carries, the sequences and the cotangents of the stacked
 * results. Its body recomputes the forward step: only carries are saved (openpi's remat policy).
 */
interface Backward {
  readonly body: Graph;
  readonly constsWanted: readonly number[];
  readonly sequencesWanted: readonly number[];
  readonly stackedCts: readonly number[];
}

const indicesWhere = (count: number, test: (i: number) => boolean): readonly number[] =>
  Array.from({ length: count }, (_, i) => i).filter(test);

const at = <A>(list: readonly A[], indices: readonly number[]): readonly A[] =>
  indices.flatMap((i) => {
    const element = list[i];
    return element === undefined ? [] : [element];
  });

const backwardBody = (
  { params, wanted, cotangents }: VjpInput<ScanParams>,
  carryFloat: readonly number[],
): E.Either<Invalid, Backward> => {
  const { body, numConsts, numCarry } = params;
  const numSequences = body.inputs.length - numConsts - numCarry;
  const constsWanted = indicesWhere(numConsts, (i) => wanted[i] === true);
  const sequencesWanted = indicesWhere(numSequences, (i) => wanted[numConsts + numCarry + i] === true);
  const stackedCts = indicesWhere(body.outputs.length - numCarry, (i) => {
    const ct = cotangents[numCarry + i];
    return ct !== undefined && O.isSome(ct);
  });
  const consts = body.inputs.slice(0, numConsts);
  const carry = body.inputs.slice(numConsts, numConsts + numCarry);
  const sequences = body.inputs.slice(numConsts + numCarry);
  const like = (name: string, exprs: readonly TensorExpr[]): readonly TensorExpr[] =>
    exprs.map(({ type }, i) => input(`${name}_${i}`, type));
  const carryCts = like('ct_carry', at(carry, carryFloat));
  const sums = like('ct_const', at(consts, constsWanted));
  const elementCts = like('ct_element', at(body.outputs.slice(numCarry), stackedCts));
  const outputs = [...at(body.outputs, carryFloat), ...at(body.outputs.slice(numCarry), stackedCts)];
  const wrt = [...at(carry, carryFloat), ...at(consts, constsWanted), ...at(sequences, sequencesWanted)];
  const cts = cotangentsOf(outputs, [...carryCts, ...elementCts].map(O.some), wrt);
  if (E.isLeft(cts)) return cts;
  const dense = wrt.map((expr, i) => {
    const ct = cts.right[i];
    return ct !== undefined && O.isSome(ct) ? ct.value : zerosLike(expr);
  });
  const added = dense.map((ct, i) => {
    const sum = sums[i - carryFloat.length];
    return sum === undefined ? ct : add(sum, ct);
  });
  const valid = added.filter(isValid);
  const invalid = added.find((expr): expr is Invalid => !isValid(expr));
  if (invalid !== undefined) return E.left(invalid);
  const graph = new Graph([...consts, ...carryCts, ...sums, ...carry, ...sequences, ...elementCts], valid);
  return E.right({ body: graph, constsWanted, sequencesWanted, stackedCts });
};

const scanCotangents = (rule: VjpInput<ScanParams>): E.Either<Invalid, ReadonlyArray<O.Option<Expr>>> => {
  const { params, operands, results, cotangents } = rule;
  const { numConsts, numCarry, length, reverse } = params;
  const carryFloat = indicesWhere(numCarry, (i) => isFloat(operands[numConsts + i]?.type.dtype ?? 'bool'));
  const histories = carryHistories(rule);
  if (E.isLeft(histories)) return histories;
  const backward = backwardBody(rule, carryFloat);
  if (E.isLeft(backward)) return backward;
  const { body, constsWanted, sequencesWanted, stackedCts } = backward.right;
  const cts = results.map((result, i) => O.getOrElse((): Expr => zerosLike(result))(cotangents[i] ?? O.none));
  const consts = operands.slice(0, numConsts);
  const swept = scanGraph(
    { body, numConsts, numCarry: carryFloat.length + constsWanted.length, length, reverse: !reverse },
    [
      ...consts,
      ...at(cts, carryFloat),
      ...at(consts, constsWanted).map(zerosLike),
      ...histories.right,
      ...operands.slice(numConsts + numCarry),
      ...at(cts.slice(numCarry), stackedCts),
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
