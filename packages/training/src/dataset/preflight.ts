import {
  applyTransforms,
  type Batch,
  batchDict,
  type DataDict,
  float32At,
  gatherBatch,
  type Samples,
} from '@torsor/data';
import {
  actionTokensOf,
  dataError,
  type ModelSettings,
  type ModelSpace,
  normalizedInputs,
  type SequenceEncoder,
  type SequenceSettings,
  type Sequences,
  type SequenceTokens,
  sequenceTokens,
  tokenizerError,
  transformError,
} from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { evaluationRows, modelSpaceOf, type SpaceSettings } from '../batches/batches.js';
import type { TrainingError } from '../error.js';
import type { TrainingData } from './training-data.js';

/** What the sequences of a run's windows depend on. */
export type PreflightSettings = {
  readonly model: ModelSettings;
  readonly data: SequenceSettings['data'] & SpaceSettings;
};

/** Windows whose sequences are made before a run begins, of each part of the split, evenly spread. */
const lookedAt = 20_000;

const gathered = 256;

/** What was found in the sequences of some windows. */
type Findings = {
  readonly windows: number;
  readonly truncated: number;
  readonly longest: number;
  readonly firstTask: string | null;
  /** Windows of which a part was clamped into the range of the action tokenizer. */
  readonly clamped: number;
};

const none: Findings = { windows: 0, truncated: 0, longest: 0, firstTask: null, clamped: 0 };

/** Windows, and what the transforms up to their sequences make of them. */
type Rows = { readonly recorded: Batch; readonly made: DataDict };

const clampedWindows = (
  { codec }: Sequences,
  { model }: PreflightSettings,
  { recorded: { size: b, actionDim, actionHorizon }, made }: Rows,
): E.Either<TrainingError, number> => {
  if (codec === null || actionTokensOf(model)?.onOutOfRange === 'refuse') return E.right(0);
  const actions = float32At(made, 'actions');
  if (E.isLeft(actions)) return E.left(transformError(actions.left));
  const size = actionHorizon * actionDim;
  let windows = 0;
  for (let row = 0; row < b; row++) {
    const data = actions.right.slice(row * size, (row + 1) * size);
    const counted = codec.tokenizer.encodeCounted({ shape: [actionHorizon, actionDim], data });
    if (E.isLeft(counted)) return E.left(tokenizerError(counted.left));
    windows += counted.right.clamped > 0 ? 1 : 0;
  }
  return E.right(windows);
};

const lengthsOf = ({ tokenMask, truncated }: SequenceTokens, maxTokenLen: number): readonly number[] =>
  truncated.map((cut, row) => {
    const mask = tokenMask.subarray(row * maxTokenLen, (row + 1) * maxTokenLen);
    return cut + mask.reduce((sum, valid) => sum + valid, 0);
  });

const findingsOf = (sequences: Sequences, config: PreflightSettings, rows: Rows): E.Either<TrainingError, Findings> =>
  pipe(
    E.Do,
    E.bind('tokens', () => E.mapLeft(transformError)(sequenceTokens(rows.made))),
    E.bind('clamped', () => clampedWindows(sequences, config, rows)),
    E.map(({ tokens, clamped }) => {
      const cut = tokens.truncated.filter((count) => count > 0).length;
      const first = tokens.truncated.findIndex((count) => count > 0);
      return {
        windows: rows.recorded.size,
        truncated: cut,
        longest: Math.max(...lengthsOf(tokens, config.model.maxTokenLen)),
        firstTask: first < 0 ? null : (rows.recorded.prompts[first] ?? null),
        clamped,
      };
    }),
  );

const both = (a: Findings, b: Findings): Findings => ({
  windows: a.windows + b.windows,
  truncated: a.truncated + b.truncated,
  longest: Math.max(a.longest, b.longest),
  firstTask: a.firstTask ?? b.firstTask,
  clamped: a.clamped + b.clamped,
});

const rowsOf = (
  samples: Samples,
  space: ModelSpace,
  actionHorizon: number,
  { transform, tokenizers }: SequenceEncoder,
  indices: readonly number[],
): E.Either<TrainingError, Rows> => {
  const make = applyTransforms([...normalizedInputs(space), transform], tokenizers);
  return pipe(
    E.Do,
    E.bind('recorded', () => E.mapLeft(dataError)(gatherBatch(samples, { actionHorizon }, indices))),
    E.bind('made', ({ recorded }) => E.mapLeft(transformError)(make(batchDict(recorded)))),
  );
};

const measured = (
  sequences: Sequences,
  config: PreflightSettings,
  samples: Samples,
  stats: TrainingData['stats'],
): E.Either<TrainingError, Findings> => {
  const space = modelSpaceOf(stats, config.data, config.model.actionDim);
  // Prompts hold no actions: of a window without action tokens the first step tells all.
  const horizon = sequences.codec === null ? 1 : config.model.actionHorizon;
  let all = none;
  for (const { indices, real } of evaluationRows(samples.count, lookedAt, gathered)) {
    const found = pipe(
      rowsOf(samples, space, horizon, sequences.measure, indices.slice(0, real)),
      E.flatMap((rows) => findingsOf(sequences, config, rows)),
    );
    if (E.isLeft(found)) return found;
    all = both(all, found.right);
  }
  return E.right(all);
};

const tooLong = (
  { windows, truncated, longest, firstTask }: Findings,
  { model, data }: PreflightSettings,
): TrainingError => ({
  _tag: 'SequencesTooLong',
  windows,
  tooLong: truncated,
  longest,
  maxTokenLen: model.maxTokenLen,
  maxTruncatedShare: data.maxTruncatedShare,
  firstTask,
});

const warningsOf = ({ windows, truncated, longest, firstTask, clamped }: Findings): readonly string[] => [
  ...(truncated === 0
    ? []
    : [
        `${truncated} of ${windows} windows have sequences that are cut (the longest takes ${longest} tokens; first: task ${JSON.stringify(firstTask)}), as data.maxTruncatedShare allows`,
      ]),
  ...(clamped === 0
    ? []
    : [
        `${clamped} of ${windows} windows have motions outside the range of the action tokenizer; they are clamped, as model.fast.onOutOfRange says`,
      ]),
];

/**
 * Makes the sequences of the windows of a run before it begins: all of them, or 20,000 evenly spread ones of each part.
 *
 * @returns a warning for what is cut or clamped and how often, as the configuration allows.
 * @errors a task, state or chunk that cannot be tokenised; more sequences too long than allowed, with the length that fits.
 */
export const checkSequences = (
  sequences: Sequences,
  config: PreflightSettings,
  { train, heldOut, stats }: Pick<TrainingData, 'train' | 'heldOut' | 'stats'>,
): E.Either<TrainingError, readonly string[]> =>
  pipe(
    E.Do,
    E.bind('ofTraining', () => measured(sequences, config, train, stats)),
    E.bind('ofHeldOut', () => measured(sequences, config, heldOut, stats)),
    E.map(({ ofTraining, ofHeldOut }) => both(ofTraining, ofHeldOut)),
    E.filterOrElse(
      ({ truncated, windows }) => truncated <= config.data.maxTruncatedShare * windows,
      (found) => tooLong(found, config),
    ),
    E.map(warningsOf),
  );
