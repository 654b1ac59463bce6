import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSaves } from '../saves.js';
import { writeDataset } from './dataset.js';
import { lastEvaluation, metricsOf, refusal, result, torsor } from './torsor.js';

let dir = '';
let data = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-families-'));
  data = join(dir, 'data');
  await writeDataset(data, {
    episodes: 4,
    value: (episode, row, dim) => (dim === 0 ? Math.sin(episode + row / 3) : 0.5),
  });
});

afterAll(() => rm(dir, { recursive: true }));

const short = (preset: string, out: string): readonly string[] => [
  'train',
  preset,
  '--data',
  data,
  '--out',
  join(dir, out),
  '--backend',
  'wasm',
  '--steps',
  '4',
  ...[
    'model.actionHorizon=3',
    'data.heldOut=1',
    'logInterval=2',
    'evalInterval=2',
    'saveInterval=2',
    'evalSamples=2',
  ].flatMap((setting) => ['--set', setting]),
];

const fast = (out: string): readonly string[] => [
  ...short('pi0-fast-tiny', out),
  ...[
    'model.maxTokenLen=64',
    'model.maxDecodingSteps=12',
    'model.fast.vocabSize=300',
    'model.fast.onOutOfRange=clamp',
  ].flatMap((setting) => ['--set', setting]),
];

const families = [
  ['pi05-tiny', (out: string) => short('pi05-tiny', out)],
  ['pi0-fast-tiny', fast],
] as const;

const params = (out: string, step = '00000004'): Promise<Buffer> =>
  readFile(join(dir, out, 'checkpoints', step, 'params.safetensors'));

describe.each(families)('%s', (name, words) => {
  beforeAll(() => result(...words(name)));

  it('stopped and resumed makes the lines and the parameters of the uninterrupted run', async () => {
    const out = `${name}-stopped`;
    expect(await torsor(words(out), { stopAfter: 1 })).toMatchObject(E.left({ exit: 'interrupted' }));
    await result(...words(out), '--resume');
    expect(await metricsOf(join(dir, out))).toEqual(withSaves(await metricsOf(join(dir, name)), [2]));
    expect(await params(out)).toEqual(await params(name));
  });

  it('is evaluated from its checkpoint with the numbers that the run ended with', async () => {
    const evaluated = await result('eval', join(dir, name), '--backend', 'wasm', '--data', data);
    const last = lastEvaluation(await metricsOf(join(dir, name)));
    expect(evaluated['losses']).toMatchObject({ live: last['eval/loss'], ema: last['eval/loss_ema'] });
  });
});

describe('π0-FAST', () => {
  it('measures tokens beside action errors, and keeps its action tokenizer', async () => {
    const lines = await metricsOf(join(dir, 'pi0-fast-tiny'));
    const last = lastEvaluation(lines);
    expect(Object.keys(last)).toEqual(
      expect.arrayContaining([
        'eval/loss',
        'eval/action_mae',
        'eval/token_accuracy',
        'eval/decode_failure_rate',
        'eval/tokens_per_chunk',
      ]),
    );
    expect(lines.some((line) => 'loss_real_dims' in line)).toBe(false);
    expect((await readdir(join(dir, 'pi0-fast-tiny', 'fast'))).toSorted()).toEqual(
      expect.arrayContaining(['processor_config.json', 'tokenizer.json']),
    );
  });

  it('says how many chunks were no actions, and then compares with no baseline', async () => {
    const ended = await torsor(['eval', join(dir, 'pi0-fast-tiny'), '--backend', 'wasm', '--data', data]);
    const text = E.isRight(ended) && ended.right._tag === 'Result' ? ended.right.text : '';
    expect(text).toMatch(/decoding: \d+ of \d+ chunks are NO actions/);
    expect(text).toMatch(/no comparison with the baselines/);
    const report = await readFile(join(dir, 'pi0-fast-tiny', 'report.html'), 'utf8');
    expect(report).toMatch(/class="notice">decoding: \d+ of \d+ chunks are NO actions/);
  });

  it('refuses sequences that are too long, with the length that fits', async () => {
    const refused = await refusal(...fast('too-long'), '--set', 'model.maxTokenLen=20');
    expect(refused).toMatch(
      /^data: \d+ of \d+ windows have sequences longer than model.maxTokenLen = 20, the longest of/,
    );
    const [, fits] = /--set model.maxTokenLen=(\d+)/.exec(refused) ?? [];
    await result(...fast('fits'), '--set', `model.maxTokenLen=${fits}`, '--steps', '1');
  });

  it('trains with a tokenizer that was fitted before', async () => {
    const folder = join(dir, 'fitted');
    const words = fast('unused').slice(2);
    const settings = words.filter((_, i) => words[i] === '--set' || words[i - 1] === '--set');
    const fitted = await result('fit-fast', 'pi0-fast-tiny', '--data', data, '--output', folder, ...settings);
    expect(fitted).toMatchObject({ output: folder, train: { refused: 0 } });
    expect(await refusal(...fast('with-fitted'), '--set', `model.fast.path=${folder}`)).toMatch(
      /^usage: model.fast.vocabSize is ignored \(--set model.fast.vocabSize=300\)/u,
    );
    const isVocabulary = (word: string | undefined): boolean => word === 'model.fast.vocabSize=300';
    const rest = fast('with-fitted').filter((word, i, all) => !isVocabulary(word) && !isVocabulary(all[i + 1]));
    await result(...rest, '--set', `model.fast.path=${folder}`);
    expect(await params('with-fitted')).toEqual(await params('pi0-fast-tiny'));
  });

  it('fits no tokenizer for a policy without action tokens', async () => {
    expect(await refusal('fit-fast', 'pi0-tiny')).toContain('usage: model.kind is pi0, which has no action tokens');
  });
});

const lora = ['model.paligemma.lora={"attn":{"rank":2,"alpha":2},"ffn":{"rank":2,"alpha":2}}', 'freezeForLora=true'];

const withLora = (out: string, ...more: readonly string[]): readonly string[] => [
  ...short('pi0-tiny', out),
  ...[...lora, 'emaDecay=null', ...more].flatMap((setting) => ['--set', setting]),
];

describe('LoRA', () => {
  it('keeps frozen parameters in bf16 where the backend has it, and refuses to where it has not', async () => {
    expect(await refusal(...withLora('bf16', 'frozenDtype=bf16'))).toContain('give --set frozenDtype=f32');
    await result(...withLora('f32'));
    const facts = await readFile(join(dir, 'f32', 'report.html'), 'utf8');
    expect(facts).toContain('LoRA as published, the rest of those experts frozen');
  });

  it('is refused where it is wider than the weight beside it', async () => {
    const wide = 'model.paligemma.lora={"attn":{"rank":9,"alpha":2}}';
    expect(await refusal(...short('pi0-tiny', 'too-wide'), '--set', wide)).toMatch(
      /^usage: model.paligemma.lora.attn.rank must be at most 8/,
    );
    expect(await refusal('plan', 'pi0-tiny', '--set', wide)).toContain(
      'model.paligemma.lora.attn.rank must be at most 8',
    );
  });

  it('is refused where no expert has it', async () => {
    const refused = await refusal(...short('pi0-tiny', 'none'), '--set', 'freezeForLora=true');
    expect(refused).toContain('freezeForLora: no expert has lora');
  });
});

describe('beginning from weights', () => {
  const from = (name: string): string => join(dir, name, 'checkpoints', '00000004');

  it('a run of no learning rate keeps them, and factors of LoRA begin anew', async () => {
    await result(...short('pi0-tiny', 'base'));
    const still = ['lrSchedule={"kind":"constant","lr":0}', `init={"from":${JSON.stringify(from('base'))}}`];
    await result(...short('pi0-tiny', 'kept'), ...still.flatMap((setting) => ['--set', setting]));
    expect(await params('kept')).toEqual(await params('base'));
    await result(...withLora('adapted', ...still));
  });

  it('names what is missing, what is too much, and what has another shape', async () => {
    const init = `init={"from":${JSON.stringify(from('base'))},"fresh":[]}`;
    expect(await refusal(...withLora('missing', init))).toMatch(
      /checkpoint: init.from .* lacks \d+ parameters .*lora_a/,
    );
    const wide = await refusal(...short('pi0-tiny', 'wide'), '--set', init, '--set', 'model.actionDim=16');
    expect(wide).toContain("action_in_proj/kernel is [32, 16], the model's is [16, 16]");
    const other = await refusal(...short('pi05-tiny', 'other'), '--set', init);
    expect(other).toMatch(/has \d+ tensors that the model has not/);
  });
});

describe('torsor inspect and convert', () => {
  it('tells what a checkpoint holds and where it comes from', async () => {
    const inspected = await torsor(['inspect', join(dir, 'pi05-tiny')]);
    const text = E.isRight(inspected) && inspected.right._tag === 'Result' ? inspected.right.text : '';
    expect(text).toContain('a checkpoint, pi05 by the names of torsor');
    expect(text).toContain('sha256');
  });

  it('refuses to give a policy without an image tower to a library that wants one, with the reason', async () => {
    const refused = await refusal('convert', join(dir, 'pi05-tiny'), join(dir, 'converted'), '--to', 'lerobot');
    expect(refused).toMatch(/^checkpoint: .*was trained without cameras and has no image tower/);
  });
});
