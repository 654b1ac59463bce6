import { type Pi0Batch, pi0Config, pi05Config, predictFlow, siglipVariant, so400m14 } from '@torsor/models';
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
import { flowModel } from '../../src/families/flow.js';
import { observe, withBlack } from '../../src/inputs/observation.js';
import { picturesOf, withoutAbsent } from '../../src/inputs/pictures.js';

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

/** openpi's π0 and π0.5 at a size that is computed in a moment, with two cameras. */
const configs = { pi0: pi0Config, pi05: pi05Config } as const;

const sizes = {
  paligemma: { width: 16, depth: 2, mlpDim: 32, numHeads: 2, numKvHeads: 1, headDim: 8 },
  actionExpert: { width: 16, depth: 2, mlpDim: 32, numHeads: 2, numKvHeads: 1, headDim: 8 },
  cameras: ['a', 'b_wrist'],
  imageSize: [16, 16] as const,
  siglip: E.getOrElse(() => so400m14)(siglipVariant('mu/16')),
  actionHorizon: 2,
  actionDim: 3,
  maxTokenLen: 4,
  vocabSize: 7,
} as const;

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
  it.each(['pi0', 'pi05'] as const)('changes nothing in %s: as openpi, which shows black behind a mask', (kind) => {
    const config = { ...configs[kind], ...sizes };
    const model = flowModel(kind, config);
    const data = { cameras: { a: null, b_wrist: 'x' }, augment: false, jitter: 'full' } as const;
    const pictures = picturesOf({ model: config, data });
    const types: { readonly params: Tree<TensorType>; readonly batch: TreeNode<TensorType> } = {
      params: model.paramTypes,
      batch: model.batchTypes(pictures, 2),
    };
    const made = right(
      program(types, ({ params, batch }) => {
        // The types are those of a batch.
        const sent = batch as unknown as Pi0Batch;
        const observation = observe(pictures, sent.observation);
        const left = predictFlow(withoutAbsent(config, pictures), params, { ...sent, observation });
        const black = predictFlow(config, params, { ...sent, observation: withBlack(pictures, observation) });
        return { off: reduceMax(abs(sub(left.v_t, black.v_t)), [0, 1, 2]), size: reduceMax(abs(black.v_t), [0, 1, 2]) };
      }),
    );
    // A tree of the structure of the types.
    const { off, size } = right(evaluate(made, drawn(types, 3) as never));
    expect(toFloat64(size)[0]).toBeGreaterThan(0.01);
    expect(Number(toFloat64(off)[0]) / Number(toFloat64(size)[0])).toBeLessThan(1e-6);
  });
});
