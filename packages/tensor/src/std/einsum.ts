import { type Expr, refused, withTypes } from '../expr.js';
import { reduceSum } from '../ops/broadcast.js';
import { dotGeneral } from '../ops/dot.js';
import { transpose } from '../ops/shape.js';
import { type DType, extentOf, type Shape, type TensorType } from '../type.js';

type Term = {
  readonly x: Expr;
  readonly letters: string;
};

const isTerm = (letters: string): boolean => /^[a-zA-Z]*$/.test(letters) && new Set(letters).size === letters.length;

/** Why an equation does not fit its operands, if it does not. */
const refuseEquation = (
  inputs: readonly string[],
  output: string,
  types: readonly TensorType[],
): string | undefined => {
  if (inputs.length !== types.length) return `the equation has ${inputs.length} operands, ${types.length} were given`;
  if (inputs.length < 1 || inputs.length > 2) return 'one or two operands are supported';
  const wrong = [...inputs, output].find((letters) => !isTerm(letters));
  if (wrong !== undefined) return `'${wrong}' must be distinct letters`;
  const extents = new Map<string, number>();
  for (const [i, letters] of inputs.entries()) {
    const clash = refuseTerm(letters, types[i]?.shape ?? [], extents);
    if (clash !== undefined) return clash;
  }
  const unknown = [...output].find((letter) => !extents.has(letter));
  return unknown === undefined ? undefined : `axis ${unknown} of the result is in no operand`;
};

/** Notes the extents that a term's letters name; why they do not fit, if they do not. */
const refuseTerm = (letters: string, shape: Shape, extents: Map<string, number>): string | undefined => {
  if (letters.length !== shape.length) {
    return `'${letters}' names ${letters.length} axes, the operand has ${shape.length}`;
  }
  for (const [axis, letter] of [...letters].entries()) {
    const extent = extentOf(shape, axis);
    const known = extents.get(letter) ?? extent;
    if (known !== extent) return `axis ${letter} has extents ${known} and ${extent}`;
    extents.set(letter, extent);
  }
  return undefined;
};

/** Sums out the axes of a term that `kept` does not contain. */
const sumOut = ({ x, letters }: Term, kept: string): Term => {
  const axes = [...letters].flatMap((letter, axis) => (kept.includes(letter) ? [] : [axis]));
  return { x: reduceSum(x, axes), letters: [...letters].filter((letter) => kept.includes(letter)).join('') };
};

const reorder = ({ x, letters }: Term, output: string): Expr =>
  letters === output
    ? x
    : transpose(
        x,
        [...output].map((letter) => letters.indexOf(letter)),
      );

const positions = (letters: string, of: readonly string[]): readonly number[] =>
  of.map((letter) => letters.indexOf(letter));

const product = (left: Term, right: Term, output: string, dtype: DType | undefined): Term => {
  const shared = [...left.letters].filter((letter) => right.letters.includes(letter));
  const batch = shared.filter((letter) => output.includes(letter));
  const contract = shared.filter((letter) => !output.includes(letter));
  const free = (letters: string): string => [...letters].filter((letter) => !shared.includes(letter)).join('');
  const x = dotGeneral(left.x, right.x, {
    contract: [positions(left.letters, contract), positions(right.letters, contract)],
    batch: [positions(left.letters, batch), positions(right.letters, batch)],
    ...(dtype === undefined ? {} : { dtype }),
  });
  return { x, letters: batch.join('') + free(left.letters) + free(right.letters) };
};

/**
 * Einstein summation over one or two operands: `einsum('btd,dh->bth', [x, w])`. Letters name axes; a letter that the
 * result lacks is summed over; none may repeat within an operand.
 *
 * @param dtype - what products are summed in; that of the operands by default.
 * @errors `ShapeError` when the equation does not fit the operands.
 */
export const einsum = (equation: string, operands: readonly Expr[], dtype?: DType): Expr =>
  withTypes(operands, (types) => {
    const [left = '', output = ''] = equation.replaceAll(' ', '').split('->');
    const inputs = left.split(',');
    const reason = equation.includes('->') ? refuseEquation(inputs, output, types) : "expected '->'";
    if (reason !== undefined) return refused('einsum', types, `${equation}: ${reason}`);
    const terms = operands.map((x, i) => ({ x, letters: inputs[i] ?? '' }));
    const [first, second] = terms;
    if (first === undefined) return refused('einsum', types, 'expected an operand');
    if (second === undefined) return reorder(sumOut(first, output), output);
    const term = product(sumOut(first, second.letters + output), sumOut(second, first.letters + output), output, dtype);
    return reorder(term, output);
  });
