import type { LossTerms, Pictures, PolicyModel } from '@torsor/policy';
import { variedTypes } from '@torsor/policy';
import type { Expr, ExprsOf, TensorType } from '@torsor/tensor';
import type { Tree, TreeNode } from '@torsor/tree';

/** What is learned: the loss of parameters on a batch. A policy's, or one of your own. */
export type Objective = {
  readonly paramTypes: Tree<TensorType>;
  /** Of the batch of an update. Samples are the first axis of every leaf. */
  readonly batchTypes: TreeNode<TensorType>;
  /** What is trained is the mean of `loss`; what is `measured` is averaged likewise and becomes a metric of that name. */
  readonly loss: (params: Tree<Expr>, batch: TreeNode<Expr>) => LossTerms;
  /** Of the batch of an evaluation, which nothing varies. */
  readonly heldOutTypes: TreeNode<TensorType>;
  readonly heldOutLoss: (params: Tree<Expr>, batch: TreeNode<Expr>) => LossTerms;
};

/**
 * An objective of your own: the loss sees trees of the structure that the types have, and held-out batches are like those of
 * updates.
 *
 * @param batchTypes - samples are the first axis of every leaf.
 * @example objective({ kernel }, { x, y }, (params, batch) => ({ loss: square(sub(matmul(batch.x, params.kernel), batch.y)), measured: {} }))
 */
export const objective = <P extends TreeNode<TensorType>, B extends TreeNode<TensorType>>(
  paramTypes: P,
  batchTypes: B,
  loss: (params: ExprsOf<P>, batch: ExprsOf<B>) => LossTerms,
): Objective => {
  // The programs that call it were built for exactly these types.
  const ofTrees: Objective['loss'] = (params, batch) => loss(params as ExprsOf<P>, batch as ExprsOf<B>);
  return { paramTypes, batchTypes, loss: ofTrees, heldOutTypes: batchTypes, heldOutLoss: ofTrees };
};

/** What a policy's objective depends on besides the model. */
export type PolicyObjective = {
  readonly pictures: Pictures;
  /** Action dimensions of the dataset; the others are padding. */
  readonly realDims: number;
  readonly batchSize: number;
};

/** The loss of a policy, with pictures varied in training where they are. */
export const policyObjective = (model: PolicyModel, { pictures, realDims, batchSize }: PolicyObjective): Objective => {
  const heldOutTypes = model.batchTypes(pictures, batchSize);
  return {
    paramTypes: model.paramTypes,
    batchTypes: { ...heldOutTypes, ...variedTypes(pictures, batchSize) },
    loss: (params, batch) => model.loss(pictures, params, batch, realDims),
    heldOutTypes,
    heldOutLoss: (params, batch) => model.heldOutLoss(pictures, params, batch, realDims),
  };
};
