import { fillPath } from '../meta/episode-record.js';

/** Which file of a numbered row of files. */
export type FilePlace = { readonly chunk: number; readonly file: number };

/**
 * The place after another one; the first without one.
 *
 * @source LeRobot 0.6.1 `datasets/utils.py` `update_chunk_file_indices`
 */
export const nextPlace = (place: FilePlace | undefined, chunksSize: number): FilePlace => {
  if (place === undefined) return { chunk: 0, file: 0 };
  return place.file >= chunksSize - 1
    ? { chunk: place.chunk + 1, file: 0 }
    : { chunk: place.chunk, file: place.file + 1 };
};

/** Paths of numbered files inside a dataset. @source LeRobot 0.6.1 `datasets/utils.py` */
export const templates = {
  data: 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet',
  episodes: 'meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet',
  video: 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4',
} as const;

/** The path of a place by a template. */
export const pathOf = (template: string, { chunk, file }: FilePlace, videoKey = ''): string =>
  fillPath(template, { chunk_index: chunk, file_index: file, video_key: videoKey });
