import {
  computeFastLoss,
  computeLoss,
  type FastObservation,
  type Pi0Batch,
  type Pi0Config,
  type Pi0FastConfig,
  so400m14,
} from '@torsor/models';
import {
  type Expr,
  evaluate,
  grad,
  hashProgram,
  type Program,
  program,
  reduceSum,
  type TensorType,
  type TensorValue,
  toFloat64,
} from '@torsor/tensor';
import type { Tree, TreeNode } from '@torsor/tree';
import { describe, expect, it } from 'vitest';
import { families, familyOf, type LossTerms, type Pictures, type PolicyModel } from '../../src/index.js';
import { right } from '../right.js';
import { expert, tiny, tinyModel } from '../tiny.js';
import { zerosBut } from '../zeros-but.js';

const none: Pictures = { features: {}, absent: [], size: [224, 224], augment: null };

type Inputs<A> = { readonly params: Tree<A>; readonly batch: TreeNode<A> };

const typesOf = (model: PolicyModel, b: number): Inputs<TensorType> => ({
  params: model.paramTypes,
  batch: model.batchTypes(none, b),
});

/** The program of the gradient of a loss: another configuration is another program. */
const gradientOf = (types: Inputs<TensorType>, loss: (inputs: Inputs<Expr>) => Expr): Program =>
  right(
    program(types, ({ params, batch }) => ({
      gradient: grad((p: Tree<Expr>) => reduceSum(loss({ params: p, batch })))(params),
    })),
  );

const hashOf = (model: PolicyModel): string =>
  hashProgram(gradientOf(typesOf(model, 2), ({ params, batch }) => model.loss(none, params, batch, 3).loss));

/** What openpi's configurations say at the size of `tiny`, written out. */
const shared: Pi0FastConfig = {
  actionDim: 3,
  actionHorizon: 2,
  maxTokenLen: 48,
  vocabSize: 140,
  paligemma: expert,
  cameras: [],
  imageSize: [224, 224],
  siglip: so400m14,
  paramDtype: 'f32',
  computeDtype: 'f32',
};

const flowConfig: Pi0Config = { ...shared, pi05: true, actionExpert: expert };

const expectedFlow = (config: Pi0Config, model: PolicyModel): string =>
  hashProgram(
    gradientOf(typesOf(model, 2), ({ params, batch }) => computeLoss(config, params, batch as unknown as Pi0Batch)),
  );

const expectedFast = (config: Pi0FastConfig, model: PolicyModel): string =>
  hashProgram(
    gradientOf(typesOf(model, 2), ({ params, batch }) => {
      const { observation } = batch as unknown as { readonly observation: FastObservation };
      return computeFastLoss(config, params, observation);
    }),
  );

describe('the loss that is trained is that of the model of the settings', () => {
  it('π0', () => {
    const model = families.pi0.modelOf(tiny.pi0(), 9);
    expect(hashOf(model)).toBe(expectedFlow({ ...flowConfig, pi05: false, maxTokenLen: 8 }, model));
  });

  it('π0.5', () => {
    const model = families.pi05.modelOf(tiny.pi05(), 9);
    expect(hashOf(model)).toBe(expectedFlow(flowConfig, model));
  });

  it('π0-FAST', () => {
    const model = families['pi0-fast'].modelOf(tiny['pi0-fast'](), 9);
    expect(hashOf(model)).toBe(expectedFast(shared, model));
  });

  it.each(['carry', 'dots', 'none'] as const)('keeping %s of each layer for the derivative', (remat) => {
    const pi05 = families.pi05.modelOf(tiny.pi05({ remat }), 9);
    expect(hashOf(pi05)).toBe(expectedFlow({ ...flowConfig, remat }, pi05));
    expect(hashOf(pi05)).not.toBe(
      hashOf(families.pi05.modelOf(tiny.pi05({ remat: remat === 'none' ? 'dots' : 'none' }), 9)),
    );
  });

  it('computing in bf16', () => {
    const model = families.pi05.modelOf(tiny.pi05({ computeDtype: 'bf16' }), 9);
    expect(hashOf(model)).toBe(expectedFlow({ ...flowConfig, computeDtype: 'bf16' }, model));
    expect(hashOf(model)).not.toBe(hashOf(families.pi05.modelOf(tiny.pi05(), 9)));
  });

  it("with factors, in openpi's form beside a table that is frozen in bf16", () => {
    const adapter = { rank: 2, alpha: 4, rslora: true };
    const given = { lora: 'openpi', paligemma: { ...expert, lora: { attn: adapter, ffn: adapter } } };
    const lora = { attn: adapter, ffn: adapter, form: 'openpi', frozenDtype: 'bf16' } as const;
    const paligemma = { ...expert, lora };
    const pi05 = families.pi05.modelOf(tiny.pi05({ ...given, actionExpert: given.paligemma }), 9, 'bf16');
    expect(hashOf(pi05)).toBe(expectedFlow({ ...flowConfig, paligemma, actionExpert: paligemma }, pi05));
    const pi0 = families.pi0.modelOf(tiny.pi0({ ...given, maxTokenLen: 48, actionExpert: given.paligemma }), 9, 'bf16');
    expect(hashOf(pi0)).toBe(expectedFlow({ ...flowConfig, pi05: false, paligemma, actionExpert: paligemma }, pi0));
    const fast = families['pi0-fast'].modelOf(tiny['pi0-fast'](given), 9, 'bf16');
    expect(hashOf(fast)).toBe(expectedFast({ ...shared, paligemma }, fast));
    expect(hashOf(fast)).not.toBe(hashOf(families['pi0-fast'].modelOf(tiny['pi0-fast'](given), 9)));
  });
});

const measure = (
  model: PolicyModel,
  terms: (inputs: Inputs<Expr>) => LossTerms,
  params: Tree<TensorValue>,
  batch: Parameters<PolicyModel['batchTensors']>[0],
  b: number,
): { readonly loss: readonly number[]; readonly measured: { readonly [metric: string]: readonly number[] } } => {
  const made = right(program(typesOf(model, b), (inputs) => terms(inputs)));
  // Trees of the structure of the types.
  const { loss, measured } = right(evaluate(made, { params, batch: right(model.batchTensors(batch, b)) } as never));
  const numbers = (value: TensorValue): readonly number[] => [...toFloat64(value)];
  const all = Object.entries(measured).map(([name, value]) => [name, numbers(value)]);
  return { loss: numbers(loss), measured: Object.fromEntries(all) };
};

const flowBatch = {
  state: new Float32Array(3),
  tokens: new Int32Array(8).fill(5),
  tokenMask: new Uint8Array(8).fill(1),
  tokenArMask: new Int32Array(8),
  tokenLossMask: new Uint8Array(8),
  truncated: [0],
  images: {},
  // Velocities ε − a: [1, 2, 4] and [0, 1, 1].
  actions: Float32Array.of(1, 0, -1, 2, 1, 0),
  noise: Float32Array.of(2, 2, 3, 2, 2, 1),
  time: Float32Array.of(0.5),
  actionIsPad: Uint8Array.of(0, 1),
};

describe('the losses of flow matching, where the velocity is constant', () => {
  // v = [1, 0, 1] at every time: errors [0, −2, −3] and [1, −1, 0].
  const velocity = { 'action_out_proj/bias': [1, 0, 1] };

  it.each(['pi0', 'pi05'] as const)('%s: of every action the mean square over its dimensions', (kind) => {
    const settings = tinyModel(kind, { maxTokenLen: 8 });
    const model = familyOf(settings).modelOf(settings, 140);
    const params = zerosBut(model.paramTypes, velocity);
    const given = ({ params: p, batch }: Inputs<Expr>) => model.loss(none, p, batch, 2);
    expect(measure(model, given, params, flowBatch, 1)).toEqual({
      loss: [expect.closeTo(13 / 3, 5), expect.closeTo(2 / 3, 5)],
      measured: { loss_real_dims: [2, 1] },
    });
    const heldOut = ({ params: p, batch }: Inputs<Expr>) => model.heldOutLoss(none, p, batch, 2);
    expect(measure(model, heldOut, params, flowBatch, 1)).toEqual({
      loss: [expect.closeTo(13 / 3, 5), expect.closeTo(2 / 3, 5)],
      measured: {},
    });
  });
});

describe('the losses of flow matching without padded steps', () => {
  const velocity = { 'action_out_proj/bias': [1, 0, 1] };

  it.each(['pi0', 'pi05'] as const)('%s: of every sample the mean over its real steps', (kind) => {
    const settings = tinyModel(kind, { maxTokenLen: 8, maskPadding: true });
    const model = familyOf(settings).modelOf(settings, 140);
    const params = zerosBut(model.paramTypes, velocity);
    const given = ({ params: p, batch }: Inputs<Expr>) => model.loss(none, p, batch, 2);
    const heldOut = ({ params: p, batch }: Inputs<Expr>) => model.heldOutLoss(none, p, batch, 2);
    const of = (actionIsPad: readonly number[]) => ({ ...flowBatch, actionIsPad: Uint8Array.from(actionIsPad) });
    expect(measure(model, given, params, of([0, 1]), 1)).toEqual({
      loss: [expect.closeTo(13 / 3, 5)],
      measured: { loss_real_dims: [2] },
    });
    expect(measure(model, given, params, of([0, 0]), 1)).toEqual({
      loss: [expect.closeTo((13 / 3 + 2 / 3) / 2, 5)],
      measured: { loss_real_dims: [1.5] },
    });
    expect(measure(model, heldOut, params, of([1, 0]), 1)).toEqual({ loss: [expect.closeTo(2 / 3, 5)], measured: {} });
  });
});

describe('the losses of tokens, where the next one is known', () => {
  const model = families['pi0-fast'].modelOf(tiny['pi0-fast']({ maxTokenLen: 5, vocabSize: 6 }), 6);
  const batch = {
    ...flowBatch,
    tokens: Int32Array.of(2, 3, 4, 3, 0),
    tokenMask: Uint8Array.of(1, 1, 1, 1, 0),
    tokenArMask: Int32Array.of(0, 1, 1, 1, 0),
    tokenLossMask: Uint8Array.of(0, 1, 1, 1, 0),
  };
  const heldOut = ({ params, batch: b }: Inputs<Expr>) => model.heldOutLoss(none, params, b, 3);
  const trained = ({ params, batch: b }: Inputs<Expr>) => model.loss(none, params, b, 3);

  it('where all are equally likely: ln of their number, and the first is taken', () => {
    const params = zerosBut(model.paramTypes, {});
    expect(measure(model, heldOut, params, batch, 1)).toEqual({
      loss: [expect.closeTo(Math.log(6), 5)],
      measured: { token_accuracy: [0] },
    });
    expect(measure(model, trained, params, batch, 1)).toEqual({ loss: [expect.closeTo(Math.log(6), 5)], measured: {} });
  });

  it('where two of three are the most likely ones: an accuracy of two thirds', () => {
    // Row k is 10^k (e_k + e_(k + 1)) from k = 2 on: the row that fits it best is the next.
    const table = Array.from({ length: 6 * 8 }, (_, i) => {
      const [k, at] = [Math.floor(i / 8), i % 8];
      return k >= 2 && (at === k || at === k + 1) ? 10 ** (k - 2) : 0;
    });
    const params = zerosBut(model.paramTypes, { 'PaliGemma/llm/embedder/input_embedding': table });
    const { loss, measured } = measure(model, heldOut, params, batch, 1);
    expect(measured).toEqual({ token_accuracy: [expect.closeTo(2 / 3, 5)] });
    expect(loss[0]).toBeGreaterThan(1);
  });
});
