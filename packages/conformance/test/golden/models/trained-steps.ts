import { firstPosition } from '@torsor/data';
import type { OptimizerConfig } from '@torsor/optim';
import { defect, type FreezeSettings, getTree, placementOn } from '@torsor/policy';
import type { Expr, TensorType, TensorValue } from '@torsor/tensor';
import {
  compileUpdate,
  firstHostState,
  firstState,
  learningRate,
  nothingFrozen,
  type Objective,
  optimizerOf,
  type RecipeParams,
  recipeOn,
  type ScheduleSettings,
  showTrainingError,
  type TrainingError,
  updater,
} from '@torsor/training';
import { flatten, map, type Tree, type TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { number, object, text } from '../json.js';
import { orThrow } from '../on-backend.js';
import { optimizerConfigOf } from '../optimizers.js';
import type { OpenBackend } from './backends.js';
import type { Json } from './config.js';

/*
 * Recorded steps made by the trainer itself: its recipe, its first state, its update program, its learning rate, its way
 * to the device. What a test gives is what a consumer gives: a loss, batches and settings.
 */

/** What a recorded run trains. */
export type RecordedRun = {
  readonly params: RecipeParams;
  readonly loss: (params: Tree<Expr>, batch: TreeNode<Expr>) => Expr;
  /** The parameters it begins with, in f32. */
  readonly initial: Tree<TensorValue>;
  /** What is new at a step. */
  readonly batchAt: (step: number) => TreeNode<TensorValue>;
  /** `optimizer`, `lr_schedule` and `ema_decay` as recorded. */
  readonly recorded: Json;
  readonly steps: number;
  readonly freeze?: FreezeSettings;
};

/** A step as the trainer reports it, and the state after it. */
export type MadeStep = {
  readonly measured: { readonly [name: string]: number };
  readonly params: ReadonlyMap<string, TensorValue>;
  readonly ema: ReadonlyMap<string, TensorValue>;
};

const made = async <A>(task: TE.TaskEither<TrainingError, A>): Promise<A> => {
  const result = await task();
  if (E.isLeft(result)) throw new Error(showTrainingError(result.left).join('\n'));
  return result.right;
};

/** openpi's field names as settings of the trainer's. */
const optimizerSettings = (config: OptimizerConfig): Parameters<typeof optimizerOf>[0] =>
  config.kind === 'AdamW' ? { ...config, kind: 'adamw' } : { ...config, kind: 'sgd' };

const scheduleSettings = (kind: string, config: Json): ScheduleSettings => {
  if (kind !== 'CosineDecaySchedule') throw new Error(`golden steps: unknown schedule '${kind}'`);
  return {
    kind: 'cosine',
    warmupSteps: number(config['warmup_steps']),
    peakLr: number(config['peak_lr']),
    decaySteps: number(config['decay_steps']),
    decayLr: number(config['decay_lr']),
  };
};

const byPath = (tree: Tree<TensorValue>): ReadonlyMap<string, TensorValue> =>
  new Map(flatten(tree).map(({ path, leaf }) => [path, leaf]));

const objectiveOf = ({ params, loss, batchAt }: RecordedRun): Objective => {
  const batchTypes = map<TensorValue, TensorType>(batchAt(0), ({ type }) => type) as TreeNode<TensorType>;
  const terms: Objective['loss'] = (at, batch) => ({ loss: loss(at, batch), measured: {} });
  return { paramTypes: params.paramTypes, batchTypes, heldOutTypes: batchTypes, loss: terms, heldOutLoss: terms };
};

/** Makes the steps of a recorded run on a backend. */
export const makeSteps = async (open: OpenBackend, run: RecordedRun): Promise<readonly MadeStep[]> => {
  const backend = await open.backend();
  const { optimizer, lr_schedule: schedule, ema_decay: decay } = run.recorded;
  const { kind, config } = object(optimizer);
  const settings = {
    ...(run.freeze ?? nothingFrozen),
    optimizer: optimizerOf(optimizerSettings(optimizerConfigOf(text(kind), object(config)))),
    emaDecay: decay === null ? null : number(decay),
    gradientAccumulation: 1,
  };
  const rate = learningRate(scheduleSettings(text(object(schedule)['kind']), object(object(schedule)['config'])));
  if (E.isLeft(rate)) throw new Error('the recorded schedule is refused');
  const recipe = await made(recipeOn(backend, settings, run.params));
  const programs = await made(compileUpdate(placementOn(backend, 0), recipe, objectiveOf(run)));
  const update = updater({
    programs,
    source: ({ step }) =>
      step < run.steps
        ? TE.right({ inputs: run.batchAt(step), size: 1, position: firstPosition, samples: () => [`step ${step}`] })
        : TE.left(defect(`${run.steps} steps are recorded`)),
    schedule: rate.right,
    clock: () => 0,
  });
  const steps: MadeStep[] = [];
  let state = await orThrow(firstState(programs, run.initial));
  for (let step = 0; step < run.steps; step++) {
    const after = await made(update(state, { ...firstHostState, step }));
    state = after.state;
    const [params, ema] = [await orThrow(getTree(backend)(state.params)), await orThrow(getTree(backend)(state.ema))];
    steps.push({ measured: after.measured as MadeStep['measured'], params: byPath(params), ema: byPath(ema) });
  }
  return steps;
};
