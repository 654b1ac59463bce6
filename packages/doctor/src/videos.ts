import type { Description, EpisodeRecord } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import type { Finding } from './finding.js';
import { counted, distinctNumbers, excluding, listed, shownNumber } from './words.js';

/** What a video file says of itself, without a frame of it being decoded. */
export type VideoFacts = {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  readonly frames: number;
  /** Seconds. */
  readonly duration: number;
};

/** Descriptions of video files by their path inside the dataset; a left is the reason that there is none. */
export type Described = ReadonlyMap<string, E.Either<string, VideoFacts>>;

/** The part of a video file that an episode is. */
type Part = { readonly episode: number; readonly length: number; readonly from: number; readonly to: number | null };

type VideoFile = { readonly file: string; readonly camera: string; readonly parts: readonly Part[] };

/** Every declared video file of some cameras with its episodes, in the order of their times. */
export const videoFiles = (records: readonly EpisodeRecord[], cameras: readonly string[]): readonly VideoFile[] => {
  const files = new Map<string, { readonly camera: string; readonly parts: Part[] }>();
  for (const { index, length, videos } of records) {
    for (const [camera, { file, from, to }] of videos) {
      if (!cameras.includes(camera)) continue;
      const known = files.get(file) ?? { camera, parts: [] };
      known.parts.push({ episode: index, length, from, to });
      files.set(file, known);
    }
  }
  return [...files].map(([file, { camera, parts }]) => ({
    file,
    camera,
    parts: parts.toSorted((a, b) => a.from - b.from),
  }));
};

type Problem = Omit<Finding, 'episodes'> & { readonly episodes: readonly number[] };

/** Half a frame: places are sums of f64 seconds, a frame too much or too little is twice as far off. */
const halfFrame = (fps: number): number => 0.5 / fps;

const partProblems = ({ file, camera, parts }: VideoFile, fps: number): readonly Problem[] =>
  parts.flatMap(({ episode, length, from, to }, i): readonly Problem[] => {
    if (to === null) return [];
    const where = { file, feature: camera, episode };
    const before = parts[i - 1];
    const overlap = before === undefined || before.to === null ? 0 : before.to - from;
    const long = Math.abs(to - from - length / fps) > halfFrame(fps);
    return [
      ...(long
        ? [
            {
              _tag: 'VideoPlaceLength',
              severity: 'error' as const,
              where,
              numbers: { frames: length, seconds: to - from, expectedSeconds: length / fps },
              episodes: [episode],
              message: `the episode has ${counted(length, 'frame')} (${shownNumber(length / fps)} s), but its place in the video is ${shownNumber(to - from)} s long.`,
              remedy: 'from_timestamp and to_timestamp in meta/episodes',
            },
          ]
        : []),
      ...(overlap > halfFrame(fps)
        ? [
            {
              _tag: 'VideoPlacesOverlap',
              severity: 'error' as const,
              where,
              numbers: { from, previousEnd: from + overlap, overlapSeconds: overlap },
              episodes: [episode],
              message: `it begins at ${shownNumber(from)} s of the video, where episode ${before?.episode ?? 0} still has ${shownNumber(overlap)} s: one of them shows the pictures of the other.`,
              remedy: 'from_timestamp and to_timestamp in meta/episodes',
            },
          ]
        : []),
    ];
  });

const unreadable = ({ file, camera, parts }: VideoFile, reason: string): Problem => {
  const episodes = parts.map(({ episode }) => episode);
  return {
    _tag: 'UnreadableVideo',
    severity: 'error',
    where: { file, feature: camera },
    numbers: { episodes: episodes.length },
    episodes,
    message: `the video cannot be read: ${reason}.`,
    remedy: `copy it again, ${excluding(episodes)}, or data.withoutCameras=${JSON.stringify([camera])}`,
  };
};

const lengthProblems = ({ file, camera, parts }: VideoFile, facts: VideoFacts, fps: number): readonly Problem[] => {
  const end = Math.max(...parts.map(({ length, from, to }) => to ?? from + length / fps));
  const needed = Math.round(end * fps);
  if (parts.length > 1 ? facts.frames >= needed : facts.frames === needed) return [];
  const lacking = parts.filter(({ length, from, to }) => Math.round((to ?? from + length / fps) * fps) > facts.frames);
  return [
    {
      _tag: 'VideoLength',
      severity: facts.frames < needed ? 'error' : 'warning',
      where: { file, feature: camera },
      numbers: { frames: facts.frames, tableFrames: needed, duration: facts.duration },
      episodes: lacking.map(({ episode }) => episode),
      message: `the video has ${counted(facts.frames, 'frame')}, the table has ${needed} for it: from some frame on pictures and states are not of one moment.`,
      remedy: `${lacking.length === 0 ? 'record it again' : excluding(lacking.map(({ episode }) => episode))}, or data.withoutCameras=${JSON.stringify([camera])}`,
    },
  ];
};

/** Two rates that differ by less are one: 29.97 is told as 30. */
const rateTolerance = 0.005;

const factProblems = (
  { file, camera, parts }: VideoFile,
  { fps: rate, width, height }: VideoFacts,
  { info }: Pick<Description, 'info'>,
): readonly Problem[] => {
  const episodes = parts.map(({ episode }) => episode);
  const shape = info.features.get(camera)?.shape ?? [];
  const isSize = shape.length !== 3 || (shape.includes(width) && shape.includes(height));
  const common = { where: { file, feature: camera }, episodes };
  return [
    ...(Math.abs(rate / info.fps - 1) > rateTolerance
      ? [
          {
            _tag: 'VideoFps',
            severity: 'warning' as const,
            ...common,
            numbers: { videoFps: rate, fps: info.fps },
            message: `the video has ${shownNumber(rate)} frames a second, meta/info.json says ${shownNumber(info.fps)}.`,
            remedy: 'fps of meta/info.json, or encode the video again',
          },
        ]
      : []),
    ...(isSize
      ? []
      : [
          {
            _tag: 'VideoSize',
            severity: 'warning' as const,
            ...common,
            numbers: { width, height },
            message: `the video is ${width}x${height} pixels (width x height), meta/info.json gives the camera the shape ${shape.join('x')}.`,
            remedy: `features.${camera}.shape of meta/info.json`,
          },
        ]),
  ];
};

const codecProblems = (all: readonly (VideoFile & { readonly facts: VideoFacts })[]): readonly Problem[] => {
  const cameras = [...new Set(all.map(({ camera }) => camera))];
  return cameras.flatMap((camera): readonly Problem[] => {
    const own = all.filter((file) => file.camera === camera);
    const codecs = [...new Set(own.map(({ facts }) => facts.codec))];
    const [first] = codecs;
    const other = own.find(({ facts }) => facts.codec !== first);
    if (other === undefined) return [];
    return [
      {
        _tag: 'VideoCodecs',
        severity: 'note',
        where: { file: other.file, feature: camera },
        numbers: { codecs: codecs.length },
        episodes: other.parts.map(({ episode }) => episode),
        message: `videos of one camera have several codecs: ${listed(codecs)}.`,
        remedy: null,
      },
    ];
  });
};

/** One finding of each kind: the first of it, with the episodes of all. */
const merged = (problems: readonly Problem[]): readonly Finding[] =>
  [...new Set(problems.map(({ _tag }) => _tag))].flatMap((tag): readonly Finding[] => {
    const same = problems.filter(({ _tag }) => _tag === tag);
    const [first] = same;
    if (first === undefined) return [];
    const more = same.length > 1 ? ` So it is, or nearly, in ${counted(same.length, 'place')}.` : '';
    const episodes = distinctNumbers(same.flatMap((problem) => problem.episodes));
    return [{ ...first, episodes, message: `${first.message}${more}` }];
  });

/**
 * Videos against the tables that they belong to: places that overlap or have other lengths than their episodes, files that end too
 * early, other rates, sizes and codecs.
 *
 * @param described - what the files say of themselves; what is not there is not looked at.
 */
export const videoFindings = (
  description: Pick<Description, 'info' | 'records'>,
  cameras: readonly string[],
  described: Described,
): readonly Finding[] => {
  const { fps } = description.info;
  const files = videoFiles(description.records, cameras);
  const known = files.flatMap((file) => {
    const found = described.get(file.file);
    return found === undefined || E.isLeft(found) ? [] : [{ ...file, facts: found.right }];
  });
  return merged([
    ...files.flatMap((file) => {
      const found = described.get(file.file);
      return found !== undefined && E.isLeft(found) ? [unreadable(file, found.left)] : [];
    }),
    ...files.flatMap((file) => partProblems(file, fps)),
    ...known.flatMap((file) => lengthProblems(file, file.facts, fps)),
    ...known.flatMap((file) => factProblems(file, file.facts, description)),
    ...codecProblems(known),
  ]);
};
