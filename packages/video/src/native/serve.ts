import { parentPort } from 'node:worker_threads';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Answer, Job, Pictures } from '../jobs.js';
import { framesOf, imagesOf } from '../work.js';
import { type Av, loadAv } from './av.js';
import { describeHere } from './describe.js';
import { keepVideos, type Videos } from './videos.js';

/** As many videos as one thread keeps open: the cameras of a robot, and then some. */
const openAtOnce = 8;

/** FFmpeg is loaded by the first video: images need none of it. */
const lazily = <A>(load: () => Promise<A>): (() => Promise<A>) => {
  let loaded: Promise<A> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
};

const ffmpeg = lazily(
  pipe(
    loadAv(),
    TE.map((av): { readonly av: Av; readonly videos: Videos } => ({ av, videos: keepVideos(av, openAtOnce) })),
  ),
);

const answerOf = async (job: Job): Promise<Answer[Job['kind']]> => {
  if (job.kind === 'images') return imagesOf(job);
  const loaded = await ffmpeg();
  if (job.kind === 'describe') {
    return E.isLeft(loaded) ? loaded : describeHere(loaded.right.av, job.file);
  }
  const video = E.isLeft(loaded) ? loaded : loaded.right.videos.open(job.file);
  return E.isLeft(video) ? job.times.map(() => video) : framesOf(job, video.right);
};

/** Buffers that go over to the other thread: a picture that is answered twice has one. */
const buffersOf = (answer: Answer[Job['kind']]): ArrayBuffer[] => {
  if ('_tag' in answer) return [];
  const buffers = (answer as Pictures).flatMap((picture) =>
    E.isRight(picture) && picture.right.data.buffer instanceof ArrayBuffer ? [picture.right.data.buffer] : [],
  );
  return [...new Set(buffers)];
};

/** Answers the jobs of the thread that started this one, one after another. */
export const serve = (): void => {
  const port = parentPort;
  const answer = async (job: Job): Promise<void> => {
    const answered = await answerOf(job);
    port?.postMessage(answered, buffersOf(answered));
  };
  port?.on('message', (job: Job) => {
    answer(job).catch((thrown: unknown) => {
      // The thread ends with what it did not expect, and the pool says so.
      setImmediate(() => {
        throw thrown;
      });
    });
  });
};
