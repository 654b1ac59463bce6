import {
  applyTransforms,
  type Batch,
  batchDict,
  type DataDict,
  float32At,
  gatherBatch,
  type Samples,
} from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';
import { dataFailure, type Failure, tokenizerFailure, transformFailure } from '../failure.js';
import { type BatchSource, evaluationRows } from './batches.js';
import { normalizedInputs } from './model-space.js';
import { type SequenceTokens, sequenceTokens } from './sequences.js';
import { type Sequences, sourceOf } from './sources.js';
import type { TrainingData } from './training-data.js';

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
  { actions: found }: Sequences,
  { model }: TrainConfig,
  { recorded: { size: b, actionDim, actionHorizon }, made }: Rows,
): E.Either<Failure, number> => {
  if (found === null || model.kind !== 'pi0-fast' || model.fast.onOutOfRange === 'refuse') return E.right(0);
  const actions = float32At(made, 'actions');
  if (E.isLeft(actions)) return E.left(transformFailure(actions.left));
  const size = actionHorizon * actionDim;
  let windows = 0;
  for (let row = 0; row < b; row++) {
    const data = actions.right.slice(row * size, (row + 1) * size);
    const counted = found.codec.tokenizer.encodeCounted({ shape: [actionHorizon, actionDim], data });
    if (E.isLeft(counted)) return E.left(tokenizerFailure(counted.left));
    windows += counted.right.clamped > 0 ? 1 : 0;
  }
  return E.right(windows);
};

const lengthsOf = ({ tokenMask, truncated }: SequenceTokens, maxTokenLen: number): readonly number[] =>
  truncated.map((cut, row) => {
    const mask = tokenMask.subarray(row * maxTokenLen, (row + 1) * maxTokenLen);
    return cut + mask.reduce((sum, valid) => sum + valid, 0);
  });

const findingsOf = (sequences: Sequences, config: TrainConfig, rows: Rows): E.Either<Failure, Findings> =>
  pipe(
    E.Do,
    E.bind('tokens', () => E.mapLeft(transformFailure)(sequenceTokens(rows.made))),
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
  { samples, space, actionHorizon, encode: { transform, tokenizers } }: BatchSource,
  indices: readonly number[],
): E.Either<Failure, Rows> => {
  const make = applyTransforms([...normalizedInputs(space), transform], tokenizers);
  return pipe(
    E.Do,
    E.bind('recorded', () => E.mapLeft(dataFailure)(gatherBatch(samples, { actionHorizon }, indices))),
    E.bind('made', ({ recorded }) => E.mapLeft(transformFailure)(make(batchDict(recorded)))),
  );
};

const measured = (
  sequences: Sequences,
  config: TrainConfig,
  samples: Samples,
  stats: TrainingData['stats'],
): E.Either<Failure, Findings> => {
  const source = sourceOf(samples, stats, sequences.measure, config);
  // Prompts hold no actions: of a window without action tokens the first step tells all.
  const looked = sequences.actions === null ? { ...source, actionHorizon: 1 } : source;
  let all = none;
  for (const { indices, real } of evaluationRows(samples.count, lookedAt, gathered)) {
    const found = pipe(
      rowsOf(looked, indices.slice(0, real)),
      E.flatMap((rows) => findingsOf(sequences, config, rows)),
    );
    if (E.isLeft(found)) return found;
    all = both(all, found.right);
  }
  return E.right(all);
};

const tooLong = ({ windows, truncated, longest, firstTask }: Findings, { model, data }: TrainConfig): Failure => ({
  exit: 'data',
  messages: [
    `${truncated} of ${windows} windows have sequences longer than model.maxTokenLen = ${model.maxTokenLen}, the longest of ${longest} tokens (first: task ${JSON.stringify(firstTask)}), and data.maxTruncatedShare is ${data.maxTruncatedShare}: give --set model.maxTokenLen=${longest}, or allow a share of them to be cut`,
  ],
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
  config: TrainConfig,
  { train, heldOut, stats }: Pick<TrainingData, 'train' | 'heldOut' | 'stats'>,
): E.Either<Failure, readonly string[]> =>
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
