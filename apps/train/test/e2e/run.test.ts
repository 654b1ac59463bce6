import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSaves } from '../saves.js';
import { lastEvaluation, metricsOf, refusal, result, tiny, torsor } from './torsor.js';

let dir = '';
let whole = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-e2e-'));
  whole = join(dir, 'whole');
  await result(...tiny, '--out', whole);
}, 120_000);

afterAll(() => rm(dir, { recursive: true }));

const params = (out: string, step = '00000006'): Promise<Buffer> =>
  readFile(join(out, 'checkpoints', step, 'params.safetensors'));

describe('a run', () => {
  it('leaves its configuration, split, statistics, metrics, log, checkpoints and report', async () => {
    expect((await readdir(whole)).toSorted()).toEqual(
      ['checkpoints', 'config.json', 'metrics.jsonl', 'norm_stats.json', 'report.html', 'run.log', 'split.json'].sort(),
    );
    expect(await readFile(join(whole, 'report.html'), 'utf8')).not.toMatch(/(src|href)="https?:/);
  });

  it('writes the metrics of π0, and no others', async () => {
    const text = await readFile(join(whole, 'metrics.jsonl'), 'utf8');
    const names = new Set(text.split('\n').flatMap((line) => (line === '' ? [] : Object.keys(JSON.parse(line)))));
    const joints = [...names].filter((name) => name.startsWith('eval/action_mae/'));
    const others = [...names].filter((name) => !joints.includes(name)).toSorted();
    expect(others).toEqual([
      'checkpoint_step',
      'data_time',
      'eval/action_mae',
      'eval/action_rmse',
      'eval/loss',
      'eval/loss_ema',
      'grad_norm',
      'learning_rate',
      'loss',
      'loss_real_dims',
      'param_norm',
      'peak_memory_bytes',
      'samples_per_second',
      'step',
      'time_per_step',
    ]);
    expect(joints).toHaveLength(26);
  });

  it('stopped at any step and resumed makes the lines and the parameters of the uninterrupted one', async () => {
    const out = join(dir, 'stopped');
    for (const stopAfter of [1, 2]) {
      const again = stopAfter === 1 ? [] : ['--resume'];
      const stopped = await torsor([...tiny, '--out', out, ...again], { stopAfter });
      expect(stopped).toMatchObject(E.left({ exit: 'interrupted' }));
    }
    await result(...tiny, '--out', out, '--resume');
    expect(await metricsOf(out)).toEqual(withSaves(await metricsOf(whole), [2, 5]));
    expect(await params(out)).toEqual(await params(whole));
  }, 120_000);

  it('is bit-identical with evaluation on or off', async () => {
    const out = join(dir, 'unevaluated');
    await result(...tiny, '--out', out, '--set', 'evalInterval=1000');
    expect(await params(out)).toEqual(await params(whole));
  });

  it('is not overwritten unasked', async () => {
    expect(await refusal(...tiny, '--out', whole)).toContain('continue it with --resume, replace it with --overwrite');
  });
});

describe('torsor eval', () => {
  it('gives the numbers that the run ended with, from the run or from a checkpoint', async () => {
    const fromRun = await result('eval', whole, '--backend', 'wasm');
    const fromCheckpoint = await result('eval', join(whole, 'checkpoints/00000006'), '--backend', 'wasm');
    const last = lastEvaluation(await metricsOf(whole));
    expect(fromRun['losses']).toEqual({ live: last['eval/loss'], ema: last['eval/loss_ema'], tokenAccuracy: null });
    expect(fromCheckpoint['methods']).toEqual(fromRun['methods']);
  });
});

describe('what is trained', () => {
  const first = join('checkpoints', '00000003');
  const short = [...tiny, '--steps', '3', '--set', 'keepLast=9'];

  it('frozen parameters stay as they were, bit for bit', async () => {
    const [frozen, free] = [join(dir, 'frozen'), join(dir, 'free')];
    await result(...short, '--out', frozen, '--set', 'freeze=["PaliGemma/.*"]', '--set', 'emaDecay=null');
    await result(...short, '--out', free, '--set', 'freeze=[".*proj.*"]', '--set', 'emaDecay=null');
    const [a, b] = await Promise.all([frozen, free].map((out) => readFile(join(out, first, 'params.safetensors'))));
    expect(a).not.toEqual(b);
    const optimizer = await readFile(join(frozen, first, 'train_state.safetensors'), 'latin1');
    expect(optimizer).not.toContain('PaliGemma');
    expect(optimizer).toContain('action_in_proj/kernel');
  });

  it('refuses a pattern that freezes nothing, naming parameters', async () => {
    const refused = await refusal(...short, '--out', join(dir, 'none'), '--set', 'freeze=["Paligemma/.*"]');
    expect(refused).toContain('usage: the filter /^(?:Paligemma\\/.*)$/u matches none of the parameters PaliGemma/');
  });

  it('accumulating gradients over parts of a batch gives the loss of the whole', async () => {
    const out = join(dir, 'accumulated');
    await result(...tiny, '--out', out, '--set', 'gradientAccumulation=2');
    const [inParts, atOnce] = [await metricsOf(out), await metricsOf(whole)];
    expect(inParts[0]?.['loss']).toBeCloseTo(Number(atOnce[0]?.['loss']), 4);
    expect(inParts[0]?.['grad_norm']).toBeCloseTo(Number(atOnce[0]?.['grad_norm']), 3);
  });
});
