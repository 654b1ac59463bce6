import type { NonFiniteTensor } from '../conversion-error.js';
import type { FileRecord, Manifest } from '../manifest.js';
import type { IgnoredTensor, ReadableNames } from '../names/older-names.js';
import type { NameFormat, TargetFormat } from '../names/rule.js';

/** What a conversion did, also written as `conversion.json` beside its files. */
export type ConversionReport = {
  readonly formatVersion: 1;
  readonly input: string;
  readonly family: string;
  readonly from: NameFormat;
  readonly to: TargetFormat;
  /** The dtype written, or `kept`. */
  readonly dtype: string;
  readonly tensors: number;
  readonly parameters: number;
  readonly files: { readonly [name: string]: FileRecord };
  /** Elements that a narrower dtype rounded, by the source's names. */
  readonly rounded: { readonly [name: string]: number };
  /** Infinities and NaN that were allowed. */
  readonly nonFinite: readonly NonFiniteTensor[];
  /** Pairs of names of one tensor; the first was read. */
  readonly tied: readonly (readonly [read: string, duplicate: string])[];
  /** Tensors that no computation reads: left out of an import, written as zeros by an export. */
  readonly unread: readonly { readonly name: string; readonly why: string }[];
  /** Tensors of the input that are no weights, or that no model reads. */
  readonly ignored: readonly IgnoredTensor[];
  /** Why names of the input were read as others, and how many were. */
  readonly renamed: ReadableNames['renamed'];
  /** Parameters that are averages. */
  readonly averaged: number;
  /** Weights that low-rank factors were added to. */
  readonly merged: readonly string[];
  /** What the reader of the output should know. */
  readonly notes: readonly string[];
  /** The manifest of the checkpoint converted, if it was one of ours. */
  readonly source: Omit<Manifest, 'files'> | null;
};

/** How far a conversion is. */
export type ConversionProgress = {
  /** The tensor being written. */
  readonly tensor: string;
  readonly bytesWritten: number;
  readonly bytesTotal: number;
};

/** Name of the report beside converted files. */
export const reportName = 'conversion.json';
