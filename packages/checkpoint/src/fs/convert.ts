import { join } from 'node:path';
import { nodeFileSystem, sha256OfFile, wholeDirectory } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { type ConversionOptions, checkOptions } from '../convert/options.js';
import { metadataOf, type OutputTensor, outputTensors, stemOf } from '../convert/output.js';
import { type PlannedConversion, planConversion } from '../convert/plan-conversion.js';
import { type ConversionProgress, type ConversionReport, reportName } from '../convert/report.js';
import { nonFiniteTensors, requireFinite, roundedTensors, type Tally } from '../convert/tally.js';
import type { CheckpointError } from '../error.js';
import type { FileRecord, Manifest } from '../manifest.js';
import { byteSize } from '../safetensors/tensor.js';
import { readManifest } from './read-manifest.js';
import { elementsOf } from './read-tensor.js';
import { type TensorSource, withTensors } from './tensor-source.js';
import { requireEqual } from './tied-tensors.js';
import { writeShards } from './write-shards.js';
import { convertedTensor } from './write-tensor.js';
import { writeSmallFile } from './write-tensor-file.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;
type OnProgress = (progress: ConversionProgress) => void;

/** Everything that is known before the first byte is written. */
type Prepared = {
  readonly options: ConversionOptions;
  readonly source: TensorSource;
  readonly plan: PlannedConversion;
  readonly tensors: readonly OutputTensor[];
  readonly manifest: Manifest | undefined;
};

/** @errors `MissingFile`, `HashMismatch`, `CannotRead`. */
const verifyFile = async (directory: string, manifest: Manifest, file: string): Result<void> => {
  const record = manifest.files[file];
  if (record === undefined) return E.left({ _tag: 'MissingFile', path: directory, file });
  const hash = await sha256OfFile(nodeFileSystem, join(directory, file))();
  if (E.isLeft(hash)) return hash;
  return hash.right === record.sha256 ? E.right(undefined) : E.left({ _tag: 'HashMismatch', path: directory, file });
};

const ownManifest = async ({ weights }: TensorSource): Result<Manifest | undefined> => {
  if (weights.kind !== 'checkpoint') return E.right(undefined);
  const manifest = await readManifest(nodeFileSystem, weights.directory)();
  if (E.isLeft(manifest)) return manifest;
  for (const file of weights.files) {
    const verified = await verifyFile(weights.directory, manifest.right, file);
    if (E.isLeft(verified)) return verified;
  }
  return manifest;
};

const prepare = async (options: ConversionOptions, source: TensorSource): Result<Prepared> => {
  const plan = planConversion(options, new Map([...source.tensors].map(([name, { shape }]) => [name, shape])));
  if (E.isLeft(plan)) return plan;
  const tensors = outputTensors(plan.right, options, (name) => source.tensors.get(name)?.dtype ?? 'F32');
  if (E.isLeft(tensors)) return tensors;
  const manifest = await ownManifest(source);
  if (E.isLeft(manifest)) return manifest;
  const tied = await requireEqual(source, plan.right.tied);
  return E.isLeft(tied)
    ? tied
    : E.right({ options, source, plan: plan.right, tensors: tensors.right, manifest: manifest.right });
};

const sizeOf = ({ dtype, shape }: OutputTensor): number => byteSize(dtype, shape) ?? 0;

const reportOf = (
  { options, source, plan, tensors, manifest }: Prepared,
  tally: Tally,
  files: readonly (readonly [string, FileRecord])[],
): ConversionReport => ({
  formatVersion: 1,
  input: options.input,
  family: plan.family,
  from: plan.from,
  to: options.to,
  dtype: options.dtype ?? 'kept',
  tensors: tensors.length,
  parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((n, dim) => n * dim, 1), 0),
  files: Object.fromEntries(files),
  rounded: roundedTensors(tally),
  nonFinite: nonFiniteTensors(tally, elementsIn(source)),
  tied: plan.tied,
  unread: plan.unread,
  source: manifest === undefined ? null : withoutFiles(manifest),
});

const withoutFiles = ({ files: _, ...fields }: Manifest): Omit<Manifest, 'files'> => fields;

const elementsIn =
  (source: TensorSource) =>
  (name: string): number => {
    const stored = source.tensors.get(name);
    return stored === undefined ? 0 : elementsOf(stored);
  };

const fill = async (prepared: Prepared, directory: string, onProgress: OnProgress): Result<ConversionReport> => {
  const { options, source, plan, tensors } = prepared;
  const tally: Tally = new Map();
  const bytesTotal = tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0);
  let bytesWritten = 0;
  const onBytes = (tensor: string, bytes: number): void => {
    bytesWritten += bytes;
    onProgress({ tensor, bytesWritten, bytesTotal });
  };
  const layout = {
    stem: stemOf(options.to),
    maxBytes: options.maxShardBytes ?? Number.POSITIVE_INFINITY,
    metadata: metadataOf(options.to, plan),
  };
  const writing = { source, dtype: options.dtype, tally, onBytes };
  const files = await writeShards(nodeFileSystem, directory, tensors.map(convertedTensor(writing)), layout);
  if (E.isLeft(files)) return files;
  const finite = requireFinite(tally, options.input, options.dtype, elementsIn(source));
  if (E.isLeft(finite) && options.allowNonFinite !== true) return finite;
  const report = reportOf(prepared, tally, files.right);
  const text = new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`);
  const written = await writeSmallFile(nodeFileSystem, directory, reportName, text)();
  return E.isLeft(written) ? written : E.right(report);
};

/**
 * Converts a model's weights between our checkpoints, openpi-PyTorch and LeRobot, and between dtypes and numbers of files.
 *
 * Tensors are read and written a slice at a time: memory holds twice the largest slice whose axes change their order (a projection of one
 * layer) and a few pieces of 16 MiB, however large the file is. The output directory, with a `conversion.json` that says what was
 * done, is there whole or not at all.
 *
 * @param onProgress - told after every piece written.
 * @errors `UnknownFormat`, `NoNames`, `NamesDisagree` (every key missing, unknown or mis-shaped), `TiedDiffer`, `NonFinite` unless
 * allowed, `BadOption`, `AlreadyExists`, and those of reading and writing.
 * @law to another format and back gives the same bytes.
 */
export const convertCheckpoint =
  (
    options: ConversionOptions,
    onProgress: (progress: ConversionProgress) => void = () => undefined,
  ): TE.TaskEither<CheckpointError, ConversionReport> =>
  async () => {
    const valid = checkOptions(options);
    if (E.isLeft(valid)) return valid;
    return withTensors(
      options.input,
      options.select,
    )((source) => async () => {
      const prepared = await prepare(options, source);
      if (E.isLeft(prepared)) return prepared;
      return wholeDirectory(nodeFileSystem, { path: options.output })(
        (directory) => () => fill(prepared.right, directory, onProgress),
      )();
    })();
  };
