import { type ExprTree, exprLeaves, isValid, type Remat, type Scanned, type Step, scan, sizeOf } from '@torsor/tensor';
import { unrolled } from './unrolled.js';

/** Stacks up to this depth are written out: beyond it a program that grows with depth takes too long to compile. */
const writtenOut = 8;

/**
 * Stacks are written out up to so many elements of what is carried between layers, in all layers together: the derivative
 * of one that is written out keeps about thirty times as many, here 256 MiB in f32.
 */
const carriedAtMost = 2 ** 21;

const elementsOf = (carry: ExprTree): number =>
  exprLeaves(carry).reduce((sum, leaf) => sum + (isValid(leaf) ? sizeOf(leaf.type.shape) : 0), 0);

/**
 * The layers of a stack, one after another, under `scan`: one sub-program however deep the stack; what the derivative
 * keeps of each is the remat policy. Without a policy a shallow stack of few tokens is written out: nothing of it is
 * computed twice, and inside a loop (the Euler steps of sampling) each layer's weights are prepared once.
 *
 * @param stacked - what each layer has of its own, stacked on a leading axis of `depth`.
 */
export const overLayers = <C extends ExprTree, X extends ExprTree, Y extends ExprTree>(
  layer: (carry: C, own: X) => Step<C, Y>,
  init: C,
  stacked: X,
  { depth, remat }: { readonly depth: number; readonly remat?: Remat | undefined },
): Scanned<C, Y> =>
  remat === undefined && depth <= writtenOut && depth * elementsOf(init) <= carriedAtMost
    ? unrolled(layer, init, stacked, depth)
    : scan(layer, init, stacked, { remat: remat ?? 'carry' });
