import {
  add,
  div,
  type Expr,
  type ExprTree,
  mean,
  refused,
  reshape,
  scan,
  transpose,
  type ValueAndGrad,
  valueAndGradWithAux,
  withType,
  zerosLike,
} from '@torsor/tensor';
import { mapLeaves, zipLeaves } from './leafwise.js';
import { typedAs, widened } from './wide.js';

/** A loss of parameters and a batch, with further floating-point results. */
export type BatchLoss<P extends ExprTree, B extends ExprTree, A extends ExprTree> = (
  params: P,
  batch: B,
) => { readonly value: Expr; readonly aux: A };

/** Micro-batch i is samples i, i + count, i + 2 count, …: of samples that are split over devices, each keeps its own. */
const cut = (leaf: Expr, count: number): Expr =>
  withType(leaf, (type) => {
    const [batch, ...rest] = type.shape;
    const part = (batch ?? 0) / count;
    return batch !== undefined && Number.isInteger(part) && part > 0
      ? transpose(reshape(leaf, [part, count, ...rest]), [1, 0, ...rest.map((_, axis) => axis + 2)])
      : refused('accumulateGradients', [type], `its first axis does not divide into ${count} equal micro-batches`);
  });

/**
 * The loss and the gradient of a batch as means over `count` equal micro-batches, one after another in a scan: the
 * memory of one micro-batch, the numbers of the whole. A micro-batch takes every `count`-th sample, so that a batch whose
 * first axis is split over devices stays where it is: each computes its share of every micro-batch.
 *
 * @param loss - a mean over the samples of the batch it is given.
 * @param count - micro-batches; must divide the first axis of every leaf of the batch.
 * @returns the value, gradients and further results, each the mean over micro-batches.
 * @errors `ShapeError` in every leaf when the batch does not divide.
 * @law for a loss that is a mean over samples, equal to the gradient of the whole batch; narrow gradients are summed in f32.
 */
export const accumulateGradients =
  <P extends ExprTree, B extends ExprTree, A extends ExprTree>(loss: BatchLoss<P, B, A>, count: number) =>
  (params: P, batch: B): ValueAndGrad<P, A> => {
    const one = (part: B): ValueAndGrad<P, A> => valueAndGradWithAux<P, A>((p) => loss(p, part))(params);
    if (count === 1) return one(batch);
    const { carry, ys } = scan(
      (sums: P, part: B) => {
        const { value, grads, aux } = one(part);
        return {
          carry: zipLeaves('accumulateGradients', sums, grads, (sum, grad) => add(sum, widened(grad))),
          y: { value, aux },
        };
      },
      mapLeaves(params, (leaf) => zerosLike(widened(leaf))),
      mapLeaves(batch, (leaf) => cut(leaf, count)),
    );
    const average = (x: Expr): Expr => typedAs(x, mean(widened(x), [0]));
    return {
      value: average(ys.value),
      grads: zipLeaves('accumulateGradients', params, carry, (param, sum) => typedAs(param, div(sum, count))),
      aux: mapLeaves(ys.aux, average),
    };
  };
