/** The operand, or result, at a position that the primitive's shape rule has accepted. */
export const operandOf = <A>(operands: readonly A[], position: number): A => {
  const operand = operands[position];
  if (operand === undefined) throw new RangeError(`no operand ${position}`);
  return operand;
};
