import { readFile } from 'node:fs/promises';
import { decodeMetricLine, type MetricLine } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import { parseCommand } from '../../src/cli/parse.js';
import type { CommandEnv } from '../../src/commands/environment.js';
import { runCommand } from '../../src/commands/run.js';
import type { Failure } from '../../src/failure.js';
import { runPaths } from '../../src/run/layout.js';
import type { Event } from '../../src/terminal/event.js';

/** A way to run commands in this process: `stopAfter` sends SIGINT during the update after so many. */
export const torsor = async (
  words: readonly string[],
  options: { readonly stopAfter?: number; readonly heard?: (event: Event) => void } = {},
): Promise<E.Either<Failure, Event>> => {
  const parsed = parseCommand(words, '0');
  if (E.isLeft(parsed) || parsed.right._tag === 'Text') throw new Error(JSON.stringify(parsed));
  let interrupt = (): void => undefined;
  let updates = 0;
  const env: CommandEnv = {
    report: (event) => {
      options.heard?.(event);
      if (event._tag === 'Progress' && ++updates === options.stopAfter) interrupt();
    },
    env: {},
    typed: (...words) => `torsor ${words.join(' ')}`,
    project: '.',
    version: '0',
    clock: () => performance.now() / 1000,
    now: () => new Date(0),
    memory: () => 0,
    totalMemory: () => 2 ** 40,
    signals: {
      on: (signal, listener) => {
        if (signal === 'SIGINT') interrupt = listener;
      },
      off: () => undefined,
    },
    breathe: () => Promise.resolve(),
    exit: () => undefined,
  };
  return runCommand(parsed.right.command, env)();
};

/** `exit: messages` of a command that is refused. */
export const refusal = async (...words: readonly string[]): Promise<string> => {
  const result = await torsor(words);
  return E.isLeft(result) ? `${result.left.exit}: ${result.left.messages.join('\n')}` : 'done';
};

/** The result of a command that succeeds. */
export const result = async (...words: readonly string[]): Promise<Record<string, unknown>> => {
  const ended = await torsor(words);
  if (E.isLeft(ended)) throw new Error(ended.left.messages.join('\n'));
  return ended.right._tag === 'Result' ? Object(ended.right.data) : {};
};

const timed = new Set(['time_per_step', 'data_time', 'samples_per_second', 'peak_memory_bytes']);

/** The lines of a run's metrics without times. */
export const metricsOf = async (out: string): Promise<readonly MetricLine[]> => {
  const text = await readFile(runPaths(out).metrics, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const decoded = decodeMetricLine(line);
      if (E.isLeft(decoded)) throw new Error(line);
      return Object.fromEntries(Object.entries(decoded.right).filter(([name]) => !timed.has(name))) as MetricLine;
    });
};

/** The last line of an evaluation. */
export const lastEvaluation = (lines: readonly MetricLine[]): MetricLine => {
  const last = lines.findLast((line) => 'eval/loss' in line);
  if (last === undefined) throw new Error('nothing was evaluated');
  return last;
};

/** A run that ends in seconds: 6 updates, a line every 2. */
export const tiny = [
  'train',
  'pi0-tiny',
  '--backend',
  'wasm',
  '--steps',
  '6',
  '--set',
  'model.actionHorizon=4',
  '--set',
  'logInterval=2',
  '--set',
  'evalInterval=3',
  '--set',
  'saveInterval=3',
  '--set',
  'evalWindows=4',
  '--set',
  'evalSamples=2',
  '--set',
  'numSamplingSteps=2',
] as const;
