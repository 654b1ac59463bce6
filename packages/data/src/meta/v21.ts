import type { DatasetFormat } from './format.js';
import { decodeInfo } from './info.js';
import { decodeEpisodes, decodeTasks } from './tables.js';

const episodesFile = 'meta/episodes.jsonl';
const tasksFile = 'meta/tasks.jsonl';

type Fields = Readonly<Record<string, string | number>>;

/** Fills `{name}` and `{name:06d}`, the only two forms that LeRobot's paths use. */
const fill = (template: string, fields: Fields): string =>
  template.replace(/\{(\w+)(?::0?(\d+)d)?\}/g, (whole, name: string, width: string | undefined) => {
    const value = fields[name];
    return value === undefined ? whole : String(value).padStart(Number(width ?? 0), '0');
  });

const place = (chunksSize: number, episode: number): Fields => ({
  episode_chunk: Math.floor(episode / chunksSize),
  episode_index: episode,
});

/** LeRobot v2.1: one parquet file and one video per camera for each episode. */
export const v21: DatasetFormat = {
  version: 'v2.1',
  metaFiles: [
    { path: episodesFile, purpose: 'the lengths and tasks of the episodes' },
    { path: tasksFile, purpose: 'the texts of the tasks' },
  ],
  decodeInfo,
  decodeEpisodes: (files) => decodeEpisodes(episodesFile, files.get(episodesFile) ?? ''),
  decodeTasks: (files) => decodeTasks(tasksFile, files.get(tasksFile) ?? ''),
  dataFile: (info, episode) => fill(info.dataPath, place(info.chunksSize, episode)),
  videoFile: (info, camera, episode) =>
    info.videoPath === null ? null : fill(info.videoPath, { ...place(info.chunksSize, episode), video_key: camera }),
};
