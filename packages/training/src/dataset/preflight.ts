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
import type { CountingActionTokenizer } from '@torsor/tokenizer';
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

/** A part of the split, and how its sequences are made: what training refuses is counted of held-out windows. */
type Part = {
  readonly samples: Samples;
  readonly encode: SequenceEncoder;
  /** Of actions; `null` where nothing is clamped. */
  readonly tokenizer: CountingActionTokenizer | null;
};

const clampedWindows = (
  tokenizer: CountingActionTokenizer | null,
  { recorded: { size: b, actionDim, actionHorizon }, made }: Rows,
): E.Either<TrainingError, number> => {
  if (tokenizer === null) return E.right(0);
  const actions = float32At(made, 'actions');
  if (E.isLeft(actions)) return E.left(transformError(actions.left));
  const size = actionHorizon * actionDim;
  let windows = 0;
  for (let row = 0; row < b; row++) {
    const data = actions.right.slice(row * size, (row + 1) * size);
    const counted = tokenizer.encodeCounted({ shape: [actionHorizon, actionDim], data });
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

const findingsOf = ({ tokenizer }: Part, config: PreflightSettings, rows: Rows): E.Either<TrainingError, Findings> =>
  pipe(
    E.Do,
    E.bind('tokens', () => E.mapLeft(transformError)(sequenceTokens(rows.made))),
    E.bind('clamped', () => clampedWindows(tokenizer, rows)),
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
  part: Part,
  { codec }: Sequences,
  config: PreflightSettings,
  stats: TrainingData['stats'],
): E.Either<TrainingError, Findings> => {
  const space = modelSpaceOf(stats, config.data, config.model.actionDim);
  // Prompts hold no actions: of a window without action tokens the first step tells all.
  const horizon = codec === null ? 1 : config.model.actionHorizon;
  let all = none;
  for (const { indices, real } of evaluationRows(part.samples.count, lookedAt, gathered)) {
    const found = pipe(
      rowsOf(part.samples, space, horizon, part.encode, indices.slice(0, real)),
      E.flatMap((rows) => findingsOf(part, config, rows)),
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

/** @param allowed - by which settings, or because what is held out stops no training. */
const warningsOf = (
  { windows, truncated, longest, firstTask, clamped }: Findings,
  what: string,
  allowed: { readonly cut: string; readonly clamped: string },
): readonly string[] => [
  ...(truncated === 0
    ? []
    : [
        `${truncated} of ${windows} ${what} have sequences that are cut (the longest takes ${longest} tokens; first: task ${JSON.stringify(firstTask)}), ${allowed.cut}`,
      ]),
  ...(clamped === 0
    ? []
    : [
        `${clamped} of ${windows} ${what} have motions outside the range of the action tokenizer; they are clamped, ${allowed.clamped}`,
      ]),
];

const bySettings = { cut: 'as data.maxTruncatedShare allows', clamped: 'as model.fast.onOutOfRange says' };

const heldOutAnyway = { cut: 'as they stop no training', clamped: 'as they stop no training' };

/**
 * Makes the sequences of the windows of a run before it begins: all of them, or 20,000 evenly spread ones of each part.
 *
 * @returns a warning for what is cut or clamped and how often: of training windows as the configuration allows, of held-out
 * ones whatever it says.
 * @errors a task, state or chunk that cannot be tokenised; more training sequences too long than allowed, with the length that fits.
 */
export const checkSequences = (
  sequences: Sequences,
  config: PreflightSettings,
  { train, heldOut, stats }: Pick<TrainingData, 'train' | 'heldOut' | 'stats'>,
): E.Either<TrainingError, readonly string[]> => {
  const { codec, measure } = sequences;
  const clamps = actionTokensOf(config.model)?.onOutOfRange === 'clamp';
  const trained: Part = { samples: train, encode: measure, tokenizer: clamps ? (codec?.tokenizer ?? null) : null };
  const held = (samples: Samples): Part => ({
    samples,
    encode: sequences.heldOut.encode,
    tokenizer: codec?.nearest ?? null,
  });
  return pipe(
    E.Do,
    E.bind('ofTraining', () => measured(trained, sequences, config, stats)),
    E.filterOrElse(
      ({ ofTraining: { truncated, windows } }) => truncated <= config.data.maxTruncatedShare * windows,
      ({ ofTraining }) => tooLong(ofTraining, config),
    ),
    E.bind('ofHeldOut', () => (heldOut === null ? E.right(none) : measured(held(heldOut), sequences, config, stats))),
    E.map(({ ofTraining, ofHeldOut }) => [
      ...warningsOf(ofTraining, 'training windows', bySettings),
      ...warningsOf(ofHeldOut, 'held-out windows', heldOutAnyway),
    ]),
  );
};
