import { spawn } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Way } from './native/child.js';
import { missing } from './native/found.js';

type End = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
};

type Means = {
  readonly signal?: NodeJS.Signals;
  /** Where compiled programs are kept. */
  readonly cache?: readonly string[];
};

/** A child that outlives the time of its test is not left to compute on beside the others. */
const limit = 150_000;

/** Runs `native/child.ts`; sends it a signal when it says that it is at work. */
const child = (how: Way, { signal, cache = [] }: Means = {}): Promise<End> =>
  new Promise((resolve) => {
    const script = join(import.meta.dirname, 'native', 'child.ts');
    const args = ['--import', 'tsx', '--conditions=@torsor/source', script, how, ...cache];
    const started = spawn(process.execPath, args, { timeout: limit, killSignal: 'SIGKILL' });
    let [out, err] = ['', ''];
    started.stdout.on('data', (text) => {
      out += text;
      if (signal !== undefined && out.includes('at work')) started.kill(signal);
    });
    started.stderr.on('data', (text) => {
      err += text;
    });
    started.on('close', (code, ended) => resolve({ code, signal: ended, out, err }));
  });

describe.skipIf(missing !== undefined)(`a process${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it.each(['compile', 'run', 'run, at once'] as const)('exits as it says while work is in flight: %s', async (how) => {
    expect(await child(how)).toEqual({ code: 7, signal: null, out: '', err: '' });
  });

  it('ends well when nobody waits for the work', async () => {
    expect(await child('to its end')).toEqual({ code: 0, signal: null, out: '', err: '' });
  });

  it('ends with its own error', async () => {
    expect(await child('error')).toMatchObject({
      code: 1,
      signal: null,
      err: expect.stringContaining('of the program'),
    });
  });

  it('ends at a signal', async () => {
    expect(await child('wait', { signal: 'SIGTERM' })).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('shares its compile cache with another that runs at the same time', async () => {
    const cache = [await mkdtemp(join(tmpdir(), 'torsor-shared-'))];
    const [one, other] = await Promise.all([child('sum into', { cache }), child('sum into', { cache })]);
    expect(one).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^\S+ \S+ \S+\n$/) });
    expect(other).toEqual(one);
    expect((await readdir(cache[0] ?? '')).length).toBe(1);
    expect(await child('sum into', { cache })).toEqual(one);
  });

  it('opens a plugin on its main thread alone, and another thread is told so', async () => {
    expect(await child('worker')).toMatchObject({ code: 0, out: expect.stringContaining('main thread'), err: '' });
  });
});
