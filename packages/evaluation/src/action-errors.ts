import * as E from 'fp-ts/lib/Either.js';
import { type CountedStep, checkChunks, chunksPerStep, countedSteps, type RecordedChunks } from './chunks.js';
import type { EvaluationError } from './error.js';

/** Errors of predicted actions against recorded ones, in the dataset's units. */
export type ActionErrors = {
  /** Mean absolute error over all counted steps and dimensions. */
  readonly mae: number;
  /** Root mean square error over the same. */
  readonly rmse: number;
  readonly maePerJoint: Readonly<Record<string, number>>;
  readonly rmsePerJoint: Readonly<Record<string, number>>;
  /** `[ah]`; NaN where every chunk is padded at that step. */
  readonly maePerHorizonStep: readonly number[];
  /** Steps that were scored, and steps left out because they are padding. */
  readonly countedSteps: number;
  readonly paddedSteps: number;
};

type Sums = {
  readonly absolute: Float64Array;
  readonly squared: Float64Array;
  readonly perStep: Float64Array;
};

const accumulate = (
  { horizon, names, actions }: RecordedChunks,
  predicted: ArrayLike<number>,
  counted: readonly CountedStep[],
): Sums => {
  const ad = names.length;
  const absolute = new Float64Array(ad);
  const squared = new Float64Array(ad);
  const perStep = new Float64Array(horizon);
  for (const { row, step } of counted) {
    for (let j = 0; j < ad; j++) {
      const at = row * ad + j;
      const error = Math.abs((predicted[at] ?? Number.NaN) - (actions[at] ?? Number.NaN));
      absolute[j] = (absolute[j] ?? 0) + error;
      squared[j] = (squared[j] ?? 0) + error * error;
      perStep[step] = (perStep[step] ?? 0) + error;
    }
  }
  return { absolute, squared, perStep };
};

const total = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0);

/**
 * Mean absolute and root mean square errors over the steps that are not padding.
 *
 * @param predicted - `[n, ah, ad]` row-major, in the units of the recorded actions.
 * @errors `WrongLength`, `DuplicateName`, `NothingToScore`.
 * @law 0 iff prediction and record agree off the padding; what stands in the padding has no influence; permuting chunks
 * changes nothing but rounding; `mae` is the mean of `maePerJoint`, `rmse² ` of `rmsePerJoint²`; `mae <= rmse`.
 */
export const actionErrors = (
  recorded: RecordedChunks,
  predicted: ArrayLike<number>,
): E.Either<EvaluationError, ActionErrors> => {
  const checked = checkChunks(recorded, predicted);
  if (E.isLeft(checked)) return checked;
  const steps = countedSteps(recorded);
  const { absolute, squared, perStep } = accumulate(recorded, predicted, steps);
  const { names, n, horizon } = recorded;
  const ad = names.length;
  const counts = chunksPerStep(horizon, steps);
  const counted = steps.length;
  if (counted * ad === 0) return E.left({ _tag: 'NothingToScore', what: 'action errors' });
  return E.right({
    mae: total(absolute) / (counted * ad),
    rmse: Math.sqrt(total(squared) / (counted * ad)),
    maePerJoint: Object.fromEntries(names.map((name, j) => [name, (absolute[j] ?? 0) / counted])),
    rmsePerJoint: Object.fromEntries(names.map((name, j) => [name, Math.sqrt((squared[j] ?? 0) / counted)])),
    maePerHorizonStep: Array.from(perStep, (sum, h) => sum / ((counts[h] ?? 0) * ad)),
    countedSteps: counted,
    paddedSteps: n * horizon - counted,
  });
};
