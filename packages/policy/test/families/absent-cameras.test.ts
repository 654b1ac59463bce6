import { type Buffer, referenceBackend } from '@torsor/backend';
import { foldIn, key, normal } from '@torsor/random';
import {
  type Expr,
  evaluate,
  fromFloat64,
  program,
  sizeOf,
  type TensorType,
  type TensorValue,
  toFloat64,
} from '@torsor/tensor';
import { map, type Tree, type TreeNode } from '@torsor/tree';
import { describe, expect, it } from 'vitest';
import { families, type LossTerms, type Pictures, type PolicyModel, putTree } from '../../src/index.js';
import { characters, tenths } from '../characters.js';
import { right } from '../right.js';
import { tiny } from '../tiny.js';

const vocabSize = 160;

const settings = { cameras: ['base', 'wrist'], imageSize: [16, 16], siglip: 'mu/16', maxTokenLen: 5, vocabSize };

const modelOf = (more: object): PolicyModel =>
  families['pi0-fast'].modelOf(tiny['pi0-fast']({ ...settings, maxDecodingSteps: 4, ...more }), vocabSize);

const size = 16 * 16 * 3;

const both: Pictures = { features: { base: 'b', wrist: 'w' }, absent: [], size: [16, 16], augment: null };
const oneAbsent: Pictures = { ...both, features: { base: 'b' }, absent: ['wrist'] };

const batch = (pictures: Pictures): Parameters<PolicyModel['batchTensors']>[0] => ({
  state: new Float32Array(3),
  tokens: Int32Array.of(2, 3, 4, 3, 0),
  tokenMask: Uint8Array.of(1, 1, 1, 1, 0),
  tokenArMask: Int32Array.of(0, 1, 1, 1, 0),
  tokenLossMask: Uint8Array.of(0, 1, 1, 1, 0),
  truncated: [0],
  actions: new Float32Array(6),
  noise: new Float32Array(6),
  time: new Float32Array(1),
  actionIsPad: new Uint8Array(2),
  images: {
    base: Uint8Array.from({ length: size }, (_, i) => (37 * i) % 256),
    ...('wrist' in pictures.features ? { wrist: new Uint8Array(size) } : {}),
  },
});

/** Parameters in which every camera has a say. */
const drawn = (types: Tree<TensorType>): Tree<TensorValue> => {
  let count = 0;
  return map<TensorType, TensorValue>(types, (type) => {
    count += 1;
    const numbers = normal(foldIn(key(5), count), sizeOf(type.shape));
    return fromFloat64(
      type,
      numbers.map((x) => 0.3 * x),
    );
  });
};

type Terms = (pictures: Pictures, params: Tree<Expr>, given: TreeNode<Expr>, realDims: number) => LossTerms;

const lossWith = (model: PolicyModel, loss: Terms, pictures: Pictures): number => {
  const types: { readonly params: Tree<TensorType>; readonly batch: TreeNode<TensorType> } = {
    params: model.paramTypes,
    batch: model.batchTypes(pictures, 1),
  };
  const made = right(program(types, (given) => ({ loss: loss(pictures, given.params, given.batch, 3).loss })));
  const given = { params: drawn(model.paramTypes), batch: right(model.batchTensors(batch(pictures), 1)) };
  return toFloat64(right(evaluate(made, given as never)).loss)[0] ?? Number.NaN;
};

const tokensWith = async (model: PolicyModel, pictures: Pictures): Promise<readonly number[]> => {
  const placement = { backend: referenceBackend(), specOf: () => [] };
  const params = right(await putTree(placement)(drawn(model.paramTypes))()) as Tree<Buffer>;
  const decoded: (readonly number[])[] = [];
  const text = characters(vocabSize);
  const sampler = right(
    await model.sampler({
      placement,
      params: model.paramTypes,
      pictures,
      batchSize: 1,
      numSamplingSteps: 1,
      severalDraws: false,
      meaning: {
        space: {
          stats: { state: vector, actions: vector },
          normMode: 'mean_std',
          deltaActionMask: null,
          adaptToPi: false,
          actionDim: 3,
        },
        tokenizers: {
          text: {
            ...text,
            decode: (tokens) => {
              decoded.push(tokens);
              return text.decode(tokens);
            },
          },
          actions: tenths,
        },
      },
    })(),
  );
  const start = { state: new Float32Array(3), stateDim: 3, actionDim: 3, actionHorizon: 2 };
  right(await sampler(params, { prompts: batch(pictures), start, keys: [key(1)], draw: 0 })());
  return decoded.flat();
};

const vector = { mean: [0, 0, 0], std: [1, 1, 1], q01: null, q99: null };

const masked = modelOf({});
const black = modelOf({ absentCameras: 'black' });

describe('an absent camera of π0-FAST', () => {
  it.each(['loss', 'heldOutLoss'] as const)('in its %s is one that sees black, where the settings say so', (name) => {
    const there = lossWith(black, black[name], both);
    expect(lossWith(masked, masked[name], both)).toBe(there);
    expect(lossWith(black, black[name], oneAbsent)).toBeCloseTo(there, 6);
    expect(Math.abs(lossWith(masked, masked[name], oneAbsent) - there)).toBeGreaterThan(1e-3);
  });

  it('in what it writes too', async () => {
    const there = await tokensWith(black, both);
    expect(await tokensWith(black, oneAbsent)).toEqual(there);
    expect(await tokensWith(masked, oneAbsent)).not.toEqual(there);
  });
});
