import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import * as E from 'fp-ts/lib/Either.js';
import type { VideoFault } from '../error.js';
import { type Answer, type Job, workOf } from '../jobs.js';

/** Threads that jobs are given to. */
export type Pool = {
  readonly threads: number;
  /** Answers a job; the left is about the pool, never about a picture. */
  readonly run: <J extends Job>(job: J) => Promise<E.Either<VideoFault, Answer[J['kind']]>>;
  readonly close: () => Promise<void>;
};

/** One thread is left to the training loop; beyond eight, reading the disk is what takes the time. */
export const defaultThreads = (): number => Math.max(1, Math.min(8, availableParallelism() - 1));

/** A worker that dies is replaced, and its job given to the new one, so often. */
const attempts = 2;

/** So many jobs may overtake one that waits, for the sake of an open video. */
const mayOvertake = 16;

type Waiting = {
  readonly job: Job;
  readonly settle: (answer: E.Either<VideoFault, Answer[Job['kind']]>) => void;
  died: number;
  overtaken: number;
};

type Thread = {
  readonly worker: Worker;
  /** Files that it was given last: it has them open. */
  files: readonly string[];
  current: Waiting | undefined;
};

const filesRemembered = 8;

const fileOf = (job: Job): string | undefined => (job.kind === 'frames' ? job.file : undefined);

/** Takes the job that a thread does next: one of a video that it has open, else the oldest. */
const takeFor = ({ files }: Thread, queue: Waiting[]): Waiting | undefined => {
  const isStarved = (queue[0]?.overtaken ?? 0) >= mayOvertake;
  const own = isStarved ? -1 : queue.findIndex(({ job }) => files.includes(fileOf(job) ?? ''));
  const at = Math.max(own, 0);
  for (const passed of queue.slice(0, at)) passed.overtaken += 1;
  return queue.splice(at, 1)[0];
};

const withFile = (files: readonly string[], file: string | undefined): readonly string[] =>
  file === undefined ? files : [file, ...files.filter((other) => other !== file)].slice(0, filesRemembered);

class WorkerPool implements Pool {
  readonly threads: number;
  private readonly workerFile: URL;
  private readonly alive = new Set<Thread>();
  private readonly queue: Waiting[] = [];
  private isClosed = false;

  constructor(threads: number, workerFile: URL) {
    this.threads = threads;
    this.workerFile = workerFile;
  }

  readonly run: Pool['run'] = <J extends Job>(job: J) =>
    new Promise<E.Either<VideoFault, Answer[J['kind']]>>((done) => {
      // A worker answers a job with what its kind is answered with.
      const settle = done as Waiting['settle'];
      if (this.isClosed) return settle(E.left({ _tag: 'DecodersClosed', work: workOf(job) }));
      this.queue.push({ job, settle, died: 0, overtaken: 0 });
      this.pump();
    });

  readonly close = async (): Promise<void> => {
    this.isClosed = true;
    const running = [...this.alive];
    const left = [...running.flatMap(({ current }) => current ?? []), ...this.queue.splice(0)];
    for (const thread of running) thread.current = undefined;
    for (const { job, settle } of left) settle(E.left({ _tag: 'DecodersClosed', work: workOf(job) }));
    await Promise.all(running.map(({ worker }) => worker.terminate()));
  };

  /** Gives waiting jobs to idle threads, and starts threads while there are fewer than may be. */
  private pump(): void {
    while (this.queue.length > 0) {
      const idle = [...this.alive].filter(({ current }) => current === undefined);
      const file = fileOf(this.queue[0]?.job ?? { kind: 'describe', file: '' });
      const known = idle.find(({ files }) => file !== undefined && files.includes(file));
      const thread = known ?? (this.alive.size < this.threads ? this.start() : idle[0]);
      if (thread === undefined) return;
      this.give(thread);
    }
  }

  private give(thread: Thread): void {
    const next = takeFor(thread, this.queue);
    if (next === undefined) return;
    thread.current = next;
    thread.files = withFile(thread.files, fileOf(next.job));
    // Only a thread that has work keeps the process alive.
    thread.worker.ref();
    thread.worker.postMessage(next.job);
  }

  private start(): Thread {
    // It needs nothing of how the process was started: neither loaders nor conditions of a test runner.
    const worker = new Worker(this.workerFile, { execArgv: [] });
    worker.unref();
    const thread: Thread = { worker, files: [], current: undefined };
    let cause = 'it ended by itself';
    worker.on('message', (answer: Answer[Job['kind']]) => {
      const done = thread.current;
      thread.current = undefined;
      worker.unref();
      done?.settle(E.right(answer));
      this.pump();
    });
    worker.on('error', (thrown) => {
      cause = thrown instanceof Error ? thrown.message : String(thrown);
    });
    worker.on('exit', () => {
      this.alive.delete(thread);
      this.buried(thread.current, cause);
    });
    this.alive.add(thread);
    return thread;
  }

  private buried(victim: Waiting | undefined, cause: string): void {
    if (victim === undefined) return;
    victim.died += 1;
    if (victim.died < attempts) this.queue.unshift(victim);
    else victim.settle(E.left({ _tag: 'WorkerDied', work: workOf(victim.job), attempts, cause }));
    this.pump();
  }
}

/** Threads that start as jobs come. */
export const openPool = (threads: number, workerFile: URL): Pool => new WorkerPool(threads, workerFile);
