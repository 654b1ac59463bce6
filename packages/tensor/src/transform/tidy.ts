import { ApplyNode, Graph, type TensorExpr } from '../expr.js';
import { pairs, substitute, topological } from '../graph.js';
import { broadcastInDimP } from '../ops/broadcast.js';
import { type ScanParams, scanNode, scanP, stackedType } from '../ops/scan.js';

type Simplify = (graph: Graph) => Graph;

type Loop = {
  readonly params: ScanParams;
  readonly operands: readonly TensorExpr[];
};

const readBy = (outputs: readonly TensorExpr[]): ReadonlySet<TensorExpr | undefined> =>
  new Set(topological(outputs).map((node) => (node._tag === 'Input' ? node.result : undefined)));

/** Constants and sequences given once each, and only those that the body reads. */
const withDistinctInputs = (loop: Loop, simplify: Simplify): Loop => {
  const { params, operands } = loop;
  const { body, numConsts, numCarry } = params;
  const firstSequence = numConsts + numCarry;
  const read = readBy(body.outputs);
  const isCarry = (i: number): boolean => i >= numConsts && i < firstSequence;
  /** The input that stands for each: the first that is given the same operand, as a constant or as a sequence. */
  const same = operands.map((operand, i) =>
    isCarry(i) ? body.inputs[i] : body.inputs[operands.indexOf(operand, i < numConsts ? 0 : firstSequence)],
  );
  const copies = body.inputs.filter((input, i) => same[i] !== input);
  const kept = body.inputs.map((input, i) => {
    if (isCarry(i)) return true;
    return same[i] === input && body.inputs.some((other, j) => same[j] === input && read.has(other));
  });
  if (!kept.includes(false)) return loop;
  const outputs = copies.length === 0 ? body.outputs : substitute(body.outputs, pairs(body.inputs, same));
  const inputs = body.inputs.filter((_, i) => kept[i]);
  return {
    params: {
      ...params,
      body: simplify(new Graph(inputs, outputs)),
      numConsts: kept.slice(0, numConsts).filter(Boolean).length,
    },
    operands: operands.filter((_, i) => kept[i]),
  };
};

/** What a stacked result is without stacking it: a sequence, or a constant repeated. */
const known = ({ params, operands }: Loop, output: TensorExpr): TensorExpr | undefined => {
  const { body, numConsts, numCarry, length } = params;
  const i = body.inputs.indexOf(output);
  const operand = operands[i];
  if (operand === undefined || (i >= numConsts && i < numConsts + numCarry)) return undefined;
  if (i >= numConsts) return operand;
  const type = stackedType(operand.type, length);
  const repeating = { shape: type.shape, dims: operand.type.shape.map((_, axis) => axis + 1) };
  return new ApplyNode(broadcastInDimP, repeating, [operand], [type]).results[0];
};

/** The results of a loop whose stacked results are distinct and not known without it; `undefined` for the loop given. */
const withDistinctResults = (loop: Loop, given: Loop): readonly TensorExpr[] | undefined => {
  const { params, operands } = loop;
  const { body, numCarry } = params;
  const found = body.outputs.map((output, i) => (i < numCarry ? undefined : known(loop, output)));
  const isKept = (output: TensorExpr, i: number): boolean =>
    i < numCarry || (found[i] === undefined && body.outputs.indexOf(output, numCarry) === i);
  const outputs = body.outputs.filter(isKept);
  if (loop === given && outputs.length === body.outputs.length) return undefined;
  const of = { ...params, body: outputs.length === body.outputs.length ? body : new Graph(body.inputs, outputs) };
  const { results } = scanNode(of, operands);
  const all = body.outputs.map(
    (output, i) => found[i] ?? results[i < numCarry ? i : outputs.indexOf(output, numCarry)],
  );
  return all.flatMap((result) => result ?? []);
};

/**
 * The results of a scan that reads each constant and sequence once and stacks nothing twice, nor what it was given; the
 * node's own results where that is so already, and for any other node.
 *
 * @law values are unchanged, bit for bit.
 */
export const tidyScan = (node: ApplyNode, simplify: Simplify): readonly TensorExpr[] => {
  if (node.primitive !== scanP) return node.results;
  const given = { params: node.params as ScanParams, operands: node.operands };
  return withDistinctResults(withDistinctInputs(given, simplify), given) ?? node.results;
};
