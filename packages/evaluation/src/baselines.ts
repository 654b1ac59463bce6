import * as E from 'fp-ts/lib/Either.js';
import { checkChunks, chunksPerStep, countedSteps, type RecordedChunks } from './chunks.js';
import type { EvaluationError } from './error.js';

/**
 * The state dimension of the same name for every action dimension.
 *
 * @errors `NoMatchingState` names the first action dimension without one.
 */
export const matchingDimensions = (
  actionNames: readonly string[],
  stateNames: readonly string[],
): E.Either<EvaluationError, readonly number[]> => {
  const missing = actionNames.find((name) => !stateNames.includes(name));
  return missing === undefined
    ? E.right(actionNames.map((name) => stateNames.indexOf(name)))
    : E.left({ _tag: 'NoMatchingState', name: missing, stateNames });
};

/**
 * The baseline that stays where it is: every step of a chunk repeats the state at its start.
 *
 * @param states - `[n, sd]` row-major, in the dataset's units.
 * @param stateDim - `sd`.
 * @param matching - for every action dimension, its dimension of the state (`matchingDimensions`).
 * @param horizon - `ah`.
 * @returns `[n, ah, ad]` row-major.
 * @errors `WrongLength` when the states are no whole number of rows.
 * @law every step of a chunk is the same.
 */
export const holdLastState = (
  states: ArrayLike<number>,
  stateDim: number,
  matching: readonly number[],
  horizon: number,
): E.Either<EvaluationError, Float64Array> => {
  const n = Math.ceil(states.length / stateDim);
  if (n * stateDim !== states.length) {
    return E.left({ _tag: 'WrongLength', what: 'states', expected: n * stateDim, actual: states.length });
  }
  const ad = matching.length;
  const held = new Float64Array(n * horizon * ad);
  for (let row = 0; row < n * horizon; row++) {
    const chunk = Math.floor(row / horizon);
    for (let j = 0; j < ad; j++) held[row * ad + j] = states[chunk * stateDim + (matching[j] ?? 0)] ?? Number.NaN;
  }
  return E.right(held);
};

/**
 * The baseline that ignores its input: the mean of the training chunks at each horizon step, without padded steps.
 *
 * @returns `[ah, ad]` row-major, NaN at a step that is padding in every chunk; `repeatChunk` makes it a prediction.
 * @errors `WrongLength`, `DuplicateName`.
 * @law of all constant chunks it has the least mean square error on the same chunks.
 */
export const meanChunk = (training: RecordedChunks): E.Either<EvaluationError, Float64Array> => {
  const checked = checkChunks(training);
  if (E.isLeft(checked)) return checked;
  const { horizon, names, actions } = training;
  const ad = names.length;
  const sums = new Float64Array(horizon * ad);
  const counted = countedSteps(training);
  for (const { row, step } of counted) {
    for (let j = 0; j < ad; j++)
      sums[step * ad + j] = (sums[step * ad + j] ?? 0) + (actions[row * ad + j] ?? Number.NaN);
  }
  const counts = chunksPerStep(horizon, counted);
  return E.right(sums.map((sum, i) => sum / (counts[Math.floor(i / ad)] ?? 0)));
};

/** One chunk `[ah, ad]` as the prediction for each of `n` windows, `[n, ah, ad]`. */
export const repeatChunk = (chunk: ArrayLike<number>, n: number): Float64Array =>
  Float64Array.from({ length: n * chunk.length }, (_, i) => chunk[i % chunk.length] ?? Number.NaN);
