import {
  batchTypes,
  computeLoss,
  type Params,
  type Pi0Batch,
  type Pi0Config,
  paramTypes,
  pi0Config,
} from '@torsor/models';
import { adamw } from '@torsor/optim';
import { type Expr, type ExprTree, mean, type TensorType, valueAndGrad } from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import { type Case, example } from './case.js';
import { between, bools, integers, normals, type Source } from './source.js';
import { anyProgram } from './tolerance.js';
import { adam, train } from './train.js';

/** A π0 policy small enough for the reference, with grouped heads and experts of different widths, without cameras. */
const tiny: Pi0Config = {
  ...pi0Config,
  cameras: [],
  actionDim: 3,
  actionHorizon: 4,
  maxTokenLen: 5,
  vocabSize: 11,
  paligemma: { width: 6, depth: 2, mlpDim: 7, numHeads: 4, numKvHeads: 2, headDim: 4 },
  actionExpert: { width: 8, depth: 2, mlpDim: 5, numHeads: 4, numKvHeads: 2, headDim: 4 },
};

/** A π0.5 policy that sees: two cameras whose order is not that of their names. */
const seeing: Pi0Config = {
  ...tiny,
  pi05: true,
  cameras: ['wrist', 'base'],
  imageSize: [4, 6],
  siglip: { width: 8, depth: 2, mlpDim: 7, numHeads: 2, patchSize: 2, posemb: 'learn' },
};

const batchSize = 2;

type Inputs<A> = { readonly params: Tree<A>; readonly batch: Pi0Batch<A> };

const typesOf = (config: Pi0Config): Inputs<TensorType> => ({
  params: paramTypes(config),
  batch: batchTypes(config, batchSize),
});

const sourceOf = (path: string, { dtype, shape }: TensorType): Source => {
  if (dtype === 'i32') return integers(0, tiny.vocabSize - 1, shape);
  if (dtype === 'bool') return bools(shape);
  if (path.includes('/images/')) return between(-1, 1, shape);
  if (path === 'batch/time') return between(0.001, 1, shape);
  return path.startsWith('params/') ? between(-0.8, 0.8, shape) : normals(shape);
};

/** A case of a policy. Its inputs are named, not nested: every leaf by its path. */
const policy = (name: string, config: Pi0Config, build: (inputs: Inputs<Expr>) => ExprTree): Case => {
  const types = typesOf(config);
  const sources: Readonly<Record<string, Source>> = Object.fromEntries(
    flatten<TensorType>(types).map(({ path, leaf }) => [path, sourceOf(path, leaf)]),
  );
  return example(name, anyProgram, sources, (given) =>
    // The structure of the types is kept, and every path of theirs is a source.
    build(map<TensorType, Expr | undefined>(types, (_, path) => given[path]) as unknown as Inputs<Expr>),
  );
};

/*
 * Why these are `anyProgram` and lose more than others: the embedding of time takes sines of angles up to about 1570,
 * and the first steps of Adam divide a gradient by its own size, however small.
 */

/** A policy's loss, its gradient and its training. */
export const policyCases: readonly Case[] = [
  policy('the loss of a π0 policy', tiny, ({ params, batch }) => computeLoss(tiny, params, batch)),
  policy('the gradient of a π0 policy', tiny, ({ params, batch }) =>
    valueAndGrad((at: Params) => mean(computeLoss(tiny, at, batch)))(params),
  ),
  policy('a π0 policy by AdamW', tiny, ({ params, batch }) => ({
    ...train(params, adamw(adam), (at: Params) => mean(computeLoss(tiny, at, batch)), 3),
  })),
  policy('the loss of a π0.5 policy that sees', seeing, ({ params, batch }) => computeLoss(seeing, params, batch)),
  policy('the gradient of a π0.5 policy that sees', seeing, ({ params, batch }) =>
    valueAndGrad((at: Params) => mean(computeLoss(seeing, at, batch)))(params),
  ),
];
