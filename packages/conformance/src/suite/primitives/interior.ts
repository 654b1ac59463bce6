import { ApplyNode, type Expr, type PadParams, primitives, refused, withType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';

/** `x` with elements added before, after and between its own; users reach it as the derivative of a strided slice. */
export const padInterior = (x: Expr, params: PadParams): Expr =>
  withType(x, (type, operand) => {
    const types = primitives.pad.infer(params, [type]);
    if (E.isLeft(types)) return refused('pad', [type], types.left);
    const [result = operand] = new ApplyNode(primitives.pad, params, [operand], types.right).results;
    return result;
  });
