import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tiny } from './torsor.js';

let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-signals-'));
});

afterAll(() => rm(dir, { recursive: true }));

const sources = ['--conditions=@torsor/source', '--import', 'tsx', join(import.meta.dirname, '../../src/main.ts')];

/** A run that outlives its test would take both cores from all the others. */
const limit = { timeout: 150_000, killSignal: 'SIGKILL' } as const;

/** Runs the binary from its sources; the signals are sent one after another once the first line of progress is out. */
const interrupted = (
  out: string,
  signals: readonly NodeJS.Signals[],
): Promise<{ readonly code: number | null; readonly text: string }> =>
  new Promise((resolve) => {
    const words = [...tiny, '--steps', '1000000', '--set', 'saveInterval=1000000', '--set', 'evalInterval=1000000'];
    const child = spawn(process.execPath, [...sources, ...words, '--out', out], { cwd: import.meta.dirname, ...limit });
    let text = '';
    let sent = false;
    const listen = (chunk: Buffer): void => {
      text += String(chunk);
      if (sent || !text.includes('step ')) return;
      sent = true;
      for (const signal of signals) child.kill(signal);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('close', (code) => resolve({ code, text }));
  });

it('Ctrl-C saves a checkpoint, says how to go on, and exits with 130', async () => {
  const out = join(dir, 'once');
  const { code, text } = await interrupted(out, ['SIGINT']);
  expect(code).toBe(130);
  expect(text).toContain('--resume');
  expect(await readdir(join(out, 'checkpoints'))).toHaveLength(1);
});

it('SIGTERM does the same and exits with 143', async () => {
  const out = join(dir, 'terminated');
  expect((await interrupted(out, ['SIGTERM'])).code).toBe(143);
  expect(await readdir(join(out, 'checkpoints'))).toHaveLength(1);
});
