import type { Backend } from '@torsor/backend';
import type { SafetensorsTensor } from '@torsor/checkpoint';
import {
  applyUpdates,
  ema,
  globalNorm,
  type Optimizer,
  type OptimizerConfig,
  optimizer,
  showOptimError,
} from '@torsor/optim';
import {
  type Expr,
  type ExprsOf,
  type ExprTree,
  program,
  showShapeError,
  type TensorType,
  TensorValue,
  tensorType,
} from '@torsor/tensor';
import { map, type Tree, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { Golden } from './describe-golden.js';
import { number, object, objects, text } from './json.js';
import { runOn } from './on-backend.js';
import { type Stored, treeOf } from './tensors.js';

type Values = Tree<TensorValue>;

/** One recorded run of an optimizer. */
export type Recorded = {
  readonly name: string;
  readonly optimizer: Optimizer;
  readonly emaDecay: number;
  readonly steps: ReadonlyArray<{ readonly learningRate: number; readonly gradNorm: number }>;
};

/** openpi's field names; its SGD has a learning rate that it ignores, and ours refuses. */
export const optimizerConfigOf = (kind: string, config: ReturnType<typeof object>): OptimizerConfig =>
  kind === 'AdamW'
    ? {
        kind,
        b1: number(config['b1']),
        b2: number(config['b2']),
        eps: number(config['eps']),
        weightDecay: number(config['weight_decay']),
        clipGradientNorm: number(config['clip_gradient_norm']),
      }
    : { kind: 'SGD', momentum: number(config['momentum']), nesterov: config['nesterov'] === true };

/** The recorded runs. */
export const recordedRuns = (golden: Golden): readonly Recorded[] =>
  objects(object(golden.json('optim/optim.json'))['optimizers']).map((run) => {
    const made = optimizer(optimizerConfigOf(text(run['kind']), object(run['config'])));
    if (E.isLeft(made)) throw new Error(made.left.map(showOptimError).join('; '));
    return {
      name: text(run['name']),
      optimizer: made.right,
      emaDecay: number(run['ema_decay']),
      steps: objects(run['steps']).map((step) => ({
        learningRate: number(step['lr']),
        gradNorm: number(step['grad_norm']),
      })),
    };
  });

/** The tensors whose names begin with `prefix/`, as a tree of the rest of their names; `{}` when there is none. */
const recordedTree = (recorded: Stored, prefix: string): Values => {
  const under = [...recorded].flatMap(([name, tensor]): readonly (readonly [string, SafetensorsTensor])[] =>
    name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), tensor]] : [],
  );
  return treeOf(new Map(under), () => true);
};

type StepExprs = {
  readonly params: ExprTree;
  readonly average: ExprTree;
  readonly state: ExprTree;
  readonly gradient: ExprTree;
  readonly learningRate: Expr;
};

const oneStep =
  ({ optimizer, emaDecay }: Recorded) =>
  (inputs: ExprTree): ExprTree => {
    const { params, average, state, gradient, learningRate } = inputs as unknown as StepExprs;
    // The state of the chain that the first program made.
    const next = optimizer(learningRate).update(gradient, state as { readonly [position: string]: ExprTree }, params);
    const moved = applyUpdates(params, next.updates);
    return {
      params: moved,
      average: ema(emaDecay).update(average, moved),
      state: next.state,
      gradNorm: globalNorm(gradient),
    };
  };

const computed = async (
  backend: Backend,
  inputs: Values,
  f: (inputs: ExprTree) => ExprTree,
): Promise<ReadonlyMap<string, TensorValue>> => {
  const types = map<TensorValue, TensorType>(inputs, ({ type }) => type);
  const built = program(types, f as (inputs: ExprsOf<Tree<TensorType>>) => ExprTree);
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  return runOn(backend, built.right, inputs);
};

const subtree = (values: ReadonlyMap<string, TensorValue>, prefix: string): Values => {
  const under = [...values].filter(([path]) => path.startsWith(`${prefix}/`));
  const tree = unflatten(under.map(([path, leaf]) => ({ path: path.slice(prefix.length + 1), leaf })));
  if (E.isLeft(tree)) throw new Error(`outputs ${prefix}/… are no tree`);
  return tree.right;
};

/** The recorded run repeated on a backend, one program per step as a trainer does: the outputs of each step by path. */
export const repeatRun = async (
  backend: Backend,
  recorded: Stored,
  run: Recorded,
): Promise<ReadonlyArray<ReadonlyMap<string, TensorValue>>> => {
  let params = recordedTree(recorded, 'init');
  let average = params;
  const initial = await computed(backend, { params }, (given) => ({
    state: run.optimizer(0).init((given as { readonly params: ExprTree }).params),
  }));
  let state = subtree(initial, 'state');
  const steps: ReadonlyMap<string, TensorValue>[] = [];
  for (const [i, { learningRate }] of run.steps.entries()) {
    const gradient = recordedTree(recorded, `grad/${i}`);
    const rate = new TensorValue(tensorType('f32'), Float32Array.of(learningRate));
    const inputs = { params, average, state, gradient, learningRate: rate };
    const step = await computed(backend, inputs, oneStep(run));
    steps.push(step);
    [params, average, state] = [subtree(step, 'params'), subtree(step, 'average'), subtree(step, 'state')];
  }
  return steps;
};
