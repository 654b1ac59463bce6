import { type Buffer, referenceBackend } from '@torsor/backend';
import { type NormStats, samplesOf } from '@torsor/data';
import { pi0Sequences, pi05Sequences, placementOn, putTree } from '@torsor/policy';
import { foldIn, key, normal } from '@torsor/random';
import { embeddedTokenizer } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { evaluationBatch, evaluationRows, sourceOf } from '../../src/batches/batches.js';
import { heldOutSource, sampleHeldOut } from '../../src/evaluation/held-out-windows.js';
import { evaluationLine, outcomeOf, type PolicyEvaluation } from '../../src/evaluation/outcome.js';
import { policyObjective } from '../../src/objective.js';
import { compileLoss } from '../../src/update/compile.js';
import type { LearnedState } from '../../src/update/program.js';
import { colours, recordedDataset } from '../recorded-dataset.js';
import { done, right } from '../right.js';
import { type Asked, scaleOf, scalePolicy } from '../scale-policy.js';

const seed = 11;
const plain = { mean: [0, 0], std: [1, 1], q01: null, q99: null };
const stats: NormStats = { state: plain, actions: plain };
const pictures = { features: {}, absent: [], size: [2, 2], augment: null } as const;

/** The three windows of a held-out episode, in batches of two: the second has one that counts. */
const opened = async (writesTokens = false) => {
  const backend = referenceBackend();
  const placement = placementOn(backend, 0);
  const asked: Asked = { options: [], requests: [] };
  const model = scalePolicy(asked, { writesTokens, backend });
  const objective = policyObjective(model, { pictures, realDims: 2, batchSize: 2 });
  const text = right(embeddedTokenizer());
  const source = sourceOf(
    right(samplesOf(recordedDataset([4, 3, 5]), [1])),
    stats,
    pi0Sequences(text, { maxTokenLen: 48 }),
    pictures,
    colours,
    model.sizes,
    { data: { normMode: 'mean_std', deltaActionMask: null, adaptToPi: false }, seed },
  );
  const evaluation: PolicyEvaluation = {
    programs: await done(compileLoss(placement, { params: model.paramTypes }, objective)),
    sample: await done(model.sampler({} as never)),
    source,
    prompts: { ...source, encode: pi05Sequences(text, { maxTokenLen: 48 }) },
    model,
    batchSize: 2,
    rows: evaluationRows(3, null, 2),
    meanChunk: [1, 1, 1, 1],
    units: null,
  };
  const stateOf = async (w: number, average: number | null): Promise<LearnedState<Buffer>> => {
    const put = putTree(placement);
    const ema = average === null ? {} : await done(put(scaleOf(average)));
    return { params: await done(put(scaleOf(w))), optimizer: {}, ema };
  };
  return { backend, evaluation, asked, stateOf };
};

/** The actions of the windows, padded to the width of the model: (t + 1, 2 − t, 0), the last of the episode again at its end. */
const windows = [
  [1, 2, 0, 2, 1, 0],
  [2, 1, 0, 3, 0, 0],
  [3, 0, 0, 3, 0, 0],
];

/** The mean of |w · noise − actions|, the noise of each window drawn from its own key: stream 3 of the seed. */
const lossByHand = (w: number): number => {
  const losses = windows.flatMap((actions, sample) => {
    const noise = normal(foldIn(foldIn(foldIn(key(seed), 3), sample), 0), 6);
    return actions.map((action, i) => Math.abs(w * (noise[i] ?? Number.NaN) - action));
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
};

// Normalizing divides by 1 + 1e-6, as openpi does.
const near = (value: number): number => expect.closeTo(value, 4);

describe('evaluationLine', () => {
  it('of a state with averages: losses of both, and everything else of the averages', async () => {
    const { evaluation, stateOf } = await opened();
    // All actions are 3: off by 2, 1, 1, 0, 0 of the shoulder and 1, 2, 2, 3, 3 of the elbow at the steps that are no padding.
    expect(await done(evaluationLine(evaluation)(await stateOf(1, 3), 7))).toEqual({
      step: 7,
      'eval/loss': near(lossByHand(1)),
      'eval/loss_ema': near(lossByHand(3)),
      'eval/token_accuracy': near(6),
      'eval/action_mae': near(1.5),
      'eval/action_rmse': near(Math.sqrt(3.3)),
      'eval/action_mae/shoulder': near(0.8),
      'eval/action_mae/elbow': near(2.2),
    });
  });

  it('of a state without averages, and how decoding went where tokens are written', async () => {
    const { evaluation, stateOf } = await opened(true);
    // Decoded for the windows: 2 and 3 tokens, the second without an end, and 2.
    expect(await done(evaluationLine(evaluation)(await stateOf(1, null), 9))).toEqual({
      step: 9,
      'eval/loss': near(lossByHand(1)),
      'eval/token_accuracy': near(2),
      'eval/action_mae': near(0.9),
      'eval/action_rmse': near(Math.sqrt(1.3)),
      'eval/action_mae/shoulder': near(1.2),
      'eval/action_mae/elbow': near(0.6),
      'eval/decode_failure_rate': near(1 / 3),
      'eval/tokens_per_chunk': near(7 / 3),
    });
  });

  it('leaves nothing on the device', async () => {
    const { backend, evaluation, stateOf } = await opened();
    const state = await stateOf(1, 3);
    const before = backend.memory().buffers;
    await done(evaluationLine(evaluation)(state, 1));
    expect(backend.memory().buffers).toBe(before);
  });

  it('is refused where predictions have another size than what was recorded', async () => {
    const { evaluation, stateOf } = await opened();
    // Two numbers for the batch of two windows, and one for that of which one counts.
    const sample: PolicyEvaluation['sample'] = () => TE.right({ actions: new Float32Array(2), decoded: null });
    expect(await evaluationLine({ ...evaluation, sample })(await stateOf(1, null), 1)()).toEqual(
      E.left({
        _tag: 'Evaluation',
        error: { _tag: 'WrongLength', what: 'predicted actions', expected: 12, actual: 3 },
      }),
    );
  });
});

describe('outcomeOf', () => {
  it('is of the averages, scores the mean of the draws and one of them, and the baselines', async () => {
    const { evaluation, stateOf } = await opened();
    const { losses, methods, sampled } = await done(outcomeOf(evaluation, await stateOf(1, 3), 2));
    expect(losses).toEqual({
      live: { loss: near(lossByHand(1)), token_accuracy: near(2) },
      ema: { loss: near(lossByHand(3)), token_accuracy: near(6) },
    });
    expect(methods.map(({ baseline }) => baseline)).toEqual([false, false, true, true]);
    expect(methods.map(({ name, errors }) => [name, errors.mae])).toEqual([
      ['mean of 2', near(1.5)],
      ['1 sample', near(1.5)],
      // Held: (0, 10), (1, 11), (2, 12). Off by 1, 2, 1, 2, 1 and 8, 9, 10, 11, 12.
      ['hold last state', near((7 + 50) / 10)],
      // Off by 0, 1, 1, 2, 2 and 1, 0, 0, 1, 1.
      ['mean chunk', near(0.9)],
    ]);
    expect(sampled.samples).toEqual([new Float32Array(12).fill(3), new Float32Array(12).fill(3)]);
  });

  it('has no baseline of the training windows where there are none', async () => {
    const { evaluation, stateOf } = await opened();
    const { methods } = await done(outcomeOf({ ...evaluation, meanChunk: null }, await stateOf(1, null), 1));
    expect(methods.map(({ name }) => name)).toEqual(['1 sample', 'hold last state']);
  });
});

describe('sampleHeldOut', () => {
  it('asks for every window and draw by its own key, from the prompts and the recorded state', async () => {
    const { evaluation, asked, stateOf } = await opened(true);
    const { recorded, decoded } = await done(sampleHeldOut(evaluation, (await stateOf(1, null)).params, 2));
    const keyOf = (sample: number, draw: number) => foldIn(foldIn(foldIn(key(seed), 4), sample), draw);
    expect(asked.requests.map(({ draw, keys }) => ({ draw, keys }))).toEqual([
      { draw: 0, keys: [keyOf(0, 0), keyOf(1, 0)] },
      { draw: 1, keys: [keyOf(0, 1), keyOf(1, 1)] },
      { draw: 0, keys: [keyOf(2, 0), keyOf(2, 0)] },
      { draw: 1, keys: [keyOf(2, 1), keyOf(2, 1)] },
    ]);
    expect(asked.requests.map(({ start }) => Array.from(start.state))).toEqual([
      [0, 10, 1, 11],
      [0, 10, 1, 11],
      [2, 12, 2, 12],
      [2, 12, 2, 12],
    ]);
    const [first] = evaluation.rows;
    const tokensOf = async (source: PolicyEvaluation['source']) =>
      (await done(evaluationBatch(source, first ?? { indices: [], real: 0 }))).inputs.tokens;
    expect(asked.requests[0]?.prompts.tokens).toEqual(await tokensOf(evaluation.prompts));
    expect(asked.requests[0]?.prompts.tokens).not.toEqual(await tokensOf(evaluation.source));
    expect([recorded.size, [...recorded.frameIndex]]).toEqual([3, [0, 1, 2]]);
    expect(decoded).toEqual([
      { tokens: 2, failure: null },
      { tokens: 3, failure: 'no end' },
      { tokens: 2, failure: null },
    ]);
  });

  it('samples nothing where nothing is asked for', async () => {
    const { evaluation, stateOf } = await opened(true);
    const { samples, decoded } = await done(sampleHeldOut(evaluation, (await stateOf(1, null)).params, 0));
    expect([samples, decoded]).toEqual([[], null]);
  });

  it('decodes nothing for a policy that writes no tokens', async () => {
    const { evaluation, stateOf } = await opened();
    expect((await done(sampleHeldOut(evaluation, (await stateOf(1, null)).params, 1))).decoded).toBeNull();
  });

  it('refuses windows that are not there', async () => {
    const { evaluation, stateOf } = await opened();
    const rows = [{ indices: [0, 3], real: 2 }];
    expect(await sampleHeldOut({ ...evaluation, rows }, (await stateOf(1, null)).params, 1)()).toEqual(
      E.left({ _tag: 'Data', error: { _tag: 'SampleOutOfRange', index: 3, samples: 3 } }),
    );
  });
});

describe('heldOutSource', () => {
  it('makes the batches of the rows, of which the real ones count', async () => {
    const { evaluation } = await opened();
    const batches = await Promise.all(heldOutSource(evaluation).map((make) => done(make())));
    expect(batches.map(({ real }) => real)).toEqual([2, 1]);
    const actionsOf = (at: number): readonly number[] => Array.from(Object(batches[at]?.inputs)['actions'].data);
    for (const [i, action] of actionsOf(1).entries())
      expect(action).toBeCloseTo([...(windows[2] ?? [])][i % 6] ?? 9, 5);
    for (const [i, action] of actionsOf(0).entries()) expect(action).toBeCloseTo(windows.flat()[i] ?? 9, 5);
  });

  it('calls arrays of other sizes than the model says a defect', async () => {
    const { evaluation } = await opened();
    const [make] = heldOutSource({ ...evaluation, batchSize: 3 });
    expect(await make?.()()).toMatchObject({ left: { _tag: 'Defect', reason: expect.stringContaining('18') } });
  });
});
