import { join } from 'node:path';
import { readWeights, toFloat32 } from '@torsor/checkpoint';
import { computeLoss, type Pi0Batch, type Pi0Config, withoutLora } from '@torsor/models';
import { foldIn, key, normal } from '@torsor/random';
import {
  type Expr,
  evaluate,
  fromFloat64,
  program,
  sizeOf,
  type TensorType,
  type TensorValue,
  tensorType,
  toFloat64,
} from '@torsor/tensor';
import { map, type Tree, unflatten } from '@torsor/tree';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gemmaOf } from '../../src/families/gemma.js';
import { sharedConfig } from '../../src/families/shared.js';
import { convertPolicy, type ModelSettings } from '../../src/index.js';
import { savePolicy } from '../acting/saved-policy.js';
import { right } from '../right.js';
import { runFolder } from '../saved-run.js';
import { expert, tinyModel } from '../tiny.js';

const { fresh } = runFolder();

const attn = { rank: 2, alpha: 3 };
const ffn = { rank: 3, alpha: 5, rslora: true };

const configOf = (settings: ModelSettings): Pi0Config => {
  if (settings.kind === 'pi0-fast') throw new Error('of a flow');
  return {
    ...sharedConfig(settings, 140, undefined),
    pi05: settings.kind === 'pi05',
    actionExpert: gemmaOf(settings.actionExpert, settings.lora, undefined),
    paramDtype: 'f64',
    computeDtype: 'f64',
  };
};

const base = (config: Pi0Config): Pi0Config => ({
  ...config,
  paligemma: withoutLora(config.paligemma),
  actionExpert: withoutLora(config.actionExpert),
});

const drawn = (types: Tree<TensorType>, seed: number): Tree<TensorValue> => {
  let count = 0;
  return map<TensorType, TensorValue>(types, (type) => {
    count += 1;
    const numbers = normal(foldIn(key(seed), count), sizeOf(type.shape));
    if (type.dtype === 'i32')
      return fromFloat64(
        type,
        numbers.map((x) => Math.abs(Math.trunc(9 * x))),
      );
    return fromFloat64(type, type.dtype === 'bool' ? numbers.map(() => 1) : numbers.map((x) => 0.4 * x));
  });
};

type Inputs<A> = { readonly params: Tree<A>; readonly batch: Pi0Batch<A> };

const lossOf = (config: Pi0Config, params: Tree<TensorValue>, batch: Tree<TensorValue>): Float64Array => {
  const wide = map<TensorValue, TensorValue>(params, ({ type, data }) =>
    fromFloat64(tensorType('f64', type.shape), Float64Array.from(data, Number)),
  );
  const inputs = { params: wide, batch };
  const types = map<TensorValue, TensorType>(inputs, ({ type }) => type);
  const made = right(
    program(types, (given) => {
      const { params: p, batch: b } = given as unknown as Inputs<Expr>;
      return { loss: computeLoss(config, p, b) };
    }),
  );
  const { loss } = right(evaluate(made, inputs)) as { readonly loss: TensorValue };
  return toFloat64(loss);
};

const batchTypes = ({ cameras, imageSize, actionDim, actionHorizon, maxTokenLen }: Pi0Config): Tree<TensorType> => ({
  observation: {
    images: Object.fromEntries(cameras.map((camera) => [camera, tensorType('f64', [1, ...imageSize, 3])])),
    imageMasks: Object.fromEntries(cameras.map((camera) => [camera, tensorType('bool', [1])])),
    state: tensorType('f64', [1, actionDim]),
    tokenizedPrompt: tensorType('i32', [1, maxTokenLen]),
    tokenizedPromptMask: tensorType('bool', [1, maxTokenLen]),
  },
  actions: tensorType('f64', [1, actionHorizon, actionDim]),
  noise: tensorType('f64', [1, actionHorizon, actionDim]),
  time: tensorType('f64', [1]),
});

const exportedParams = async (folder: string): Promise<Tree<TensorValue>> =>
  right(
    unflatten(
      [...right(await readWeights(folder)())].map(([path, tensor]) => ({
        path,
        leaf: fromFloat64(tensorType('f32', tensor.shape), Float64Array.from(right(toFloat32(tensor)))),
      })),
    ),
  );

describe('laws', () => {
  it('the policy that is exported computes what the adapted one does, in both forms, with heads together and apart', async () => {
    const cases = fc.record({
      kind: fc.constantFrom('pi0' as const, 'pi05' as const),
      lora: fc.constantFrom('textbook', 'openpi'),
      numKvHeads: fc.constantFrom(1, 2),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ kind, lora, numKvHeads, seed }) => {
        const run = await fresh();
        const sizes = { ...expert, numKvHeads };
        const model = {
          ...{ cameras: ['base_0_rgb'], imageSize: [32, 32], siglip: 'mu/16', lora },
          paligemma: { ...sizes, lora: { attn, ffn } },
          actionExpert: { ...sizes, width: 6, lora: { attn, ffn } },
        };
        let params: Tree<TensorValue> = {};
        const { path } = await savePolicy(run, kind, {
          model,
          params: (types) => {
            params = drawn(types, seed);
            return params;
          },
        });
        const folder = join(run, 'out');
        expect(
          right(await convertPolicy({ input: path, output: folder, to: 'openpi' })()).merged.length,
        ).toBeGreaterThan(6);
        const config = configOf(tinyModel(kind, model));
        const batch = drawn(batchTypes(config), seed + 1);
        const adapted = lossOf(config, params, batch);
        const merged = lossOf(base(config), await exportedParams(folder), batch);
        const scale = Math.max(1, ...adapted);
        // The sum of weight and product is rounded to float32, once.
        for (const [i, x] of merged.entries())
          expect(Math.abs(x - (adapted[i] ?? Number.NaN)) / scale).toBeLessThan(1e-6);
      }),
      { numRuns: 8 },
    );
  });
});
