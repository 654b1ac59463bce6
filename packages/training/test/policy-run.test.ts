import { referenceBackend } from '@torsor/backend';
import { firstPosition, type NormStats, samplesOf } from '@torsor/data';
import { pi0Sequences, pi05Sequences, type Sequences } from '@torsor/policy';
import { paths } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { evaluationBatch, policySource, sourceOf } from '../src/batches/batches.js';
import { evaluationLine } from '../src/evaluation/outcome.js';
import {
  compileJudging,
  compileTraining,
  type PolicyRun,
  type PolicyRunSettings,
  policyEvaluation,
  policyModel,
  recipeParams,
  updateSettings,
} from '../src/policy-run.js';
import { beginRun } from '../src/run.js';
import { updater } from '../src/update/updater.js';
import { chunkCodec, letterTokenizer } from './letter-tokenizer.js';
import { colours, recordedDataset } from './recorded-dataset.js';
import { done, right } from './right.js';
import { type Asked, scaleOf, scalePolicy } from './scale-policy.js';
import { tinyModel, tinySettings } from './settings.js';

const plain = { mean: [0, 0], std: [1, 1], q01: null, q99: null };
const stats: NormStats = { state: plain, actions: plain };
const dataset = recordedDataset([4, 3, 5]);
const [train, heldOut] = [right(samplesOf(dataset, [0, 2])), right(samplesOf(dataset, [1]))];

const sequences: Sequences = {
  tokenizer: letterTokenizer,
  encode: pi0Sequences(letterTokenizer, { maxTokenLen: 48 }),
  measure: pi0Sequences(letterTokenizer, { maxTokenLen: 48 }),
  encodePrompt: pi05Sequences(letterTokenizer, { maxTokenLen: 80 }),
  heldOut: {
    encode: pi0Sequences(letterTokenizer, { maxTokenLen: 49 }),
    encodePrompt: pi05Sequences(letterTokenizer, { maxTokenLen: 81 }),
  },
  codec: null,
};

const opened = (more: Partial<PolicyRunSettings> = {}, codec: Sequences['codec'] = null) => {
  const backend = referenceBackend();
  const asked: Asked = { options: [], requests: [] };
  const model = scalePolicy(asked, { backend });
  const tiny = tinySettings();
  const settings: PolicyRunSettings = {
    ...tiny,
    batchSize: 2,
    optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
    evalWindows: null,
    evalSamples: 1,
    ...more,
  };
  const run: PolicyRun = {
    backend,
    settings,
    model,
    sequences: { ...sequences, codec },
    realDims: 2,
    stats,
    read: colours,
  };
  return { backend, asked, model, settings, run };
};

describe('policyModel', () => {
  it('is of the family, with the rows that the tokenizer needs where nothing is said', () => {
    const model = right(policyModel(tinySettings(tinyModel('pi0')), 300));
    expect(model.kind).toBe('pi0');
    expect(JSON.stringify(model.paramTypes)).toContain('[300,16]');
  });

  it('refuses what cannot be built', () => {
    const lora = { rank: 99, alpha: 99 };
    const expert = {
      width: 16,
      depth: 2,
      mlpDim: 32,
      numHeads: 2,
      numKvHeads: 1,
      headDim: 8,
      lora: { attn: lora, ffn: lora },
    };
    const found = policyModel(tinySettings(tinyModel('pi0', { paligemma: expert })), 300);
    expect(found).toMatchObject({ left: { _tag: 'Model', errors: expect.any(Array) } });
    expect(E.isLeft(found) && found.left._tag === 'Model' && found.left.errors.length).toBeGreaterThan(0);
  });
});

describe('updateSettings and recipeParams', () => {
  it('say of a policy what its updates need', () => {
    const { settings, model } = opened({ emaDecay: 0.5, gradientAccumulation: 2, freeze: ['w'], frozenDtype: 'bf16' });
    expect(updateSettings(settings)).toMatchObject({
      ...{ emaDecay: 0.5, gradientAccumulation: 2, freeze: ['w'], freezeForLora: false, frozenDtype: 'bf16' },
      optimizer: expect.any(Function),
    });
    const freezeFilter = (): boolean => true;
    expect(recipeParams({ ...model, freezeFilter }, { lora: 'openpi' })).toEqual({
      ...{ paramTypes: model.paramTypes, freezeFilter, openpiHabits: true },
    });
    expect(recipeParams(model, { lora: 'textbook' }).openpiHabits).toBe(false);
  });
});

describe('compileTraining', () => {
  it('trains the loss of the model on batches of its data, with the averages that are asked for', async () => {
    const { backend, model, settings, run } = opened({ emaDecay: 0.5 });
    const programs = await done(compileTraining(run));
    const first = await done(beginRun({ programs }, scaleOf(0.5)));
    expect(paths(first.device.ema)).toEqual(['w']);
    const source = policySource(
      sourceOf(
        train,
        stats,
        sequences.encode,
        { features: {}, absent: [], size: [2, 2], augment: null },
        colours,
        model.sizes,
        settings,
      ),
      model,
      2,
    );
    const update = updater({ programs, source, schedule: () => 0.25, clock: () => 0 });
    const { measured } = await done(update(first.device, { ...first.host, position: firstPosition }));
    expect(measured['loss']).toBeGreaterThan(0);
    // What the real dimensions measure is times their number, as this model says.
    expect(measured['loss_real_dims']).toBeCloseTo(2 * (measured['loss'] ?? 0), 5);
    expect(backend.memory().buffers).toBeGreaterThan(0);
  });
});

describe('compileJudging', () => {
  it('compiles the sampler for the batches, the parameters and the numbers of the run', async () => {
    const { asked, backend, model, run } = opened({ numSamplingSteps: 7 });
    await done(compileJudging(run));
    expect(asked.options).toEqual([
      {
        placement: { backend, specOf: expect.any(Function) },
        params: model.paramTypes,
        pictures: { features: {}, absent: [], size: [224, 224], augment: null },
        batchSize: 2,
        numSamplingSteps: 7,
        severalDraws: false,
        meaning: {
          space: { stats, normMode: 'mean_std', deltaActionMask: null, adaptToPi: false, actionDim: 3 },
          tokenizers: null,
        },
      },
    ]);
  });

  it('tells it of several draws, and of what tokens mean', async () => {
    const { asked, run } = opened({ evalSamples: 2 }, chunkCodec);
    await done(compileJudging(run));
    expect(asked.options[0]).toMatchObject({
      severalDraws: true,
      meaning: { tokenizers: { text: letterTokenizer, actions: chunkCodec.tokenizer } },
    });
  });
});

describe('policyEvaluation', () => {
  it('judges the held-out windows, spread as wished, beside the mean chunk of the training windows', async () => {
    const { run, settings, model } = opened({ evalWindows: 2, data: { ...tinySettings().data, units: 'rad' } });
    const programs = await done(compileJudging(run));
    const evaluation = right(policyEvaluation(run, programs, { train, heldOut }));
    expect(evaluation).toMatchObject({ batchSize: 2, units: 'rad', model, sample: programs.sample });
    expect(evaluation.programs).toBe(programs.loss);
    // Of three windows two, evenly spread.
    expect(evaluation.rows).toEqual([{ indices: [0, 2], real: 2 }]);
    // By hand: shoulders 1, 2, 3, 4 and 1 … 5 now, and one frame later where there is one.
    expect(evaluation.meanChunk?.[0]).toBeCloseTo(25 / 9, 5);
    expect(evaluation.meanChunk?.[2]).toBeCloseTo((9 + 14) / 7, 5);
    expect(evaluation.source).toMatchObject({
      samples: heldOut,
      seed: settings.seed,
      actionHorizon: 2,
      encode: sequences.heldOut.encode,
    });
    expect(evaluation.prompts).toEqual({ ...evaluation.source, encode: sequences.heldOut.encodePrompt });
    const first = await done(beginRun({ programs: await done(compileTraining(run)) }, scaleOf(1)));
    expect(Object.keys(await done(evaluationLine(evaluation)(first.device, 1)))).toEqual([
      'step',
      'eval/loss',
      'eval/loss_ema',
      'eval/token_accuracy',
      'eval/action_mae',
      'eval/action_rmse',
      'eval/action_mae/shoulder',
      'eval/action_mae/elbow',
    ]);
    expect(E.isRight(await evaluationBatch(evaluation.source, { indices: [0], real: 1 })())).toBe(true);
  });

  it('has no mean chunk without training windows, and none at steps that they never reach', async () => {
    const { run } = opened();
    const programs = await done(compileJudging(run));
    expect(right(policyEvaluation(run, programs, { train: null, heldOut })).meanChunk).toBeNull();
    const short = right(samplesOf(recordedDataset([1, 1]), [0]));
    expect(Array.from(right(policyEvaluation(run, programs, { train: short, heldOut })).meanChunk ?? [])).toEqual([
      1,
      0,
      Number.NaN,
      Number.NaN,
    ]);
  });
});
