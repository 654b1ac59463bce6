import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Dataset } from '@torsor/data';
import { sizeOf, type TensorType } from '@torsor/tensor';
import {
  admitUpdate,
  type DataSettings,
  type Init,
  type PlanSettings,
  policyModel,
  prepareData,
  type RunSequenceSettings,
  type RunSequences,
  runSequences,
  showTrainingError,
  type TrainingData,
  type TrainingError,
  trainingChunks,
} from '@torsor/training';
import { leaves } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheapSettings } from '../cheap.js';
import type { Finding, Severity } from '../finding.js';
import { fastFindings } from '../run/fast.js';
import { diskFindings, memoryFinding } from '../run/needs.js';
import { dimensionFindings, type StoredWeights, tokenizerFindings } from '../run/weights.js';
import { storedWeights } from './stored-weights.js';

/** The settings of a run that its findings depend on; a training configuration has them. */
export type RunSettings = CheapSettings &
  DataSettings &
  RunSequenceSettings &
  PlanSettings & {
    readonly init: Init | null;
    readonly out: string;
    readonly steps: number;
    readonly keepLast: number;
    readonly keepPeriod: number | null;
  };

const said = (_tag: string, severity: Severity, message: string, where: Finding['where'] = {}): Finding => ({
  ...{ _tag, severity, where, numbers: {} },
  ...{ message, remedy: null },
});

/** What a run refuses before its first step. */
const refusal = (error: TrainingError): readonly Finding[] =>
  error._tag === 'TooManyDimensions' ? [] : [said(error._tag, 'error', showTrainingError(error).join(' '))];

/** What the weights of a run depend on. */
export type WeightSettings = { readonly init: Init | null; readonly data: { readonly tokenizer: string | null } };

/** The weights that a run begins from, and what is wrong with them where they cannot be read; neither for a run that begins anew. */
type Read = { readonly stored: StoredWeights | null; readonly findings: readonly Finding[] };

const readWeights = async ({ init }: WeightSettings): Promise<Read> => {
  if (init === null) return { stored: null, findings: [] };
  const stored = await storedWeights(init.from)();
  return E.isRight(stored)
    ? { stored: stored.right, findings: [] }
    : { stored: null, findings: [said('UnreadableWeights', 'error', stored.left, { file: init.from })] };
};

const ofTokenizer = ({ stored }: Read, { data }: WeightSettings, tokens: number): readonly Finding[] =>
  stored === null ? [] : tokenizerFindings(stored, { path: data.tokenizer, tokens });

/**
 * Refuses weights that a run would begin from with another text tokenizer than theirs: it would train, and wrongly for certain. Only
 * headers are read; weights that cannot be read are left to the run, which reads them next.
 *
 * @param tokens - ids of the run's tokenizer, those of action tokens included.
 * @errors `OtherWeights`
 */
export const admitWeights =
  (settings: WeightSettings, tokens: number): TE.TaskEither<TrainingError, void> =>
  async () => {
    const found = ofTokenizer(await readWeights(settings), settings, tokens);
    const path = settings.init?.from ?? '';
    const reasons = found.map(({ message, remedy }) => `${message} Remedy: ${remedy}`);
    return found.length === 0 ? E.right(undefined) : E.left({ _tag: 'OtherWeights', path, reasons });
  };

const freeBytes = async (path: string): Promise<number> => {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    const above = dirname(path);
    return above === path ? Number.POSITIVE_INFINITY : freeBytes(above);
  }
};

const needs = async (settings: RunSettings, vocabulary: number, memory: number): Promise<readonly Finding[]> => {
  const model = policyModel(settings, vocabulary);
  if (E.isLeft(model)) return refusal(model.left);
  const parameters = leaves<TensorType>(model.right.paramTypes).reduce((n, { shape }) => n + sizeOf(shape), 0);
  const { out, keepLast, keepPeriod, steps } = settings;
  const checkpoints = keepLast + 1 + (keepPeriod === null ? 0 : Math.floor(steps / keepPeriod));
  const admitted = admitUpdate(settings, { memory, devices: 1, vocabulary, compute: null });
  return [
    ...(E.isLeft(admitted) && admitted.left._tag === 'DoesNotFit' ? [memoryFinding(admitted.left)] : []),
    ...(E.isLeft(admitted) && admitted.left._tag === 'Training' ? refusal(admitted.left.error) : []),
    ...diskFindings({ out, parameters, checkpoints, freeBytes: await freeBytes(resolve(out)) }),
  ];
};

const actionTokens = (settings: RunSettings, data: TrainingData, { codec }: RunSequences): readonly Finding[] => {
  if (codec === null) return [];
  const chunks = trainingChunks(settings, data.train, data.stats);
  return E.isLeft(chunks) ? refusal(chunks.left) : fastFindings(codec.tokenizer, chunks.right);
};

/** Sequences too long, with the setting; every other refusal as it says itself. */
const sequenceRefusal = (error: TrainingError): readonly Finding[] =>
  error._tag === 'SequencesTooLong'
    ? refusal(error).map((finding) => ({
        ...finding,
        numbers: { tooLong: error.tooLong, windows: error.windows, longest: error.longest },
        remedy: `model.maxTokenLen=${error.longest}`,
      }))
    : refusal(error);

/**
 * What a run of a dataset would meet: what it refuses before its first step, how its tokens do, and whether the machine has room.
 * Nothing is trained or written.
 *
 * @param memory - bytes of this machine.
 */
export const runFindings = async (
  dataset: Dataset,
  settings: RunSettings,
  memory: number,
): Promise<readonly Finding[]> => {
  const read = await readWeights(settings);
  const weights = [...read.findings, ...(read.stored === null ? [] : dimensionFindings(read.stored, dataset))];
  const data = prepareData(dataset, settings);
  if (E.isLeft(data)) return [...weights, ...refusal(data.left)];
  const sequences = await runSequences(settings, data.right, null)();
  if (E.isLeft(sequences)) return [...weights, ...sequenceRefusal(sequences.left)];
  const { tokenizer } = sequences.right.sequences;
  return [
    ...weights,
    ...ofTokenizer(read, settings, tokenizer.vocabSize),
    ...sequences.right.warnings.map((message) => said('Sequences', 'warning', message)),
    ...actionTokens(settings, data.right, sequences.right),
    ...(await needs(settings, tokenizer.vocabSize, memory)),
  ];
};
