import { type Pi0Batch, predictFlow } from '@torsor/models';
import { foldIn, key, normal, randint } from '@torsor/random';
import {
  abs,
  evaluate,
  fromFloat64,
  program,
  reduceMax,
  sizeOf,
  sub,
  type TensorType,
  type TensorValue,
  toFloat64,
} from '@torsor/tensor';
import { map, type Tree, type TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { picturesOf, withoutAbsent } from '../../src/train/pictures.js';
import { policyBatchTypes, policyOf, policyParamTypes } from '../../src/train/policy.js';
import { firstProgram, lossProgram, recipeOf, updateProgram } from '../../src/train/programs.js';
import { seen, withBlack } from '../../src/train/seeing.js';

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

const configOf = (preset: string, cameras: { readonly [camera: string]: string | null }): TrainConfig =>
  right(
    resolveConfig({
      base: { _tag: 'Preset', name: preset },
      settings: [
        'model.cameras=["a","b_wrist"]',
        'model.imageSize=[16,16]',
        'model.siglip=mu/16',
        'model.actionHorizon=2',
        'model.actionDim=3',
        'model.maxTokenLen=4',
        'batchSize=2',
        `data.cameras=${JSON.stringify(cameras)}`,
        'data.deltaActionMask=null',
      ],
      flags: [],
    }),
  );

const drawn = <T extends Tree<TensorType>>(types: T, seed: number): Tree<TensorValue> => {
  let i = 0;
  return map<TensorType, TensorValue>(types, (type, path) => {
    const k = foldIn(key(seed), i++);
    const n = sizeOf(type.shape);
    if (path.includes('images/')) return fromFloat64(type, randint(k, n, 0, 256));
    if (type.dtype === 'f32')
      return fromFloat64(
        type,
        [...normal(k, n)].map((x) => 0.2 * x),
      );
    return fromFloat64(type, randint(k, n, 0, 2));
  });
};

describe('an absent camera', () => {
  it.each(['pi0-tiny', 'pi05-tiny'])('changes nothing in %s: as openpi, which shows black behind a mask', (preset) => {
    const config = configOf(preset, { a: null, b_wrist: 'x' });
    const policy = policyOf(config.model, 7);
    if (policy.family === 'fast') throw new Error('a policy of flow matching is meant');
    const pictures = picturesOf(config);
    const types: { readonly params: Tree<TensorType>; readonly batch: TreeNode<TensorType> } = {
      params: policyParamTypes(policy),
      batch: policyBatchTypes(policy, pictures, 2),
    };
    const made = right(
      program(types, ({ params, batch }) => {
        // The types are those of a batch.
        const sent = batch as unknown as Pi0Batch;
        const observation = seen(pictures, sent.observation);
        const left = predictFlow(withoutAbsent(policy.config, pictures), params, { ...sent, observation });
        const black = predictFlow(policy.config, params, { ...sent, observation: withBlack(pictures, observation) });
        return { off: reduceMax(abs(sub(left.v_t, black.v_t)), [0, 1, 2]), size: reduceMax(abs(black.v_t), [0, 1, 2]) };
      }),
    );
    // A tree of the structure of the types.
    const { off, size } = right(evaluate(made, drawn(types, 3) as never));
    expect(toFloat64(size)[0]).toBeGreaterThan(0.01);
    expect(Number(toFloat64(off)[0]) / Number(toFloat64(size)[0])).toBeLessThan(1e-6);
  });
});

describe('pictures', () => {
  const cameras = { a: 'x', b_wrist: 'y' };

  /** The paths of what varies pictures among the inputs of an update, and of a loss. */
  const varied = (preset: string, augment: boolean) => {
    const asked = configOf(preset, cameras);
    const config = { ...asked, data: { ...asked.data, augment } };
    const policy = policyOf(config.model, 300);
    const recipe = right(recipeOf(config, policy, 3, ['f32']));
    const { optimizer } = right(firstProgram(recipe)).signature.outputs;
    const pathsOf = (inputs: readonly { readonly path: string }[]): readonly string[] =>
      inputs.map(({ path }) => path).filter((path) => path.includes('/augmentation/'));
    return {
      update: pathsOf(right(updateProgram(recipe, policy, optimizer, 2)).inputs),
      loss: pathsOf(right(lossProgram(recipe, policy, 2)).inputs),
    };
  };

  it.each(['pi0-tiny', 'pi0-fast-tiny'])('are varied in the updates of %s, never where it is evaluated', (preset) => {
    const { update, loss } = varied(preset, true);
    expect(update.length).toBeGreaterThan(0);
    expect(loss).toEqual([]);
  });

  it('of a wrist are coloured, but neither cropped nor turned', () => {
    const { update } = varied('pi0-tiny', true);
    const geometry = update.filter((path) => path.includes('/geometry/'));
    expect(geometry.every((path) => path.includes('/geometry/a/'))).toBe(true);
    expect(geometry).toHaveLength(3);
    expect(update).toContain('batch/inputs/augmentation/jitter/b_wrist/hue');
  });

  it('are not varied where the configuration says so', () => {
    expect(varied('pi0-tiny', false).update).toEqual([]);
  });
});
