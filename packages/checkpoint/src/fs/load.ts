import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Architecture } from '../architecture.js';
import { compareArchitecture } from '../architecture.js';
import type { CheckpointError } from '../error.js';
import { type JsonObject, jsonDifferences, subsetDifferences } from '../json.js';
import { paramsFile } from '../layout.js';
import type { Manifest, Normalization } from '../manifest.js';
import { decodeSafetensors } from '../safetensors/decode.js';
import type { Safetensors } from '../safetensors/tensor.js';
import type { FileSystem } from './file-system.js';
import { nodeFileSystem } from './node-file-system.js';
import type { VerifiedCheckpoint } from './verify.js';
import { verifyCheckpoint } from './verify.js';

/** What the caller's model and data are; a checkpoint of another kind is refused. */
export type Expectations = {
  readonly architecture?: Architecture;
  readonly normalization?: Normalization;
  /** Part of the configuration: every value in it must be the checkpoint's. A horizon, for one, shows in no parameter's shape. */
  readonly config?: JsonObject;
  /** Tokens of the caller's vocabulary: as many as the checkpoint has embeddings. */
  readonly vocabSize?: number;
};

/** A checkpoint whose bytes are exactly those that were saved. */
export type LoadedCheckpoint = {
  readonly manifest: Manifest;
  /** Content of each `*.safetensors` file by file name. */
  readonly tensors: ReadonlyMap<string, Safetensors>;
  /** Bytes of every other file by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Names in the directory that the manifest does not know; they were not read. */
  readonly extraFiles: readonly string[];
};

const decodeAll = (path: string, verified: VerifiedCheckpoint): E.Either<CheckpointError, LoadedCheckpoint> => {
  const tensors = new Map<string, Safetensors>();
  const files = new Map<string, Uint8Array>();
  for (const [file, bytes] of verified.files) {
    if (!file.endsWith('.safetensors')) {
      files.set(file, bytes);
      continue;
    }
    const decoded = decodeSafetensors(bytes);
    if (E.isLeft(decoded)) return E.left({ _tag: 'BadSafetensors', path, file, error: decoded.left });
    tensors.set(file, decoded.right);
  }
  return E.right({ ...verified, tensors, files });
};

const checkArchitecture = (
  path: string,
  loaded: LoadedCheckpoint,
  expected: Architecture,
): CheckpointError | undefined => {
  const params = loaded.tensors.get(paramsFile);
  if (params === undefined) return { _tag: 'MissingFile', path, file: paramsFile };
  const difference = compareArchitecture(expected, params.tensors);
  const agree = difference.missing.length + difference.unexpected.length + difference.misshaped.length === 0;
  return agree ? undefined : { _tag: 'ArchitectureMismatch', path, difference };
};

const checkNormalization = (path: string, manifest: Manifest, expected: Normalization): CheckpointError | undefined => {
  const differences = jsonDifferences(expected, manifest.normalisation);
  return differences.length === 0 ? undefined : { _tag: 'StatisticsMismatch', path, differences };
};

const checkConfig = (path: string, manifest: Manifest, expected: JsonObject): CheckpointError | undefined => {
  const differences = subsetDifferences(expected, manifest.config);
  return differences.length === 0 ? undefined : { _tag: 'ConfigMismatch', path, differences };
};

const embedding = 'PaliGemma/llm/embedder/input_embedding';

const checkVocabulary = (path: string, loaded: LoadedCheckpoint, tokenizer: number): CheckpointError | undefined => {
  const checkpoint = loaded.tensors.get(paramsFile)?.tensors.get(embedding)?.shape[0] ?? 0;
  return checkpoint === tokenizer ? undefined : { _tag: 'VocabularyMismatch', path, checkpoint, tokenizer };
};

const check =
  (path: string, { architecture, normalization, config, vocabSize }: Expectations) =>
  (loaded: LoadedCheckpoint): E.Either<CheckpointError, LoadedCheckpoint> => {
    const error =
      (config && checkConfig(path, loaded.manifest, config)) ??
      (vocabSize === undefined ? undefined : checkVocabulary(path, loaded, vocabSize)) ??
      (architecture && checkArchitecture(path, loaded, architecture)) ??
      (normalization && checkNormalization(path, loaded.manifest, normalization));
    return error === undefined ? E.right(loaded) : E.left(error);
  };

/**
 * Reads a checkpoint directory, every hash checked, and compares it with what the caller expects.
 *
 * @param path - the checkpoint's own directory, as `saveCheckpoint` or `latestCheckpoint` returned it.
 * @errors `MissingFile`, `SizeDiffers`, `HashMismatch`, `BadManifest`, `BadSafetensors`, `CannotRead`; `ConfigMismatch`,
 * `VocabularyMismatch`, `ArchitectureMismatch` and `StatisticsMismatch` against the expectations, with every difference.
 * @law a checkpoint loads if and only if no byte of its files has changed.
 */
export const loadCheckpoint = (
  path: string,
  expectations: Expectations = {},
  fs: FileSystem = nodeFileSystem,
): TE.TaskEither<CheckpointError, LoadedCheckpoint> =>
  pipe(
    verifyCheckpoint(path, fs),
    TE.flatMapEither((verified) => decodeAll(path, verified)),
    TE.flatMapEither(check(path, expectations)),
  );
