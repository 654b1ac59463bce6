import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWeights, toFloat32 } from '@torsor/checkpoint';
import { gemmaVariants, paligemmaVocabSize } from '@torsor/models';
import { fromFloat64, tensorType } from '@torsor/tensor';
import { describe, expect, it } from 'vitest';
import { lerobotConfig } from '../../src/exported/lerobot-config.js';
import { convertPolicy, fastContents, showPolicyError } from '../../src/index.js';
import { savePolicy, statistics } from '../acting/saved-policy.js';
import { fastFiles } from '../fast-files.js';
import { left, right } from '../right.js';
import { runFolder } from '../saved-run.js';
import { tinyModel } from '../tiny.js';

const { fresh } = runFolder();

const pictures = { cameras: ['base_0_rgb'], imageSize: [32, 32], siglip: 'mu/16' };

const json = async (path: string): Promise<{ readonly [field: string]: unknown }> =>
  JSON.parse(await readFile(path, 'utf8'));

describe('a policy for LeRobot', () => {
  it('without cameras is refused with the reason', async () => {
    const run = await fresh();
    const { path } = await savePolicy(run, 'pi0');
    for (const to of ['lerobot', 'openpi-pytorch'] as const) {
      const refused = left(await convertPolicy({ input: path, output: join(run, 'out'), to })());
      expect(showPolicyError(refused)).toContain('was trained without cameras');
    }
    expect(await readdir(run)).toEqual(['checkpoints']);
  });

  it('whose prompts do not tell the state, or whose actions are relative to more states than there are, is refused', async () => {
    const run = await fresh();
    const silent = await savePolicy(run, 'pi05', { model: { ...pictures, discreteStateInput: false } });
    const output = join(run, 'out');
    expect(showPolicyError(left(await convertPolicy({ input: silent.path, output, to: 'lerobot' })()))).toContain(
      'model.discreteStateInput=false',
    );
    const narrow = await savePolicy(await fresh(), 'pi0', {
      model: pictures,
      data: { deltaActionMask: [true, true] },
      statistics: { ...statistics, state: { mean: [0], std: [1], q01: null, q99: null } },
    });
    expect(showPolicyError(left(await convertPolicy({ input: narrow.path, output, to: 'lerobot' })()))).toContain(
      'fewer dimensions',
    );
  });

  it('says what LeRobot has no setting for, in a configuration that LeRobot refuses', async () => {
    const run = await fresh();
    const { path } = await savePolicy(run, 'pi0', { model: pictures });
    const output = join(run, 'out');
    const report = right(await convertPolicy({ input: path, output, to: 'lerobot' })());
    expect(report.notes).toEqual([
      expect.stringContaining('image tower mu/16; 140 token embeddings; width 8'),
      expect.stringContaining('embedded text tokenizer'),
    ]);
    const config = await json(join(output, 'config.json'));
    expect(config['paligemma_variant']).toContain('140 token embeddings');
    expect(config).toMatchObject({ type: 'pi0', dtype: 'float32', chunk_size: 2, max_action_dim: 3 });
  });

  it('of the released sizes has their names', () => {
    const { gemma_2b: paligemma, gemma_300m: actionExpert } = gemmaVariants;
    const model = tinyModel('pi0', { paligemma, actionExpert, cameras: ['base_0_rgb'] });
    const exported = {
      lerobot: { type: 'pi0', steps: [], imageSize: null, config: {} },
      model,
      data: { normMode: 'mean_std', deltaActionMask: null, cameras: {} },
      stats: statistics,
      dtype: 'bfloat16',
    } as const;
    expect(lerobotConfig(exported, paligemmaVocabSize)).toMatchObject({
      paligemma_variant: 'gemma_2b',
      action_expert_variant: 'gemma_300m',
      dtype: 'bfloat16',
      input_features: { 'observation.images.base_0_rgb': { type: 'VISUAL', shape: [3, 224, 224] } },
    });
  });

  it('in bf16 says so, and one by tokens brings its action tokenizer', async () => {
    const run = await fresh();
    const { path } = await savePolicy(run, 'pi0-fast', { model: pictures, files: fastContents(fastFiles) });
    const output = join(run, 'out');
    const report = right(await convertPolicy({ input: path, output, to: 'lerobot', dtype: 'BF16' })());
    expect(await json(join(output, 'config.json'))).toMatchObject({ dtype: 'bfloat16', max_decoding_steps: 256 });
    expect((await readdir(join(output, 'action_tokenizer'))).sort()).toEqual([
      'processor_config.json',
      'tokenizer.json',
    ]);
    expect(report.notes.join()).toContain('action_tokenizer_name');
  });
});

describe('averages', () => {
  it('are what is exported, and those as trained when asked for', async () => {
    const run = await fresh();
    const bias9 = fromFloat64(tensorType('f32', [8]), new Float64Array(8).fill(9));
    const { path } = await savePolicy(run, 'pi0', {
      model: pictures,
      others: { ema: { state_proj: { bias: bias9 } } },
    });
    const bias = async (output: string, live: boolean): Promise<number[]> => {
      right(await convertPolicy({ input: path, output, to: 'torsor', live })());
      const weights = right(await readWeights(output)());
      const tensor = weights.get('state_proj/bias');
      return tensor === undefined ? [] : [...right(toFloat32(tensor))];
    };
    expect(await bias(join(run, 'averaged'), false)).toEqual(Array.from({ length: 8 }, () => 9));
    expect(await bias(join(run, 'live'), true)).not.toContain(9);
  });

  it('go into our own format with the factors apart, since it has a place for them', async () => {
    const run = await fresh();
    const attn = { rank: 2, alpha: 4 };
    const expert = { width: 8, depth: 1, mlpDim: 8, numHeads: 2, numKvHeads: 1, headDim: 4, lora: { attn } };
    const { path } = await savePolicy(run, 'pi0', { model: { paligemma: expert } });
    const report = right(await convertPolicy({ input: path, output: join(run, 'out'), to: 'torsor' })());
    expect(report.merged).toEqual([]);
    const weights = right(await readWeights(join(run, 'out'))());
    expect([...weights.keys()].filter((name) => name.includes('lora'))).toHaveLength(6);
  });
});

describe("a policy for openpi's JAX code", () => {
  it('has its factors merged, and statistics beside its parameters', async () => {
    const run = await fresh();
    const attn = { rank: 2, alpha: 4 };
    const paligemma = { width: 8, depth: 1, mlpDim: 8, numHeads: 2, numKvHeads: 1, headDim: 4, lora: { attn } };
    const { path } = await savePolicy(run, 'pi0', { model: { ...pictures, paligemma } });
    const output = join(run, 'out');
    const report = right(await convertPolicy({ input: path, output, to: 'openpi', assetId: 'trossen' })());
    expect(report.merged).toHaveLength(3);
    expect([...right(await readWeights(output)()).keys()].filter((name) => name.includes('lora'))).toEqual([]);
    expect(await json(join(output, 'assets', 'trossen', 'norm_stats.json'))).toEqual({ norm_stats: statistics });
  });
});

describe('statistics for openpi', () => {
  it('have a name, which those of LeRobot have not', async () => {
    const run = await fresh();
    const { path } = await savePolicy(run, 'pi0', { model: pictures });
    const refused = left(await convertPolicy({ input: path, output: join(run, 'out'), to: 'lerobot', assetId: 'a' })());
    expect(showPolicyError(refused)).toContain("'assetId' must be absent for lerobot");
  });

  it.each(['', '../elsewhere', '/etc', 'a//b'])('are never written outside of the export: %s', async (assetId) => {
    const run = await fresh();
    const { path } = await savePolicy(run, 'pi0', { model: pictures });
    const refused = left(
      await convertPolicy({ input: path, output: join(run, 'out'), to: 'openpi-pytorch', assetId })(),
    );
    expect(showPolicyError(refused)).toContain("'assetId' must be a folder below assets");
  });
});
