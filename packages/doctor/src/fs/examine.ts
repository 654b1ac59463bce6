import { join } from 'node:path';
import { type Dataset, type Description, type ReadOptions, readDescription } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import type * as T from 'fp-ts/lib/Task.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { cheapFindings } from '../cheap.js';
import { refusalFindings } from '../data-errors.js';
import { bySeverity, type Finding } from '../finding.js';
import type { Looked } from '../show.js';
import { type VideoFacts, videoFiles, videoFindings } from '../videos.js';
import { counted } from '../words.js';
import { type RunSettings, runFindings } from './run-findings.js';
import { salvage } from './salvage.js';
import { fileFindings } from './stray-files.js';

/** What is read of a dataset; `null` for all episodes. */
export type Reading = Pick<ReadOptions, 'columns' | 'excludeEpisodes' | 'withoutCameras'> & {
  readonly episodes?: readonly number[] | null;
};

/** What to look at besides the dataset itself. */
export type ExamineOptions = {
  /** How the dataset is read, as a configuration says it. */
  readonly read?: Reading;
  /** The run that it is meant for; `null`: the dataset alone. */
  readonly settings?: RunSettings | null;
  /** Bytes of this machine. */
  readonly memory?: number;
  /** What a video file says of itself; a left is why it does not. Without it videos are not looked into, which is noted. */
  readonly describeVideo?: (file: string) => TE.TaskEither<string, VideoFacts>;
};

/** What was found, the worst first, and what was looked at. */
export type Examination = Looked & { readonly findings: readonly Finding[] };

const readOptions = ({ episodes = null, ...read }: Reading): ReadOptions => ({
  ...{ ...read, pictures: false },
  ...(episodes === null ? {} : { episodes }),
});

const camerasOf = ({ info }: Description, { withoutCameras = [] }: Reading): readonly string[] =>
  [...info.features].flatMap(([name, { dtype }]) =>
    dtype === 'video' && withoutCameras !== 'all' && !withoutCameras.includes(name) ? [name] : [],
  );

const wantedOf = ({ records }: Description, { episodes = null, excludeEpisodes = [] }: Reading): readonly number[] =>
  records
    .map(({ index }) => index)
    .filter((index) => (episodes === null || episodes.includes(index)) && !excludeEpisodes.includes(index));

const notLookedInto = (files: number): Finding => ({
  _tag: 'VideosNotLookedInto',
  severity: 'note',
  where: {},
  numbers: { files },
  message: `${counted(files, 'video file')} ${files === 1 ? 'was' : 'were'} not opened: lengths, rates and codecs of videos are not compared with the tables.`,
  remedy: null,
});

const ofVideos = async (
  dir: string,
  description: Description,
  cameras: readonly string[],
  { describeVideo }: ExamineOptions,
): Promise<readonly Finding[]> => {
  const files = videoFiles(description.records, cameras);
  const described = new Map<string, E.Either<string, VideoFacts>>();
  if (describeVideo !== undefined) {
    for (const { file } of files) described.set(file, await describeVideo(join(dir, file))());
  }
  return [
    ...videoFindings(description, cameras, described),
    ...(describeVideo === undefined && files.length > 0 ? [notLookedInto(files.length)] : []),
  ];
};

const untriedFinding = (untried: readonly number[], all: number): readonly Finding[] =>
  untried.length === 0
    ? []
    : [
        {
          _tag: 'NotLookedAt',
          severity: 'note',
          where: {},
          numbers: { episodes: untried.length, of: all },
          episodes: untried,
          message: `${counted(untried.length, 'episode')} of ${all} ${untried.length === 1 ? 'was' : 'were'} not looked at, after what is refused above.`,
          remedy: 'mend that first, then look again',
        },
      ];

const lookedAt = (dataset: Dataset | null): Looked => ({
  episodes: dataset?.episodes.length ?? 0,
  frames: dataset?.episodes.reduce((sum, { length }) => sum + length, 0) ?? 0,
});

const examined = async (dir: string, options: ExamineOptions): Promise<Examination> => {
  const { read = {}, settings = null, memory = Number.POSITIVE_INFINITY } = options;
  const description = await readDescription(dir)();
  if (E.isLeft(description)) {
    return { findings: refusalFindings([{ error: description.left, episodes: [] }], 0), episodes: 0, frames: 0 };
  }
  const wanted = wantedOf(description.right, read);
  const { dataset, refusals, untried } = await salvage(dir, readOptions(read), wanted);
  const cameras = camerasOf(description.right, read);
  const areMissing = refusals.some(({ error }) => error._tag === 'MissingVideos');
  const findings = [
    ...refusalFindings(refusals, wanted.length),
    ...(await fileFindings(dir, description.right, cameras)),
    ...(areMissing ? [] : await ofVideos(dir, description.right, cameras, options)),
    ...(dataset === null ? [] : cheapFindings(dataset, settings)),
    ...(dataset === null || settings === null ? [] : await runFindings(dataset, settings, memory)),
    ...untriedFinding(untried, wanted.length),
  ];
  return { findings: bySeverity(findings), ...lookedAt(dataset) };
};

/**
 * Says what is wrong with a dataset: its files, its rows, and, with the settings of a run, what that run would meet. What the
 * reader refuses is a finding, and the rest is looked at as far as it can be read. No picture and no video is decoded.
 *
 * @param dir - the directory that holds `meta/` and `data/`.
 * @law it never fails and writes nothing.
 */
export const examine =
  (dir: string, options: ExamineOptions = {}): T.Task<Examination> =>
  () =>
    examined(dir, options);
