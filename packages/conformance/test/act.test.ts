import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceBackend } from '@torsor/backend';
import { latestCheckpoint } from '@torsor/checkpoint';
import { pictureReader, readDataset, sampleDatasetPath } from '@torsor/data';
import { interval } from '@torsor/metrics';
import { actionTokensOf, openPolicy, type RobotObservation, sequencesOf } from '@torsor/policy';
import { foldIn, key } from '@torsor/random';
import { embeddedTokenizer } from '@torsor/tokenizer';
import {
  actingParams,
  beginRun,
  compileJudging,
  compileTraining,
  evaluationBatch,
  fitCodec,
  initKey,
  normalizationOf,
  type PolicyRun,
  policyEvaluation,
  policyModel,
  prepareData,
  saveState,
} from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyModel } from './tiny-policy.js';

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-act-'));
});

afterAll(() => rm(dir, { recursive: true }));

/** A policy of first parameters, saved, and what evaluation samples of it for two windows. */
const saved = async (kind: 'pi0' | 'pi05' | 'pi0-fast') => {
  const model = tinyModel(kind, {
    actionHorizon: 3,
    ...(kind === 'pi0-fast' ? { maxDecodingSteps: 8, maxTokenLen: 120, fast: { vocabSize: 300, scale: 4 } } : {}),
  });
  const data = {
    cameras: {},
    augment: false,
    jitter: 'full',
    normMode: 'quantile',
    deltaActionMask: [true, false, true],
    adaptToPi: false,
    heldOut: 1,
    units: null,
    tokenizer: null,
    maxTruncatedShare: 0,
  } as const;
  const settings = {
    model,
    data,
    seed: 7,
    batchSize: 2,
    optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
    emaDecay: 0.5,
    gradientAccumulation: 1,
    fsdpMinBytes: 0,
    numSamplingSteps: 2,
    evalWindows: 2,
    evalSamples: 1,
    freeze: [],
    freezeForLora: false,
    frozenDtype: 'f32',
  } as const;
  const dataset = right(await readDataset(sampleDatasetPath(), { withoutCameras: 'all', episodes: [0, 1] })());
  const prepared = right(prepareData(dataset, settings));
  const tokens = actionTokensOf(model);
  const codec = tokens === null ? null : right(fitCodec(settings, tokens, prepared));
  const sequences = right(sequencesOf(settings, right(embeddedTokenizer()), codec));
  const policy: PolicyRun = {
    backend: referenceBackend(),
    settings,
    model: right(policyModel(settings, sequences.tokenizer.vocabSize)),
    sequences,
    realDims: dataset.actionNames.length,
    stats: prepared.stats,
    read: pictureReader(0),
  };
  const programs = right(await compileTraining(policy)());
  const state = right(await beginRun({ programs }, policy.model.initParams(initKey(7)))());
  const identity = {
    config: JSON.parse(JSON.stringify(settings)),
    seed: 7,
    normalization: normalizationOf(prepared.stats, data.normMode),
    dataset: { id: 'sample', splitHash: '-' },
    createdBy: 'test',
    fast: codec?.files ?? null,
  };
  const out = join(dir, kind);
  const retention = { out, keepLast: 1, keepPeriod: null };
  right(await saveState(programs.placement, identity, retention, interval)(state.device, state.host)());
  const judging = right(await compileJudging(policy)());
  const evaluation = right(
    policyEvaluation(policy, judging, { ...prepared, heldOut: prepared.heldOut ?? expect.fail() }),
  );
  const rows = { indices: [1, 4], real: 2 };
  const { inputs, recorded } = right(await evaluationBatch(evaluation.prompts, rows)());
  const keys = [foldIn(key(3), 0), foldIn(key(3), 1)];
  const params = actingParams(state.device);
  const chunks = right(await judging.sample(params, { prompts: inputs, start: recorded, keys, draw: 0 })());
  const observations = [0, 1].map(
    (i): RobotObservation => ({
      state: recorded.state.slice(i * recorded.stateDim, (i + 1) * recorded.stateDim),
      prompt: recorded.prompts[i] ?? '',
      pictures: {},
    }),
  );
  return { path: right(await latestCheckpoint(out)()).path, chunks, observations, stateDim: recorded.stateDim };
};

describe.each(['pi0', 'pi05', 'pi0-fast'] as const)('a checkpoint of %s, opened to act', (kind) => {
  it('acts as evaluation samples from it, without the dataset; and refuses what is no observation by name', async () => {
    const { path, chunks, observations, stateDim } = await saved(kind);
    const backend = referenceBackend();
    const policy = right(await openPolicy({ backend, path })());
    expect(policy.stateDim).toBe(stateDim);
    const acted = right(await policy.act(observations, key(3))());
    const size = chunks.actions.length / 2;
    for (const [i, { actions, horizon, failure }] of acted.entries()) {
      expect(horizon).toBe(3);
      expect([...actions]).toEqual([...chunks.actions.slice(i * size, (i + 1) * size)]);
      expect(failure).toBe(chunks.decoded?.[i]?.failure ?? null);
    }
    const [first, second] = observations;
    if (first === undefined || second === undefined) throw new Error('two observations are meant');
    // One robot alone moves as it does beside others in its place.
    const alone = right(await policy.act([first], key(3))());
    const difference = alone[0]?.actions.map((x, i) => Math.abs(x - (acted[0]?.actions[i] ?? Number.NaN))) ?? [1];
    expect(Math.max(...difference)).toBeLessThan(1e-6);
    expect(right(await policy.act([], key(3))())).toEqual([]);
    const refused = async (more: Partial<RobotObservation>) => policy.act([first, { ...second, ...more }], key(3))();
    expect(await refused({ state: [1] })).toMatchObject({
      left: { _tag: 'BadObservation', robot: 1, field: 'state', expected: `${stateDim} numbers`, found: '1' },
    });
    expect(
      await refused({ state: second.state && Array.from(second.state, (x, i) => (i === 2 ? Number.NaN : x)) }),
    ).toMatchObject({
      left: { robot: 1, field: 'state[2]', found: 'NaN' },
    });
    expect(await refused({ pictures: { top: { height: 1, width: 1, data: new Uint8Array(3) } } })).toMatchObject({
      left: { robot: 1, field: 'pictures.top' },
    });
    right(await policy.close());
    expect(backend.memory().buffers).toBe(0);
  });
});
