import { type Buffer, referenceBackend } from '@torsor/backend';
import type { DataPosition } from '@torsor/data';
import type { TrainedRun, Trainer, TrainingNumbers } from '@torsor/laws';
import { interval, type MetricLine } from '@torsor/metrics';
import { placementOn } from '@torsor/policy';
import { add, dotGeneral, type Expr, mul, reshape, sub, TensorValue, tensorType, toFloat64 } from '@torsor/tensor';
import { leaves, type Tree, type TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { heldOutLine, heldOutLosses } from '../src/evaluation/held-out-loss.js';
import {
  beginRun,
  compileLoss,
  compileUpdate,
  type LearnedState,
  type LoopEnv,
  type Objective,
  optimizerOf,
  recipeOn,
  type TrainingBatch,
  type TrainingError,
  trainLoop,
  type UpdateSettings,
  updater,
} from '../src/index.js';
import { right } from './right.js';

const samples = 4;

const f32 = (shape: readonly number[], ...values: number[]): TensorValue =>
  new TensorValue(tensorType('f32', shape), Float32Array.from(values));

const at = (tree: Tree<Expr>, name: string): Expr => Object(tree)[name];

/** (w·x − y)² of each sample, w a kernel of two axes; `loss_real_dims` is another number, to tell the two apart. */
export const line: Objective = {
  paramTypes: { kernel: tensorType('f32', [2, 1]) },
  batchTypes: { x: tensorType('f32', [samples, 2]), y: tensorType('f32', [samples]) },
  heldOutTypes: { x: tensorType('f32', [samples, 2]), y: tensorType('f32', [samples]) },
  loss: (params, batch) => {
    const predicted = reshape(dotGeneral(at(batch, 'x'), at(params, 'kernel'), { contract: [[1], [0]] }), [samples]);
    const off = sub(predicted, at(batch, 'y'));
    return { loss: mul(off, off), measured: { loss_real_dims: add(mul(off, 3), 7) } };
  },
  heldOutLoss: (params, batch) => line.loss(params, batch),
};

export const firstKernel = { kernel: f32([2, 1], 0.5, -0.25) };

/** The batch after so many others: never the same twice. */
export const batchAt = (step: number): TreeNode<TensorValue> => ({
  x: f32([samples, 2], ...Array.from({ length: 2 * samples }, (_, i) => ((7 * (i + 3 * step)) % 11) / 8 - 0.5)),
  y: f32([samples], ...Array.from({ length: samples }, (_, i) => ((5 * (i + 2 * step)) % 7) / 4)),
});

export const lineSettings = (clipGradientNorm: number | null, emaDecay: number | null): UpdateSettings => ({
  optimizer: optimizerOf({ kind: 'adamw', b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 1e-10, clipGradientNorm }),
  emaDecay,
  gradientAccumulation: 1,
  freeze: [],
  freezeForLora: false,
  frozenDtype: 'f32',
});

export const source = ({
  step,
  position,
}: {
  step: number;
  position: DataPosition;
}): TE.TaskEither<TrainingError, TrainingBatch> =>
  TE.right({
    inputs: batchAt(step),
    size: samples,
    position: { epoch: position.epoch, offset: position.offset + samples },
    samples: () => [`step ${step}`],
  });

const held = [() => TE.right({ inputs: batchAt(100), real: samples })];

/** Our own programs, updater and loop, on the reference backend. */
export const lineTrainer: Trainer = async (wish): Promise<TrainedRun> => {
  const backend = referenceBackend();
  const placement = placementOn(backend, 0);
  const recipe = right(await recipeOn(backend, lineSettings(wish.clip, wish.averageDecay), line)());
  const programs = right(await compileUpdate(placement, recipe, line)());
  const loss = right(await compileLoss(placement, recipe, line)());
  const numbers = async (tree: Tree<Buffer>): Promise<readonly number[]> => {
    const values: number[] = [];
    for (const leaf of leaves<Buffer>(tree)) values.push(...toFloat64(right(await backend.get(leaf)())));
    return values;
  };
  const numbersOf = async ({ params, ema, optimizer }: LearnedState<Buffer>): Promise<TrainingNumbers> => ({
    parameters: await numbers(params),
    averages: await numbers(ema),
    optimizer: await numbers(optimizer),
  });
  const first = right(await beginRun({ programs }, firstKernel)());
  const began = await numbersOf(first.device);
  const lines: MetricLine[] = [];
  const states: TrainingNumbers[] = [];
  const env: LoopEnv<LearnedState<Buffer>, TrainingError> = {
    clock: () => 0,
    interrupted: () => false,
    breathe: () => Promise.resolve(),
    report: () => undefined,
    measures: interval,
    record: (recorded) => E.right(void ('loss' in recorded && lines.push(recorded))),
    update: updater({ programs, source, schedule: wish.schedule, clock: () => 0 }),
    evaluate: (state, step) =>
      wish.evaluate
        ? pipe(
            heldOutLosses(loss, held, state),
            TE.map((losses) => heldOutLine(losses, step)),
          )
        : TE.right({ step }),
    save: (state) => TE.rightTask(async () => void states.push(await numbersOf(state))),
  };
  const limits = { steps: wish.steps, maxMinutes: null, logInterval: 1, evalInterval: 1, saveInterval: 1 };
  right(await trainLoop(env, limits, first)());
  const timed = ['step', 'time_per_step', 'data_time', 'samples_per_second', 'peak_memory_bytes'];
  return {
    first: began,
    updates: states.map((state, i) => ({
      ...state,
      measured: Object.fromEntries(Object.entries(lines[i] ?? {}).filter(([name]) => !timed.includes(name))),
    })),
  };
};
