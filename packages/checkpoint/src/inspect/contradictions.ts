import * as E from 'fp-ts/lib/Either.js';
import { isJsonObject, type Json } from '../json.js';
import type { FileRecord, Manifest } from '../manifest.js';
import type { ShardIndex } from '../safetensors/shard-index.js';
import type { InspectedFile, InspectedTensor } from './inspection.js';

type Seen = {
  readonly weights: { readonly index?: { readonly file: string } & ShardIndex };
  readonly manifest: Manifest | undefined;
  /** Names in the directory. */
  readonly present: readonly string[];
  readonly conversion: Json | null;
  readonly files: readonly InspectedFile[];
  readonly tensors: readonly InspectedTensor[];
};

/** A report's JSON, or a word that it is none; `null` where there is no report. */
export const conversionOf = (text: string | undefined): Json | null => {
  if (text === undefined) return null;
  // JSON.parse gives exactly the values that `Json` names.
  const parsed = E.tryCatch(
    () => JSON.parse(text) as Json,
    () => 'not JSON',
  );
  return E.isLeft(parsed) ? parsed.left : parsed.right;
};

const isRecord = (value: unknown): value is FileRecord =>
  isJsonObject(value) && typeof value['bytes'] === 'number' && typeof value['sha256'] === 'string';

const recordNotes = (file: InspectedFile, record: unknown, by: string): readonly string[] => {
  if (!isRecord(record)) return [];
  if (record.bytes !== file.bytes) return [`${file.name} has ${file.bytes} bytes, and ${by} says ${record.bytes}`];
  return file.sha256 === undefined || file.sha256 === record.sha256
    ? []
    : [`${file.name} has another SHA-256 than ${by} says: a byte changed`];
};

const reported = (conversion: Json | null): { readonly [name: string]: unknown } => {
  const files = isJsonObject(conversion) ? conversion['files'] : undefined;
  return isJsonObject(files) ? files : {};
};

/** What the files of a checkpoint say against one another, in words. */
export const contradictions = ({ weights, manifest, present, conversion, files, tensors }: Seen): readonly string[] => {
  const { index } = weights;
  const stored = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  const reports = reported(conversion);
  const named = Object.keys(manifest?.files ?? {});
  return [
    ...files.flatMap((file) => recordNotes(file, manifest?.files[file.name], 'the manifest')),
    ...files.flatMap((file) => recordNotes(file, reports[file.name], 'conversion.json')),
    ...named.filter((name) => !present.includes(name)).map((name) => `${name} is in the manifest and not there`),
    ...(manifest === undefined ? [] : present)
      .filter((name) => !named.includes(name))
      .map((name) => `${name} is there and not in the manifest`),
    ...(index?.totalSize === undefined || index.totalSize === stored
      ? []
      : [`${index.file} counts ${index.totalSize} bytes of tensors, and the files hold ${stored}`]),
  ];
};
