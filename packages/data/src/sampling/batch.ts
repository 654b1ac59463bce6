import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import { endAfter } from '../gaps.js';
import { type Sample, type Samples, sampleAt } from './samples.js';

/** A batch of windows in the dataset's units. */
export type Batch = {
  /** Samples `b`. */
  readonly size: number;
  readonly stateDim: number;
  readonly actionDim: number;
  readonly actionHorizon: number;
  /** `f32[b, sd]` state at the window's first frame. */
  readonly state: Float32Array;
  /** `f32[b, ah, ad]` actions from that frame on. */
  readonly actions: Float32Array;
  /** `bool[b, ah]` 1 where the episode had ended, or time jumps, and the last action is repeated. */
  readonly actionIsPad: Uint8Array;
  /** Task text of each sample. */
  readonly prompts: readonly string[];
  readonly episodeIndex: Int32Array;
  readonly frameIndex: Int32Array;
};

/** What a window holds. */
export type WindowSpec = {
  /** Actions per window `ah`. */
  readonly actionHorizon: number;
};

const emptyBatch = (size: number, stateDim: number, actionDim: number, actionHorizon: number): Batch => ({
  size,
  stateDim,
  actionDim,
  actionHorizon,
  state: new Float32Array(size * stateDim),
  actions: new Float32Array(size * actionHorizon * actionDim),
  actionIsPad: new Uint8Array(size * actionHorizon),
  prompts: [],
  episodeIndex: new Int32Array(size),
  frameIndex: new Int32Array(size),
});

/** Copies the window of one sample to row `row` of a batch: one block of real rows, then the last row again and again. */
const writeWindow = (batch: Batch, row: number, { episode, frame }: Sample): void => {
  const { stateDim: sd, actionDim: ad, actionHorizon: ah } = batch;
  batch.state.set(episode.state.subarray(frame * sd, (frame + 1) * sd), row * sd);
  const end = endAfter(episode, frame);
  const real = Math.min(ah, end - frame);
  const start = row * ah * ad;
  batch.actions.set(episode.action.subarray(frame * ad, (frame + real) * ad), start);
  const last = episode.action.subarray((end - 1) * ad, end * ad);
  for (let h = real; h < ah; h++) batch.actions.set(last, start + h * ad);
  batch.actionIsPad.fill(1, row * ah + real, (row + 1) * ah);
  batch.episodeIndex[row] = episode.index;
  batch.frameIndex[row] = frame;
};

/**
 * The windows of samples: the state at a frame and the next `ah` actions, the last action repeated (and
 * marked) beyond the episode's end or a gap in its time.
 *
 * @param indices - sample numbers in `[0, samples.count)`.
 * @errors `SampleOutOfRange`; `ShapeMismatch` for a horizon that is not a whole number above 0.
 * @law row i depends only on sample i; `actionIsPad` is 1 exactly where `frame + h` is not before the next gap or the episode's end.
 * @source LeRobot v0.3.3 `LeRobotDataset._get_query_indices`; openpi `training/data_loader.py` (15a9616)
 */
export const gatherBatch = (
  samples: Samples,
  spec: WindowSpec,
  indices: ArrayLike<number>,
): E.Either<DataError, Batch> => {
  const { actionHorizon } = spec;
  if (!Number.isInteger(actionHorizon) || actionHorizon < 1) {
    const found = String(actionHorizon);
    return E.left({ _tag: 'ShapeMismatch', what: 'actionHorizon', expected: 'a whole number, 1 or more', found });
  }
  const { dataset } = samples;
  const batch = emptyBatch(indices.length, dataset.stateNames.length, dataset.actionNames.length, actionHorizon);
  const prompts: string[] = [];
  for (let row = 0; row < indices.length; row++) {
    const sample = sampleAt(samples, indices[row] ?? Number.NaN);
    if (E.isLeft(sample)) return sample;
    writeWindow(batch, row, sample.right);
    prompts.push(dataset.tasks.get(sample.right.episode.taskIndex[sample.right.frame] ?? -1) ?? '');
  }
  return E.right({ ...batch, prompts });
};
