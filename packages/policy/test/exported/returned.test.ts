import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { normalize, unnormalize } from '@torsor/data';
import { computeLoss, type Pi0Batch, type Pi0Config, sampleActions } from '@torsor/models';
import {
  evaluate,
  fromFloat64,
  program,
  type TensorType,
  type TensorValue,
  tensorType,
  toFloat64,
} from '@torsor/tensor';
import { map, type Tree, type TreeNode } from '@torsor/tree';
import { beforeAll, describe, expect, it } from 'vitest';
import { gemmaOf } from '../../src/families/gemma.js';
import { sharedConfig } from '../../src/families/shared.js';
import { statistics } from '../acting/saved-policy.js';
import { right } from '../right.js';
import { runFolder } from '../saved-run.js';
import { counted, type ExportedPolicy, exportPolicy, hashesOf, type PolicyName, policies } from './exports.js';

/** What a library computed of an export. */
type Returned = {
  readonly files: { readonly [name: string]: string };
  readonly loss?: readonly number[];
  readonly actions?: readonly number[];
};

/** What LeRobot and openpi returned; see the README of the fixtures. */
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));

type Normalized = {
  readonly normalized: { readonly state: readonly number[]; readonly action: readonly number[] };
  readonly unnormalized: readonly number[];
};

const lerobot = fixture('lerobot-0.6.1') as { readonly [P in PolicyName]: Returned & Normalized };

const openpi = fixture('openpi-15a9616') as {
  readonly [P in 'pi0' | 'pi05']: Returned & { readonly norm_stats: typeof statistics };
};

const names = ['pi0', 'pi05', 'pi0-fast'] as const;

const flows = ['pi0', 'pi05'] as const;

const { fresh } = runFolder();

const exports = new Map<PolicyName, ExportedPolicy>();

beforeAll(async () => {
  // Given a folder, the exports stay there, for LeRobot to be run on them.
  const below = process.env['TORSOR_EXPORTED'] ?? mkdtempSync(join(tmpdir(), 'torsor-exported-'));
  for (const name of names) exports.set(name, await exportPolicy(await fresh(), below, name));
});

const exported = (name: PolicyName): ExportedPolicy => {
  const found = exports.get(name);
  if (found === undefined) throw new Error(name);
  return found;
};

const configOf = (name: 'pi0' | 'pi05'): Pi0Config => {
  const { settings } = exported(name);
  if (settings.kind === 'pi0-fast') throw new Error(name);
  return {
    ...sharedConfig(settings, 140, undefined),
    pi05: name === 'pi05',
    actionExpert: gemmaOf(settings.actionExpert, settings.lora, undefined),
    paramDtype: 'f64',
    computeDtype: 'f64',
  };
};

const batchSize = 2;

const value = (type: TensorType, seed: number): TensorValue =>
  fromFloat64(
    type,
    counted(
      seed,
      type.shape.reduce((n, dim) => n * dim, 1),
    ),
  );

const batchOf = (config: Pi0Config): Pi0Batch<TensorValue> => {
  const { cameras, imageSize, actionDim: ad, actionHorizon: ah, maxTokenLen: l } = config;
  const bools = (present: boolean): TensorValue => fromFloat64(tensorType('bool', [batchSize]), [+present, +present]);
  const tokens = Array.from({ length: batchSize * l }, (_, i) => (i * 7 + 3) % 140);
  return {
    observation: {
      images: Object.fromEntries(
        cameras.map((camera, i) => [camera, value(tensorType('f64', [batchSize, ...imageSize, 3]), i)]),
      ),
      imageMasks: Object.fromEntries(cameras.map((camera, i) => [camera, bools(i !== 1)])),
      state: value(tensorType('f64', [batchSize, ad]), 11),
      tokenizedPrompt: fromFloat64(tensorType('i32', [batchSize, l]), tokens),
      tokenizedPromptMask: fromFloat64(
        tensorType('bool', [batchSize, l]),
        tokens.map((_, i) => +(i % l < l - 2)),
      ),
    },
    actions: value(tensorType('f64', [batchSize, ah, ad]), 12),
    noise: value(tensorType('f64', [batchSize, ah, ad]), 13),
    time: fromFloat64(tensorType('f64', [batchSize]), [0.25, 0.875]),
  };
};

type Inputs<A> = { readonly params: Tree<A>; readonly batch: Pi0Batch<A> };

/** The float64 meaning of the policy as it was saved: adapted, with its averages. */
const ours = (name: 'pi0' | 'pi05'): { readonly loss: readonly number[]; readonly actions: readonly number[] } => {
  const config = configOf(name);
  const inputs = {
    params: map<TensorValue, TensorValue>(exported(name).params, ({ type, data }) =>
      fromFloat64(tensorType('f64', type.shape), Float64Array.from(data, Number)),
    ),
    batch: batchOf(config),
  };
  const types = map<TensorValue, TensorType>(inputs as unknown as Tree<TensorValue>, ({ type }) => type);
  const made = right(
    program(types, (given) => {
      const { params, batch } = given as unknown as Inputs<
        Parameters<typeof computeLoss>[1] extends Tree<infer A> ? A : never
      >;
      return {
        loss: computeLoss(config, params, batch),
        actions: sampleActions(config, params, batch.observation, batch.noise, 4),
      };
    }),
  );
  const out = right(evaluate(made, inputs as unknown as TreeNode<TensorValue>)) as {
    readonly [n: string]: TensorValue;
  };
  const { loss, actions } = out;
  if (loss === undefined || actions === undefined) throw new Error(name);
  return { loss: [...toFloat64(loss)], actions: [...toFloat64(actions)] };
};

const expectClose = (actual: readonly number[], expected: readonly number[], bound: number): void => {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  for (const [i, x] of actual.entries()) expect(Math.abs(x - (expected[i] ?? Number.NaN)) / scale).toBeLessThan(bound);
};

/** Float32 there, float64 here. */
const rounding = 3e-6;

describe.each([
  ['LeRobot 0.6.1', 'lerobot', lerobot],
  ['openpi 15a9616 in PyTorch', 'openpi', openpi],
] as const)('%s', (_, library, returned) => {
  it.each(flows)('%s: was given these very files', async (name) => {
    expect(await hashesOf(exported(name).folders[library])).toEqual(returned[name].files);
  });

  it.each(flows)('%s: computed the losses and actions of the adapted policy with its averages', (name) => {
    const { loss, actions } = ours(name);
    expectClose(returned[name].loss ?? [], loss, rounding);
    expectClose(returned[name].actions ?? [], actions, rounding);
  });
});

describe('openpi', () => {
  it.each(flows)('%s: read the statistics', (name) => {
    expect(openpi[name].norm_stats).toEqual(statistics);
  });
});

describe('LeRobot', () => {
  it('π0-FAST: was given these very files', async () => {
    expect(await hashesOf(exported('pi0-fast').folders.lerobot)).toEqual(lerobot['pi0-fast'].files);
  });

  it.each(names)('%s: normalized states and actions, and undid it, as is done here', (name) => {
    const { normMode, deltaActionMask } = policies[name];
    const { normalized, unnormalized } = lerobot[name];
    const state = Float64Array.of(1.5, -3);
    const absolute = Float64Array.of(11, 15);
    const origin = absolute.map((_, i) => (deltaActionMask?.[i] === true ? (state[i] ?? 0) : 0));
    const action = absolute.map((x, i) => x - (origin[i] ?? 0));
    expectClose(normalized.state, [...right(normalize(statistics.state, normMode, 2)(state))], 1e-6);
    expectClose(normalized.action, [...right(normalize(statistics.actions, normMode, 2)(action))], 1e-6);
    const sampled = right(unnormalize(statistics.actions, normMode, 2)(Float64Array.of(0.25, -0.5)));
    expectClose(
      unnormalized,
      [...sampled].map((x, i) => x + (origin[i] ?? 0)),
      1e-6,
    );
  });
});
