import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cannotRead, nodeFileSystem, readText, sha256OfFile } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { reportName } from '../convert/report.js';
import type { CheckpointError } from '../error.js';
import { contradictions, conversionOf } from '../inspect/contradictions.js';
import type { InspectedFile, InspectedTensor, Inspection } from '../inspect/inspection.js';
import { manifestFile, paramsFile } from '../layout.js';
import type { Manifest } from '../manifest.js';
import { detectFeatures, detectFormat } from '../names/detect.js';
import { readableNames } from '../names/older-names.js';
import type { FamilyNames } from '../names/rule.js';
import { itemSize } from '../safetensors/dtype.js';
import { readManifest } from './read-manifest.js';
import { eachPiece } from './read-tensor.js';
import type { StoredTensor, TensorSource } from './stored-tensor.js';
import { withTensors } from './tensor-source.js';
import { findWeights, type WeightFiles } from './weight-files.js';

/** Of what SHA-256 hashes are taken; each reads every byte once. */
export type InspectedHashes = 'none' | 'files' | 'tensors';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

/** SHA-256 (hex) of a tensor's bytes. */
const tensorHash = async (source: TensorSource, name: string, bytes: number): Result<string> => {
  const hash = createHash('sha256');
  const read = await eachPiece(source, name, [0, bytes], async (piece) => {
    hash.update(piece);
    return E.right(undefined);
  });
  return E.isLeft(read) ? read : E.right(hash.digest('hex'));
};

const inspectTensor = async (
  source: TensorSource,
  name: string,
  { file, dtype, shape, bytes }: StoredTensor,
  hashed: boolean,
): Result<InspectedTensor> => {
  const tensor = { name, file, dtype, shape, elements: bytes / itemSize(dtype), bytes };
  if (!hashed) return E.right(tensor);
  const sha256 = await tensorHash(source, name, bytes);
  return E.isLeft(sha256) ? sha256 : E.right({ ...tensor, sha256: sha256.right });
};

type Inside = {
  readonly metadata: InspectedFile['metadata'];
  readonly tensors: readonly InspectedTensor[];
};

const inspectTensors = (path: string, file: string, hashed: boolean): TE.TaskEither<CheckpointError, Inside> =>
  withTensors(path, { mayBeEmpty: true })((source) => async () => {
    const tensors: InspectedTensor[] = [];
    for (const [name, stored] of [...source.tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const tensor = await inspectTensor(source, name, stored, hashed);
      if (E.isLeft(tensor)) return tensor;
      tensors.push(tensor.right);
    }
    return E.right({ metadata: source.files.get(file)?.metadata ?? {}, tensors });
  });

type Content = {
  readonly files: readonly InspectedFile[];
  readonly tensors: readonly InspectedTensor[];
};

const sizeOf = async (path: string): Result<number> => {
  try {
    return E.right((await stat(path)).size);
  } catch (cause) {
    return E.left(cannotRead(path)(cause));
  }
};

const noTensors: Inside = { metadata: {}, tensors: [] };

const inspectFile = (
  directory: string,
  name: string,
  hashes: InspectedHashes,
): TE.TaskEither<CheckpointError, readonly [InspectedFile, readonly InspectedTensor[]]> => {
  const path = join(directory, name);
  const hash: TE.TaskEither<CheckpointError, { readonly sha256?: string }> =
    hashes === 'none' ? TE.right({}) : TE.map((sha256: string) => ({ sha256 }))(sha256OfFile(nodeFileSystem, path));
  return pipe(
    TE.Do,
    TE.bind('bytes', () => () => sizeOf(path)),
    TE.bind('inside', () =>
      name.endsWith('.safetensors') ? inspectTensors(path, name, hashes === 'tensors') : TE.right(noTensors),
    ),
    TE.bind('hash', () => hash),
    TE.map(({ bytes, inside, hash: sha }) => [{ name, bytes, ...sha, metadata: inside.metadata }, inside.tensors]),
  );
};

const inspectFiles = (
  directory: string,
  names: readonly string[],
  hashes: InspectedHashes,
): TE.TaskEither<CheckpointError, Content> =>
  pipe(
    names,
    TE.traverseSeqArray((name) => inspectFile(directory, name, hashes)),
    TE.map((all) => ({ files: all.map(([file]) => file), tensors: all.flatMap(([, tensors]) => tensors) })),
  );

const namesOf = (tensors: readonly InspectedTensor[], families: readonly FamilyNames[]): Inspection['names'] => {
  const stored = new Map(tensors.map(({ name, shape }) => [name, shape]));
  const { stored: known } = readableNames(stored.keys());
  const shapes = new Map([...known].map(([name, there]) => [name, stored.get(there) ?? []]));
  const format = detectFormat(shapes.keys());
  if (O.isNone(format)) return null;
  const features = detectFeatures(format.value, shapes, families);
  return O.isNone(features) ? null : { format: format.value, family: features.value.family.kind };
};

/** Text of the report beside converted files; `undefined` when there is none. */
const reportText = async (directory: string): Promise<string | undefined> => {
  const text = await readText(nodeFileSystem, join(directory, reportName))();
  return E.isLeft(text) ? undefined : text.right;
};

/** What the files hold; arrays that Orbax saved lie in files of no order of their own. */
const contentOf = async (weights: WeightFiles, there: readonly string[], hashes: InspectedHashes): Result<Content> => {
  const content = await inspectFiles(weights.directory, there, hashes)();
  if (E.isLeft(content) || weights.kind !== 'orbax') return content;
  const inside = await inspectTensors(weights.directory, '', hashes === 'tensors')();
  return E.isLeft(inside) ? inside : E.right({ ...content.right, tensors: inside.right.tensors });
};

/** Whether the headers of all shards, and their index, agree. */
const checkShards = ({ kind }: WeightFiles, path: string): Result<void> =>
  kind === 'sharded' ? withTensors(path)(() => TE.right(undefined))() : Promise.resolve(E.right(undefined));

const manifestOf = async (weights: WeightFiles): Result<Manifest | undefined> =>
  weights.kind === 'checkpoint' ? readManifest(nodeFileSystem, weights.directory)() : E.right(undefined);

type Opened = {
  readonly weights: WeightFiles;
  readonly manifest: Manifest | undefined;
};

const open = async (path: string): Result<Opened> => {
  const weights = await findWeights(path);
  if (E.isLeft(weights)) return weights;
  const whole = await checkShards(weights.right, path);
  if (E.isLeft(whole)) return whole;
  const manifest = await manifestOf(weights.right);
  return E.isLeft(manifest) ? manifest : E.right({ weights: weights.right, manifest: manifest.right });
};

const inspect = async (path: string, families: readonly FamilyNames[], hashes: InspectedHashes): Result<Inspection> => {
  const opened = await open(path);
  if (E.isLeft(opened)) return opened;
  const { weights, manifest } = opened.right;
  const beside = await nodeFileSystem.list(weights.directory)();
  if (E.isLeft(beside)) return beside;
  const present = (beside.right ?? []).map(({ name }) => name).filter((name) => name !== manifestFile);
  const named = manifest === undefined ? weights.files : Object.keys(manifest.files);
  const there = named.filter((name) => present.includes(name));
  const content = await contentOf(weights, there, hashes);
  if (E.isLeft(content)) return content;
  const params = content.right.tensors.filter(({ file }) => manifest === undefined || file === paramsFile);
  const isOwn = weights.kind !== 'single' || path === weights.directory;
  const conversion = conversionOf(isOwn ? await reportText(weights.directory) : undefined);
  const { files: _, ...fields } = manifest ?? { files: {} };
  return E.right({
    path,
    kind: weights.kind,
    names: namesOf(params, families),
    ...content.right,
    parameters: params.reduce((sum, { elements }) => sum + elements, 0),
    provenance: { manifest: 'step' in fields ? fields : null, conversion },
    notes: contradictions({ weights, manifest, present, conversion, ...content.right }),
  });
};

/**
 * Everything that a checkpoint of ours, a safetensors file or a sharded set says of itself: tensors with shapes, dtypes and sizes, files
 * with hashes, provenance. What does not agree is listed, not refused; only headers that lie are.
 *
 * @param families - those whose names are known.
 * @param hashes - `files` reads every byte once, `tensors` twice, `none` only headers.
 * @errors `CannotRead`, `MissingFile`, `BadIndex`, `BadManifest`, `HashMismatch` of the manifest itself, `BadSafetensors`.
 */
export const inspectCheckpoint =
  (
    path: string,
    families: readonly FamilyNames[],
    hashes: InspectedHashes = 'files',
  ): TE.TaskEither<CheckpointError, Inspection> =>
  () =>
    inspect(path, families, hashes);
