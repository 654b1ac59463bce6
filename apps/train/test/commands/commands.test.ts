import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNormStats, sampleDatasetPath } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/cli/parse.js';
import { runCommand } from '../../src/commands/run.js';
import type { Failure } from '../../src/failure.js';
import type { Event } from '../../src/terminal/event.js';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-commands-'));
});

afterEach(() => rm(dir, { recursive: true }));

const run = async (...words: string[]): Promise<E.Either<Failure, Event>> => {
  const parsed = parseCommand(words, '0');
  if (E.isLeft(parsed) || parsed.right._tag === 'Text') throw new Error(words.join(' '));
  return runCommand(parsed.right.command, {
    report: () => undefined,
    env: {},
    typed: (...words) => `torsor ${words.join(' ')}`,
    project: dir,
    version: '0',
    clock: () => performance.now() / 1000,
    now: () => new Date(0),
    memory: () => 0,
    totalMemory: () => 2 ** 40,
    signals: { on: () => undefined, off: () => undefined },
    breathe: () => Promise.resolve(),
    exit: () => undefined,
  })();
};

const failure = async (...words: string[]): Promise<string> => {
  const result = await run(...words);
  return E.isLeft(result) ? `${result.left.exit}: ${result.left.messages.join('\n')}` : 'done';
};

const data = async (...words: string[]): Promise<unknown> => {
  const result = await run(...words);
  return E.isRight(result) && result.right._tag === 'Result' ? result.right.data : result;
};

describe('plan', () => {
  it('says what an update needs, whether it fits, and what would make it fit', async () => {
    expect(await data('plan', 'pi0-tiny', '--mesh', 'data=2,fsdp=2', '--memory', '1GB')).toMatchObject({
      devices: 4,
      memory: 1e9,
      groups: [{ name: 'batch' }, { name: 'ema' }, { name: 'optimizer' }, { name: 'params' }],
    });
    expect(await failure('plan', 'pi0-tiny', '--memory', '1MB')).toMatch(
      /^usage: an update needs .* with --mesh fsdp=2 it needs/,
    );
    expect(await failure('plan', 'pi0-tiny', '--mesh', 'data=3')).toContain(
      'batchSize: axis 0 of 4 cannot be split evenly',
    );
  });
});

describe('config', () => {
  it('prints the configuration and its schema, or one of them', async () => {
    expect(await data('config', 'pi0-tiny')).toMatchObject({
      config: { name: 'pi0-tiny' },
      schema: { type: 'object' },
    });
    expect(await data('config', 'pi0-tiny', '--only', 'config', '--steps', '7')).toMatchObject({ steps: 7 });
    expect(await data('config', '--only', 'schema')).toHaveProperty('properties.preset.enum');
  });

  it('says where every error is', async () => {
    expect(await failure('config', 'pi0-tny')).toContain('usage: unknown preset "pi0-tny"');
    expect(await failure('config', join(dir, 'none.json'))).toContain('none.json: cannot be read (ENOENT');
    expect(await failure('config', '--steps', '-1', '--set', 'seed=x')).toMatch(/usage: seed.*\nsteps: .*\(--steps\)/);
  });
});

describe('norm-stats', () => {
  const tiny = ['norm-stats', 'pi0-tiny', '--set', 'model.actionHorizon=2'];

  it('writes what a run would normalize with, of the training episodes alone', async () => {
    const output = join(dir, 'norm_stats.json');
    const { episodes } = Object(await data(...tiny, '--output', output));
    expect(episodes).toHaveLength(36);
    const written = parseNormStats(output, await readFile(output, 'utf8'));
    expect(E.toUnion(written)).toEqual(await data(...tiny));
    expect(await data(...tiny, '--set', 'data.heldOut=10')).not.toEqual(E.toUnion(written));
  });

  it.each([
    ['data: No dataset directory', '--data', '/nowhere'],
    ['data: 40 video files', '--data', sampleDatasetPath()],
    ['data: 40 episodes cannot be split with 40 held out', '--set', 'data.heldOut=40'],
    ['data: data.units has 2 entries for 26 action dimensions', '--set', 'data.units=["rad","m"]'],
    ['usage: data.heldOut', '--set', 'data.heldOut=-1'],
    ['data: There is no camera cam to leave out', '--without-camera', 'cam'],
    ['checkpoint: /dev/null/x cannot be written', '--output', '/dev/null/x'],
  ])('%s', async (message, ...words) => {
    expect(await failure(...tiny, ...words)).toContain(message);
  });
});

describe('paths and hints', () => {
  it('a checkpoint that is not there is told as that', async () => {
    const absent = 'checkpoint: there is no /nowhere/run: name the folder of a run, or a checkpoint inside it';
    expect(await failure('eval', '/nowhere/run')).toBe(absent);
    expect(await failure('inspect', '/nowhere/run')).toBe(absent);
  });

  it('a backend that cannot be opened is named with the command that sets it up, as it is typed', async () => {
    const { choice } = Object(await data('backends', '--backend', 'tfjs-node-gpu'));
    expect(choice.at(-1)).toBe('tfjs-node-gpu is set up by: torsor setup tfjs-native --cuda (needs an NVIDIA GPU)');
  });

  it('videos that are missing are told with the flag that trains without them', async () => {
    expect(await failure('norm-stats', '--data', sampleDatasetPath())).toContain(
      'train without: --without-camera observation.images.cam_high',
    );
  });
});
