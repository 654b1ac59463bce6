import { type Expr, type Graph, mul, program, showShapeError, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { overLayers } from '../../src/layers/stack.js';

/** Whether `depth` layers over `[tokens, 64]` are a loop. */
const isLoop = (depth: number, tokens: number): boolean => {
  const types = { x: tensorType('f32', [tokens, 64]), w: tensorType('f32', [depth, tokens, 64]) };
  const built = program(types, ({ x, w }) => {
    const layer = (carry: Expr, own: Expr): { readonly carry: Expr; readonly y: Record<never, Expr> } => ({
      carry: mul(carry, own),
      y: {},
    });
    return overLayers(layer, x, w, { depth }).carry;
  });
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  const [last]: Graph['outputs'] = built.right.graph.outputs;
  return last?.node._tag === 'Apply' && last.node.primitive.name === 'scan';
};

describe('a stack without a policy', () => {
  it.each([
    [4, 4280],
    [8, 4096],
  ])('of %i layers and %i tokens is written out', (depth, tokens) => expect(isLoop(depth, tokens)).toBe(false));

  it.each([
    [9, 1],
    [8, 4097],
  ])('of %i layers and %i tokens is a loop', (depth, tokens) => expect(isLoop(depth, tokens)).toBe(true));
});
