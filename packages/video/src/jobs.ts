import type { Size } from '@torsor/data';
import type { Either } from 'fp-ts/lib/Either.js';
import type { VideoDescription } from './description.js';
import type { VideoFault } from './error.js';

/** A decoded picture: bytes `[h, w, 3]`, RGB. */
export type Picture = { readonly data: Uint8Array; readonly height: number; readonly width: number };

/** The sizes that pictures must have and are to be given; `null` leaves either open. */
export type Sizes = { readonly expected: Size | null; readonly wanted: Size | null };

/** What a worker is asked to do. */
export type Job =
  /** Frames of a video at times in seconds, in any order. */
  | ({ readonly kind: 'frames'; readonly file: string; readonly times: readonly number[] } & Sizes)
  /** Encoded pictures, PNG or JPEG. */
  | ({ readonly kind: 'images'; readonly images: readonly Uint8Array<ArrayBuffer>[] } & Sizes)
  | { readonly kind: 'describe'; readonly file: string };

/** For each picture that was asked for, in that order: it, or what is wrong with it. */
export type Pictures = readonly Either<VideoFault, Picture>[];

/** What a job answers. */
export type Answer = {
  readonly frames: Pictures;
  readonly images: Pictures;
  readonly describe: Either<VideoFault, VideoDescription>;
};

/** Names a job's work for a person. */
export const workOf = (job: Job): string =>
  job.kind === 'images' ? `${job.images.length} image${job.images.length === 1 ? '' : 's'}` : job.file;
