import { join } from 'node:path';
import { nodeFileSystem, sha256OfFile, wholeDirectory } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { checkAdapters } from '../convert/adapter.js';
import { type Accompaniment, type ConversionOptions, checkOptions, unaccompanied } from '../convert/options.js';
import { metadataOf, type OutputTensor, outputTensors, stemOf } from '../convert/output.js';
import { type PlannedConversion, planConversion } from '../convert/plan-conversion.js';
import { type ConversionProgress, type ConversionReport, reportName } from '../convert/report.js';
import { nonFiniteTensors, requireFinite, roundedTensors, type Tally } from '../convert/tally.js';
import type { CheckpointError } from '../error.js';
import type { FileRecord, Manifest } from '../manifest.js';
import { type ReadableNames, readableNames } from '../names/older-names.js';
import type { Shapes } from '../names/plan.js';
import { byteSize } from '../safetensors/tensor.js';
import { writeCompanions } from './companions.js';
import { mergedSource } from './merged-source.js';
import { readManifest } from './read-manifest.js';
import { elementsOf } from './read-tensor.js';
import { renamedSource } from './source-views.js';
import type { TensorSource } from './stored-tensor.js';
import { withTensors } from './tensor-source.js';
import { requireEqual } from './tied-tensors.js';
import { writeOrbax } from './write-orbax.js';
import { writeShards } from './write-shards.js';
import { convertedTensor } from './write-tensor.js';
import { writeSmallFile } from './write-tensor-file.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;
type OnProgress = (progress: ConversionProgress) => void;

/** A source under today's names, with what goes with it. */
type Opened = {
  readonly manifest: Manifest | undefined;
  readonly names: ReadableNames;
  readonly averaged: number;
  readonly accompaniment: Accompaniment;
  readonly source: TensorSource;
};

/** Everything that is known before the first byte is written. */
type Prepared = Opened & {
  readonly options: Omit<ConversionOptions, 'accompany'>;
  readonly plan: PlannedConversion;
  readonly tensors: readonly OutputTensor[];
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

const shapesOf = ({ tensors }: TensorSource): Shapes => new Map([...tensors].map(([name, { shape }]) => [name, shape]));

/** @errors those of `accompany`, `NamesDisagree` for factors that are not there or do not fit. */
const open = async <X>(
  { accompany, overlay, to }: ConversionOptions<X>,
  stored: TensorSource,
): Promise<E.Either<CheckpointError | X, Opened>> => {
  const manifest = await ownManifest(stored);
  if (E.isLeft(manifest)) return manifest;
  const said =
    manifest.right === undefined || accompany === undefined
      ? E.right(unaccompanied)
      : accompany({ path: stored.path, manifest: manifest.right, shapes: shapesOf(stored) });
  if (E.isLeft(said)) return said;
  // Our own names have a place for factors; another library's have none.
  const accompaniment = to === 'torsor' ? { ...said.right, adapters: [] } : said.right;
  const names = readableNames(stored.tensors.keys());
  const named = renamedSource(stored, names.stored);
  const refused = checkAdapters(stored.path, shapesOf(named), accompaniment.adapters);
  if (refused !== undefined) return E.left(refused);
  return E.right({
    manifest: manifest.right,
    names,
    averaged: [...stored.tensors.values()].filter(({ file }) => file === overlay?.file).length,
    accompaniment,
    source: mergedSource(named, accompaniment.adapters),
  });
};

const prepare = async <X>(
  options: ConversionOptions<X>,
  stored: TensorSource,
): Promise<E.Either<CheckpointError | X, Prepared>> => {
  const opened = await open(options, stored);
  if (E.isLeft(opened)) return opened;
  const { source } = opened.right;
  const plan = planConversion(options, shapesOf(source));
  if (E.isLeft(plan)) return plan;
  const tensors = outputTensors(plan.right, options, (name) => source.tensors.get(name)?.dtype ?? 'F32');
  if (E.isLeft(tensors)) return tensors;
  const tied = await requireEqual(source, plan.right.tied);
  return E.isLeft(tied) ? tied : E.right({ ...opened.right, options, plan: plan.right, tensors: tensors.right });
};

const sizeOf = ({ dtype, shape }: OutputTensor): number => byteSize(dtype, shape) ?? 0;

const reportOf = (
  { options, source, plan, tensors, manifest, names, averaged, accompaniment }: Prepared,
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
  ignored: names.ignored,
  renamed: names.renamed,
  averaged,
  merged: accompaniment.adapters.map(({ weight }) => weight),
  notes: accompaniment.notes,
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
  const converted = tensors.map(convertedTensor(writing));
  const files = await (options.to === 'openpi'
    ? writeOrbax(nodeFileSystem, directory, 'params', converted)
    : writeShards(nodeFileSystem, directory, converted, layout));
  if (E.isLeft(files)) return files;
  const finite = requireFinite(tally, options.input, options.dtype, elementsIn(source));
  if (E.isLeft(finite) && options.allowNonFinite !== true) return finite;
  const companions = await writeCompanions(options.input, directory, prepared.accompaniment);
  if (E.isLeft(companions)) return companions;
  const report = reportOf(prepared, tally, [...files.right, ...companions.right]);
  const text = new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`);
  const written = await writeSmallFile(nodeFileSystem, directory, reportName, text)();
  return E.isLeft(written) ? written : E.right(report);
};

/**
 * Converts a model's weights between our checkpoints, openpi, openpi-PyTorch and LeRobot, and between dtypes and numbers of files.
 *
 * Tensors are read and written a slice at a time: memory holds twice the largest slice whose axes change their order (a projection of one
 * layer) and a few pieces of 16 MiB, however large the file is. The output directory, with a `conversion.json` that says what was
 * done, is there whole or not at all. Tensors of older names, or that torch.compile, DistributedDataParallel or FSDP wrapped, are read as
 * what they are; those that are no weights are left out and listed. What `overlay` and `accompany` say of a checkpoint of ours is
 * done: averages in place of parameters, low-rank factors added to their weights (not in our own format, which has a place for them),
 * further files.
 *
 * @param onProgress - told after every piece written.
 * @errors `UnknownFormat`, `NoNames`, `NoImageTower`, `NamesDisagree` (every key missing, unknown or mis-shaped), `TiedDiffer`,
 * `NonFinite` unless allowed, `BadOption`, `AlreadyExists`, those of `accompany`, and those of reading and writing.
 * @law to another format and back gives the same bytes.
 */
export const convertCheckpoint =
  <X = never>(
    options: ConversionOptions<X>,
    onProgress: (progress: ConversionProgress) => void = () => undefined,
  ): TE.TaskEither<CheckpointError | X, ConversionReport> =>
  async () => {
    const valid = checkOptions(options);
    if (E.isLeft(valid)) return valid;
    const { overlay } = options;
    return withTensors(
      options.input,
      overlay === undefined ? {} : { overlay },
    )<CheckpointError | X, ConversionReport>((source) => async () => {
      const prepared = await prepare(options, source);
      if (E.isLeft(prepared)) return prepared;
      return wholeDirectory(nodeFileSystem, { path: options.output })(
        (directory) => () => fill(prepared.right, directory, onProgress),
      )();
    })();
  };
