import * as E from 'fp-ts/lib/Either.js';
import type { EvaluationError } from './error.js';

/** Recorded action chunks in the dataset's units. */
export type RecordedChunks = {
  /** Number of chunks. */
  readonly n: number;
  /** Name of every action dimension, `ad` of them. */
  readonly names: readonly string[];
  /** Action horizon `ah`. */
  readonly horizon: number;
  /** `[n, ah, ad]` row-major. */
  readonly actions: ArrayLike<number>;
  /** `[n, ah]`: not 0 where the step lies beyond the end of its episode and repeats the last action. */
  readonly isPad: ArrayLike<number>;
};

const ofLength = (what: string, expected: number, array: ArrayLike<number>): E.Either<EvaluationError, void> =>
  array.length === expected
    ? E.right(undefined)
    : E.left({ _tag: 'WrongLength', what, expected, actual: array.length });

/** The first thing wrong with the recorded chunks, or with predictions of the same shape. */
export const checkChunks = (
  recorded: RecordedChunks,
  predicted: ArrayLike<number> = recorded.actions,
): E.Either<EvaluationError, void> => {
  const { n, horizon, names, actions, isPad } = recorded;
  const duplicate = names.find((name, i) => names.indexOf(name) !== i);
  if (duplicate !== undefined) return E.left({ _tag: 'DuplicateName', name: duplicate });
  const size = n * horizon * names.length;
  const checks = [
    ofLength('recorded actions', size, actions),
    ofLength('isPad', n * horizon, isPad),
    ofLength('predicted actions', size, predicted),
  ];
  return checks.find(E.isLeft) ?? E.right(undefined);
};

/** A step of a chunk that is not padding: its row in `[n · ah]`, and which step of its chunk it is. */
export type CountedStep = { readonly row: number; readonly step: number };

/** The steps that are not padding, chunk by chunk. */
export const countedSteps = ({ n, horizon, isPad }: RecordedChunks): readonly CountedStep[] =>
  Array.from({ length: n * horizon }, (_, row) => ({ row, step: row % horizon })).filter(({ row }) => isPad[row] === 0);

/** How many chunks are not padding at each step, `[ah]`. */
export const chunksPerStep = (horizon: number, counted: readonly CountedStep[]): Float64Array => {
  const counts = new Float64Array(horizon);
  for (const { step } of counted) counts[step] = (counts[step] ?? 0) + 1;
  return counts;
};
