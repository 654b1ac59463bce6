import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Backend, referenceBackend } from '@torsor/backend';
import { openTfjs } from '@torsor/backend-tfjs';
import {
  computeLoss,
  embedPrefix,
  embedSuffix,
  embedSuffixAt,
  type GemmaConfig,
  gemma,
  type ImageTokens,
  layoutOf,
  type Params,
  type Pi0Batch,
  type Pi0Config,
  paramsBelow,
  paramTypes,
  pi0Experts,
  predictFlow,
  sampleActions,
  type TokenBlock,
  velocityOf,
} from '@torsor/models';
import {
  convert,
  type Expr,
  type ExprTree,
  mean,
  program,
  reduceSum,
  showShapeError,
  type TensorValue,
  tensorValue,
  valueAndGrad,
} from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { goldenFiles } from '../../src/index.js';
import { xla, xlaMissing } from '../xla.js';
import { describeGolden, type Golden } from './describeGolden.js';
import { number, object, text } from './json.js';
import { orThrow, runOn } from './onBackend.js';
import { expectClose, expectGradient, numbersOf, type Stored, stored, treeOf, valueAt } from './tensors.js';

/*
 * Everything of π0 but the vision tower: the golden image tokens are put in its place, so that losses, gradients and
 * samples of the language part and the action part are compared exactly where openpi's are.
 */

const orFail = <L, A>(result: E.Either<L, A>, show: (error: L) => string): A => {
  if (E.isLeft(result)) throw new Error(show(result.left));
  return result.right;
};

const gemmaConfig = (value: unknown): GemmaConfig => {
  const c = object(value);
  return {
    width: number(c['width']),
    depth: number(c['depth']),
    mlpDim: number(c['mlp_dim']),
    numHeads: number(c['num_heads']),
    numKvHeads: number(c['num_kv_heads']),
    headDim: number(c['head_dim']),
  };
};

const pi0ConfigOf = (c: Readonly<Record<string, unknown>>): Pi0Config => ({
  actionDim: number(c['action_dim']),
  actionHorizon: number(c['action_horizon']),
  maxTokenLen: number(c['max_token_len']),
  vocabSize: number(c['vocab_size']),
  paligemma: gemmaConfig(c['paligemma']),
  actionExpert: gemmaConfig(c['action_expert']),
  paramDtype: 'f32',
  computeDtype: 'f32',
});

const isImageTower = (name: string): boolean => name.startsWith('PaliGemma/img/');

/** The part of the golden prefix that stands for one camera. */
const imageTokens = (prefix: TensorValue, camera: number, tokens: number): TensorValue => {
  const [b = 0, p = 0, d = 0] = prefix.type.shape;
  const data = new Float32Array(b * tokens * d);
  for (let i = 0; i < b; i++) {
    const start = (i * p + camera * tokens) * d;
    data.set(Float32Array.from(prefix.data.subarray(start, start + tokens * d)), i * tokens * d);
  }
  return orFail(tensorValue('f32', [b, tokens, d], data), ({ reason }) => reason);
};

interface Files {
  readonly config: Readonly<Record<string, unknown>>;
  readonly params: Stored;
  readonly inputs: Stored;
  readonly outputs: Stored;
  readonly grads: Stored;
}

const filesOf = (golden: Golden, group: string): Files => ({
  config: object(golden.json(`${group}/config.json`)),
  params: golden.tensors(`${group}/params.safetensors`),
  inputs: golden.tensors(`${group}/inputs.safetensors`),
  outputs: golden.tensors(`${group}/outputs.safetensors`),
  grads: golden.tensors(`${group}/grads.safetensors`),
});

type Inputs<A> = {
  readonly params: Tree<A>;
  readonly batch: Pi0Batch<A>;
  readonly images: { readonly [camera: string]: { readonly tokens: A; readonly mask: A } };
  readonly sampleNoise: A;
  readonly timeEmbedding: A;
};

const inputsOf = ({ config, params, inputs, outputs }: Files): Inputs<TensorValue> => {
  const cameras = Array.isArray(config['cameras']) ? config['cameras'].map(text) : [];
  const prefix = valueAt(outputs, 'prefix_emb');
  const perCamera = ((prefix.type.shape[1] ?? 0) - number(config['max_token_len'])) / cameras.length;
  return {
    params: treeOf(params, (name) => !isImageTower(name)),
    batch: {
      observation: {
        state: valueAt(inputs, 'state'),
        tokenizedPrompt: valueAt(inputs, 'tokenized_prompt'),
        tokenizedPromptMask: valueAt(inputs, 'tokenized_prompt_mask'),
      },
      actions: valueAt(inputs, 'actions'),
      noise: valueAt(inputs, 'noise'),
      time: valueAt(inputs, 'time'),
    },
    // Programs order records by key; the camera's place keeps openpi's order.
    images: Object.fromEntries(
      cameras.map((camera, i) => [
        String(i),
        { tokens: imageTokens(prefix, i, perCamera), mask: valueAt(inputs, `image_mask/${camera}`) },
      ]),
    ),
    sampleNoise: valueAt(inputs, 'sample_noise'),
    timeEmbedding: valueAt(outputs, 'time_emb'),
  };
};

const imagesOf = ({ images }: Inputs<Expr>): readonly ImageTokens[] =>
  Object.keys(images)
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((i) => images[String(i)] ?? []);

type Results = ReadonlyMap<string, TensorValue>;

/** Runs a program of the golden inputs. */
type Run = (files: Files, build: (inputs: Inputs<Expr>) => ExprTree) => Promise<Results>;

const runner =
  (open: () => Promise<Backend>): Run =>
  async (files, build) => {
    const given = inputsOf(files);
    const types = map<TensorValue, TensorValue['type']>(given, ({ type }) => type);
    // The tree of types has the structure of the values', so the expressions have it too.
    const built = program(types, (inputs) => build(inputs as unknown as Inputs<Expr>));
    return runOn(await open(), orFail(built, showShapeError), given);
  };

const at = (results: Results, name: string): TensorValue => {
  const value = results.get(name);
  if (value === undefined) throw new Error(`no result ${name}`);
  return value;
};

const pass = (config: Pi0Config, params: Params, blocks: readonly [TokenBlock, TokenBlock]) =>
  gemma(
    paramsBelow(params, 'PaliGemma/llm'),
    pi0Experts(config),
    { tokens: blocks.map(({ tokens }) => tokens), ...layoutOf(blocks) },
    config.computeDtype,
  );

const intermediates = (config: Pi0Config, inputs: Inputs<Expr>): Record<string, Expr> => {
  const { params, batch } = inputs;
  const flow = predictFlow(config, params, batch, imagesOf(inputs));
  const prefix = embedPrefix(config, params, batch.observation, imagesOf(inputs));
  const suffix = embedSuffix(config, params, batch.observation.state, flow.x_t, batch.time);
  const { outputs, cache } = pass(config, params, [prefix, suffix]);
  const [prefixOut = prefix.tokens, suffixOut = suffix.tokens] = outputs;
  const layout = layoutOf([prefix, suffix]);
  const exact = embedSuffixAt(config, params, batch.observation.state, flow.x_t, inputs.timeEmbedding);
  return {
    ...flow,
    loss_per_bh: computeLoss(config, params, batch, imagesOf(inputs)),
    prefix_emb: prefix.tokens,
    prefix_mask: prefix.mask,
    suffix_emb: suffix.tokens,
    suffix_mask: suffix.mask,
    positions: layout.positions,
    attn_mask_row_sums: reduceSum(convert(layout.mask, 'i32'), [-1]),
    prefix_out: prefixOut,
    suffix_out: suffixOut,
    keys: cache.keys,
    values: cache.values,
    v_t_given_time: velocityOf(params, pass(config, params, [prefix, exact]), flow.x_t),
  };
};

/** Whether an element of `[b, s, …]` belongs to a token that `mask` calls valid. */
const ofValidTokens = (mask: readonly number[], elements: number): ((i: number) => boolean) => {
  const perToken = elements / mask.length;
  return (i) => mask[Math.floor(i / perToken)] === 1;
};

const testCache = (results: Results, outputs: Stored, valid: readonly number[]): void => {
  for (const [name, expected] of outputs) {
    const [, kind, layer] = /^kv_([kv])_layer(\d+)$/.exec(name) ?? [];
    if (kind === undefined || layer === undefined) continue;
    const all = at(results, kind === 'k' ? 'keys' : 'values');
    const size = expected.shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from(all.data.subarray(Number(layer) * size, (Number(layer) + 1) * size));
    const actual = orFail(tensorValue('f32', expected.shape, data), ({ reason }) => reason);
    expectClose(name, actual, expected, 1e-4, ofValidTokens(valid, size));
  }
};

const testForward = async (run: Run, files: Files): Promise<void> => {
  const config = pi0ConfigOf(files.config);
  const { outputs } = files;
  const results = await run(files, (inputs) => intermediates(config, inputs));
  for (const name of ['x_t', 'u_t', 'v_t', 'loss_per_bh', 'suffix_emb', 'suffix_out']) {
    expectClose(name, at(results, name), stored(outputs, name));
  }
  expectClose('prefix_emb', at(results, 'prefix_emb'), stored(outputs, 'prefix_emb'), 1e-6);
  expectClose('v_t given the golden time_emb', at(results, 'v_t_given_time'), stored(outputs, 'v_t'), 5e-6);
  for (const name of ['positions', 'prefix_mask', 'suffix_mask', 'attn_mask_row_sums']) {
    if (outputs.has(name)) expect(Array.from(at(results, name).data), name).toEqual(numbersOf(stored(outputs, name)));
  }
  const prefixOut = stored(outputs, 'prefix_out');
  const prefixMask = Array.from(at(results, 'prefix_mask').data);
  const elements = prefixOut.shape.reduce((a, b) => a * b, 1);
  expectClose('prefix_out', at(results, 'prefix_out'), prefixOut, 1e-4, ofValidTokens(prefixMask, elements));
  testCache(results, outputs, validTokens(results));
};

/** The masks of prefix and suffix, joined per sample. */
const validTokens = (results: Results): readonly number[] => {
  const [prefix, suffix] = [at(results, 'prefix_mask'), at(results, 'suffix_mask')];
  const [b = 0, p = 0] = prefix.type.shape;
  const [, s = 0] = suffix.type.shape;
  return Array.from({ length: b }, (_, i) => [
    ...prefix.data.subarray(i * p, (i + 1) * p),
    ...suffix.data.subarray(i * s, (i + 1) * s),
  ]).flat();
};

const testGradients = async (run: Run, files: Files): Promise<void> => {
  const config = pi0ConfigOf(files.config);
  const results = await run(files, (inputs) =>
    valueAndGrad((params: Params) => mean(computeLoss(config, params, inputs.batch, imagesOf(inputs))))(inputs.params),
  );
  const loss = number(files.config['loss']);
  expect(Math.abs((at(results, 'value').data[0] ?? Number.NaN) - loss)).toBeLessThanOrEqual(2e-5 * loss);
  for (const [name, expected] of files.grads) {
    if (!isImageTower(name)) expectGradient(name, at(results, `grads/${name}`), expected);
  }
};

const testSampling = async (run: Run, files: Files): Promise<void> => {
  const config = pi0ConfigOf(files.config);
  const [numSteps = 10] = files.outputs.get('sample_t')?.shape ?? [];
  const results = await run(files, (inputs) => ({
    sample: sampleActions(
      config,
      inputs.params,
      inputs.batch.observation,
      inputs.sampleNoise,
      numSteps,
      imagesOf(inputs),
    ),
  }));
  expectClose('sample_actions', at(results, 'sample'), stored(files.outputs, 'sample_actions'));
};

const testParameters = (files: Files): void => {
  const expected = [...files.params].filter(([name]) => !isImageTower(name)).map(([name, { shape }]) => [name, shape]);
  const found = flatten(paramTypes(pi0ConfigOf(files.config))).map(({ path, leaf }) => [path, leaf.shape]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
};

const groups = (): readonly string[] => {
  const { directory } = goldenFiles();
  const cases = ['gqa', 'more/gqa'].flatMap((group) =>
    existsSync(join(directory, group)) ? readdirSync(join(directory, group)).map((name) => `${group}/${name}`) : [],
  );
  return ['pi0', ...(cases.length > 0 ? cases : ['more/gqa'])];
};

/** Attention scores of all layers that the reference, which is slow, is tested with. */
const referenceLimit = 2e6;

const scores = ({ config, outputs }: Files): number => {
  const { depth, numHeads } = pi0ConfigOf(config).paligemma;
  const tokens = (stored(outputs, 'prefix_emb').shape[1] ?? 0) + (stored(outputs, 'suffix_emb').shape[1] ?? 0);
  return number(config['batch']) * depth * numHeads * tokens ** 2;
};

const missing = await xlaMissing();

const backends: Readonly<Record<string, { readonly limit: number; readonly open: () => Promise<Backend> }>> = {
  ...(missing === undefined ? { xla: { limit: Number.POSITIVE_INFINITY, open: () => orThrow(xla()) } } : {}),
  reference: { limit: referenceLimit, open: () => Promise.resolve(referenceBackend()) },
  'tfjs-wasm': {
    limit: Number.POSITIVE_INFINITY,
    open: () => orThrow(openTfjs('wasm', { env: process.env, project: process.cwd() })),
  },
};

const testBackends = (files: () => Files): void => {
  for (const [name, { limit, open }] of Object.entries(backends)) {
    const size = scores(files());
    if (size > limit) {
      it.skip(`${name}: ${size} attention scores are more than the ${limit} that this backend is tested with`, () => {});
      continue;
    }
    describe(name, () => {
      const run = runner(open);
      it('agrees in the forward pass', () => testForward(run, files()));
      it('agrees in the loss and every gradient', () => testGradients(run, files()));
      it('agrees in sampled actions', () => testSampling(run, files()));
    });
  }
};

if (missing !== undefined) it.skip(`xla is not set up here: ${missing}`, () => {});

for (const group of groups()) {
  describeGolden(`${group}: language and actions`, [`${group}/config.json`], (golden) => {
    const kind = text(object(golden.json(`${group}/config.json`))['kind']);
    if (kind !== 'pi0') {
      it.skip(`is of ${kind}, not of π0`, () => {});
      return;
    }
    const files = (): Files => filesOf(golden, group);
    it('has the parameters of openpi', () => testParameters(files()));
    testBackends(files);
  });
}
