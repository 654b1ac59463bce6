import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { openDecoders } from '../../src/index.js';
import type { Job } from '../../src/jobs.js';
import { openPool } from '../../src/native/pool.js';
import { workerFile } from '../../src/worker-file.js';
import { fixtures } from '../lerobot.js';
import { skipped } from '../node-av.js';

const folder = mkdtempSync(join(tmpdir(), 'pool-'));

/** A thread that answers each job by a function of it; `dieOnce` is a file that the first one to look leaves behind. */
const thread = (name: string, answer: string): URL => {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(
    path,
    `import { parentPort, threadId } from 'node:worker_threads';
     import { existsSync, writeFileSync } from 'node:fs';
     const dieOnce = ${JSON.stringify(`${path}.died`)};
     parentPort.on('message', async (job) => parentPort.postMessage(await (${answer})(job)));`,
  );
  return pathToFileURL(path);
};

const job = (file: string): Job => ({ kind: 'describe', file });

const frames = (file: string): Job => ({ kind: 'frames', file, times: [0], expected: null, wanted: null });

it.each([0, -1, 1.5, Number.NaN])('%s threads are refused, not rounded', async (threads) => {
  const decoders = openDecoders({ threads });
  const refused = E.left({ _tag: 'InvalidThreads', found: threads });
  expect(await decoders.frames('a.mp4', [0, 1])).toEqual([refused, refused]);
  expect(await decoders.describe('a.mp4')()).toEqual(refused);
});

describe('a pool of threads', () => {
  it('answers every job, with as many threads as it may have', async () => {
    const pool = openPool(3, thread('echo', 'async (job) => ({ file: job.file, thread: threadId })'));
    const files = Array.from({ length: 40 }, (_, i) => `${i}.mp4`);
    const answers = await Promise.all(files.map((file) => pool.run(job(file))));
    expect(answers).toEqual(files.map((file) => E.right(expect.objectContaining({ file }))));
    expect(
      new Set(
        answers.map((answer) => JSON.stringify(E.map((a) => (a as unknown as { thread: number }).thread)(answer))),
      ).size,
    ).toBe(3);
    await pool.close();
  });

  it('gives a video to the thread that has it open, without making others wait for ever', async () => {
    const pool = openPool(2, thread('whose', 'async (job) => ({ file: job.file, thread: threadId })'));
    const asked = Array.from({ length: 60 }, (_, i) => `${i % 2}.mp4`);
    const order: string[] = [];
    const answers = await Promise.all(
      asked.map(async (file) => {
        const answer = await pool.run(frames(file));
        order.push(file);
        return JSON.stringify(answer);
      }),
    );
    expect(new Set(answers).size).toBeLessThanOrEqual(3);
    expect(order.length).toBe(60);
    await pool.close();
  });

  it('gives the job of a thread that died to another one', async () => {
    const dies =
      "async (job) => { if (existsSync(dieOnce)) return 'alive'; writeFileSync(dieOnce, ''); process.exit(7); }";
    const pool = openPool(1, thread('once', dies));
    expect(await Promise.all([pool.run(job('a.mp4')), pool.run(job('b.mp4'))])).toEqual([
      E.right('alive'),
      E.right('alive'),
    ]);
    await pool.close();
  });

  it('names the job that threads die of, and answers the others', async () => {
    const dies = "async (job) => { if (job.file === 'bad.mp4') throw new Error('out of luck'); return 'fine'; }";
    const pool = openPool(1, thread('always', dies));
    const answers = await Promise.all(['a.mp4', 'bad.mp4', 'b.mp4'].map((file) => pool.run(job(file))));
    const died = { _tag: 'WorkerDied', work: 'bad.mp4', attempts: 2, cause: 'out of luck' };
    expect(answers).toEqual([E.right('fine'), E.left(died), E.right('fine')]);
    await pool.close();
  });

  it('answers what is waiting when it is closed, and what is asked later', async () => {
    const pool = openPool(1, thread('slow', 'async () => new Promise(() => {})'));
    const waiting = [pool.run(job('a.mp4')), pool.run(job('b.mp4'))];
    await pool.close();
    const closed = (work: string) => E.left({ _tag: 'DecodersClosed', work });
    expect(await Promise.all([...waiting, pool.run(job('c.mp4'))])).toEqual(['a.mp4', 'b.mp4', 'c.mp4'].map(closed));
  });

  it.skipIf(skipped !== '')(`ends with the process when it is idle, closed or not${skipped}`, () => {
    const root = fileURLToPath(new URL('../../../..', import.meta.url));
    const script = join(folder, 'idle.mts');
    const source = new URL('../../src/native/pool.ts', import.meta.url).href;
    const video = `${fixtures}/v3-h264/videos/observation.images.front/chunk-000/file-000.mp4`;
    writeFileSync(
      script,
      `import { openPool } from ${JSON.stringify(source)};
       const pool = openPool(2, new URL(process.argv[2]));
       const frames = (time) => pool.run({ kind: 'frames', file: process.argv[3], times: [time], expected: null, wanted: null });
       Promise.all([frames(0), frames(1)]).then((answers) => console.log(answers.map(({ right }) => right[0]._tag).join()));`,
    );
    const args = ['--conditions=@torsor/source', script, workerFile.href, video];
    const ended = spawnSync(join(root, 'node_modules/.bin/tsx'), args, { encoding: 'utf8', timeout: 60_000 });
    expect(ended).toMatchObject({ status: 0, stdout: 'Right,Right\n', stderr: '' });
  });

  it('runs the worker that is built for it', () => {
    expect(existsSync(workerFile)).toBe(true);
  });
});
