import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseCommand } from '../../src/cli/parse.js';
import { type OpenedRun, openRun } from '../../src/commands/open-run.js';
import { runPaths } from '../../src/run/layout.js';
import { writeRunFiles } from '../../src/run/run-files.js';

let out = '';

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'torsor-open-'));
});

afterEach(() => rm(out, { recursive: true }));

const open = async (...words: string[]) => {
  const parsed = parseCommand(['train', '--out', out, ...words], '0');
  if (E.isLeft(parsed) || parsed.right._tag !== 'Command' || parsed.right.command._tag !== 'Train') throw new Error();
  return openRun(parsed.right.command)();
};

const opened = async (...words: string[]): Promise<OpenedRun> => {
  const run = await open(...words);
  if (E.isLeft(run)) throw new Error(run.left.messages.join('\n'));
  return run.right;
};

const refusal = async (...words: string[]): Promise<string> => {
  const run = await open(...words);
  return E.isLeft(run) ? `${run.left.exit}: ${run.left.messages.join('\n')}` : 'admitted';
};

const tiny = ['pi0-tiny', '--set', 'model.actionHorizon=2'];

const begin = async (): Promise<void> => {
  const { config, data } = await opened(...tiny);
  await writeRunFiles({ config, split: data.split, stats: data.stats, fast: null })();
};

it('begins in an empty folder, with the data split by episode', async () => {
  const { admission, data } = await opened(...tiny);
  expect(admission).toBe('create');
  expect([data.split.train.length, data.split.heldOut.length]).toEqual([36, 4]);
  expect(await readdir(out)).toEqual([]);
});

it('writes what the run is, whole', async () => {
  await begin();
  expect((await readdir(out)).toSorted()).toEqual(['config.json', 'norm_stats.json', 'split.json']);
  const split: unknown = JSON.parse(await readFile(runPaths(out).split, 'utf8'));
  expect(split).toHaveProperty('heldOut.length', 4);
});

it('meets an existing run with a choice', async () => {
  await begin();
  expect(await refusal(...tiny)).toMatch(
    /checkpoint: .* holds a run: continue it with --resume, replace it with --overwrite/,
  );
  expect((await opened(...tiny, '--overwrite')).admission).toBe('replace');
  expect((await opened(...tiny, '--resume')).admission).toBe('resume');
});

it('resumes with the configuration of the run where none is named, and refuses another', async () => {
  await begin();
  const { config } = await opened('--resume', '--steps', '99');
  expect([config.name, config.steps, config.model.actionHorizon]).toEqual(['pi0-tiny', 99, 2]);
  expect(config.lrSchedule).toMatchObject({ decaySteps: 20 });
  expect(await refusal('--resume', '--set', 'seed=7')).toContain('seed was 42, is 7');
  expect(await refusal('pi0-tiny', '--resume')).toContain('model.actionHorizon was 2, is 10');
});

it('a run of more steps keeps the schedule that it began with', async () => {
  const begun = await opened(...tiny, '--steps', '40');
  expect(begun.notes).toHaveLength(1);
  await writeRunFiles({ config: begun.config, split: begun.data.split, stats: begun.data.stats, fast: null })();
  const resumed = await opened(...tiny, '--steps', '60', '--resume');
  expect(resumed.config).toMatchObject({ steps: 60, lrSchedule: { decaySteps: 40 } });
  expect(resumed.notes).toEqual([]);
});

it('refuses a folder of others, and a resume of nothing', async () => {
  expect(await refusal(...tiny, '--resume')).toContain('holds no run to resume');
  await writeFile(join(out, 'thesis.tex'), '');
  expect(await refusal(...tiny, '--overwrite')).toContain('neither empty nor a run (it holds thesis.tex)');
});

it('trains by the preset of a robot on its dataset, from its weights or expressly from none', async () => {
  const dataset = /^usage: data.dir: pi0_libero trains on LIBERO.*--data/u;
  expect(await refusal('pi0_libero')).toMatch(dataset);
  expect(await refusal('pi0_libero')).toMatch(/\ninit.from: pi0_libero begins from pi0_base.*--from-scratch/u);
  expect(await refusal('pi0_libero', '--from-scratch')).toMatch(dataset);
  expect(await refusal('pi0_libero', '--data', '/none')).toMatch(/^usage: init.from: pi0_libero begins/u);
  expect(await refusal('pi0_libero', '--data', '/none', '--from-scratch')).toMatch(
    /^data: No dataset directory at \/none/u,
  );
  expect(await refusal('pi0_libero', '--data', '/none', '--set', 'init.from=w')).toMatch(
    /^data: No dataset directory at \/none/u,
  );
  const file = join(out, 'mine.json');
  await writeFile(file, JSON.stringify({ preset: 'pi0_libero', steps: 3 }));
  expect(await refusal(file, '--data', '/none')).toMatch(/^usage: init.from: pi0_libero begins/u);
});

it('refuses what would be ignored, of a run that goes on over its own configuration', async () => {
  expect(await refusal(...tiny, '--set', 'fsdpMinBytes=0')).toMatch(
    /^usage: fsdpMinBytes is ignored \(--set fsdpMinBytes=0\)/u,
  );
  const meshed = ['--backend', 'xla', '--mesh', 'fsdp=2'];
  const { config, data } = await opened(...tiny, ...meshed);
  await writeRunFiles({ config, split: data.split, stats: data.stats, fast: null })();
  expect((await opened('--resume', '--set', 'fsdpMinBytes=0')).config.fsdpMinBytes).toBe(0);
  expect(await refusal('--resume', '--set', 'frozenDtype=auto')).toMatch(/^usage: frozenDtype is ignored/u);
});
