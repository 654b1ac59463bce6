import * as E from 'fp-ts/lib/Either.js';
import type { Architecture } from './architecture.js';
import { compareArchitecture } from './architecture.js';
import type { CheckpointError } from './error.js';
import { type JsonObject, jsonDifferences, subsetDifferences } from './json.js';
import { paramsFile } from './layout.js';
import type { Manifest, Normalization } from './manifest.js';

/** What the caller's model and data are; a checkpoint of another kind is refused before its tensors are read. */
export type Expectations = {
  readonly architecture?: Architecture;
  readonly normalization?: Normalization;
  /** Part of the configuration: every value in it must be the checkpoint's. A horizon, for one, shows in no parameter's shape. */
  readonly config?: JsonObject;
  /** Tokens of the caller's vocabulary: as many as the checkpoint has embeddings. */
  readonly vocabSize?: number;
};

/** What a checkpoint says of itself: its manifest, and the names, dtypes and shapes of its parameters. */
export type Declared = {
  readonly path: string;
  readonly manifest: Manifest;
  readonly params: Architecture | undefined;
};

const checkArchitecture = ({ path, params }: Declared, expected: Architecture): CheckpointError | undefined => {
  if (params === undefined) return { _tag: 'MissingFile', path, file: paramsFile };
  const difference = compareArchitecture(expected, params);
  const agree = difference.missing.length + difference.unexpected.length + difference.misshaped.length === 0;
  return agree ? undefined : { _tag: 'ArchitectureMismatch', path, difference };
};

const checkNormalization = ({ path, manifest }: Declared, expected: Normalization): CheckpointError | undefined => {
  const differences = jsonDifferences(expected, manifest.normalisation);
  return differences.length === 0 ? undefined : { _tag: 'StatisticsMismatch', path, differences };
};

const checkConfig = ({ path, manifest }: Declared, expected: JsonObject): CheckpointError | undefined => {
  const differences = subsetDifferences(expected, manifest.config);
  return differences.length === 0 ? undefined : { _tag: 'ConfigMismatch', path, differences };
};

const embedding = 'PaliGemma/llm/embedder/input_embedding';

const checkVocabulary = ({ path, params }: Declared, tokenizer: number): CheckpointError | undefined => {
  const checkpoint = params?.get(embedding)?.shape[0] ?? 0;
  return checkpoint === tokenizer ? undefined : { _tag: 'VocabularyMismatch', path, checkpoint, tokenizer };
};

/** @errors `ConfigMismatch`, `VocabularyMismatch`, `ArchitectureMismatch`, `StatisticsMismatch`, with every difference. */
export const meetsExpectations = (
  declared: Declared,
  { architecture, normalization, config, vocabSize }: Expectations,
): E.Either<CheckpointError, void> => {
  const error =
    (config && checkConfig(declared, config)) ??
    (vocabSize === undefined ? undefined : checkVocabulary(declared, vocabSize)) ??
    (architecture && checkArchitecture(declared, architecture)) ??
    (normalization && checkNormalization(declared, normalization));
  return error === undefined ? E.right(undefined) : E.left(error);
};
