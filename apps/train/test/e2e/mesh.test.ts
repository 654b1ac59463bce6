import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Buffer, showBackendError } from '@torsor/backend';
import { openXla } from '@torsor/backend-xla';
import { readDataset, sampleDatasetPath } from '@torsor/data';
import { cacheDirectory } from '@torsor/install';
import { parseMesh } from '@torsor/sharding';
import { embeddedTokenizer } from '@torsor/tokenizer';
import { leaves } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { runPaths } from '../../src/run/layout.js';
import { evaluationRows } from '../../src/train/batches.js';
import { resumeState, saveState } from '../../src/train/checkpoints.js';
import { type Evaluation, heldOutScore, sampleHeldOut } from '../../src/train/evaluating.js';
import { firstHostState } from '../../src/train/host-state.js';
import { normalizationOf, type RunIdentity } from '../../src/train/identity.js';
import { learningRate } from '../../src/train/learning-rate.js';
import { type TrainState, trainLoop } from '../../src/train/loop.js';
import { initPolicy, type Policy, policyOf } from '../../src/train/policy.js';
import { actingParams, type PolicyState } from '../../src/train/programs.js';
import { firstState, openPolicy, openTraining, type TrainingPrograms } from '../../src/train/session.js';
import { sequencesOf, sourceOf } from '../../src/train/sources.js';
import { initKey } from '../../src/train/streams.js';
import { prepareData } from '../../src/train/training-data.js';
import { releaseTree } from '../../src/train/transfer.js';
import { updater } from '../../src/train/updating.js';
import { refusal } from './torsor.js';

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

// A dozen programs are compiled: without LLVM's optimisations that takes a third of the time. Read when the plugin is loaded.
process.env['XLA_FLAGS'] ??= '--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true';

// Nothing is kept between runs: what is compiled is what is tested.
const open = (mesh: string | null) =>
  openXla({
    env: process.env,
    cache: cacheDirectory(process.env),
    mesh: mesh === null ? null : right(parseMesh(mesh)),
    compileCache: null,
  })();

const four = await open('data=4');
const why = E.isLeft(four) ? ` (skipped: ${showBackendError(four.left)})` : '';

const configOf = (mesh: string | null, ...more: readonly string[]): TrainConfig => {
  const settings = [
    'model.actionHorizon=3',
    'data.heldOut=1',
    'batchSize=8',
    'numSamplingSteps=2',
    'logInterval=1',
    // All tensors of two axes: at openpi's size none of this model would be split.
    'fsdpMinBytes=0',
    ...(mesh === null ? [] : [`mesh=${mesh}`]),
    ...more,
  ];
  return right(resolveConfig({ base: { _tag: 'Preset', name: 'pi0-tiny' }, settings, flags: [] }));
};

const prepared = async () => {
  const dataset = right(await readDataset(sampleDatasetPath(), { withoutCameras: 'all', episodes: [0, 1, 2] })());
  const config = configOf(null);
  return {
    data: right(prepareData(dataset, config)),
    sequences: right(sequencesOf(config, right(embeddedTokenizer()), null)),
  };
};

type Prepared = Awaited<ReturnType<typeof prepared>>;

let given: Prepared;
let dir = '';
let out = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-mesh-'));
  out = join(dir, 'run');
  given = await prepared();
});

afterAll(() => rm(dir, { recursive: true }));

/** A run's programs on a mesh. */
type Run = {
  readonly programs: TrainingPrograms;
  readonly config: TrainConfig;
  readonly policy: Policy;
  readonly realDims: number;
};

const compiled = async (mesh: string | null, ...more: readonly string[]): Promise<Run> => {
  const { data, sequences } = given;
  const config = configOf(mesh, `out=${out}`, ...more);
  const policy = policyOf(config.model, sequences.tokenizer.vocabSize);
  const realDims = data.dataset.actionNames.length;
  const programs = right(await openTraining(right(await open(mesh)), config, policy, realDims)());
  return { programs, config, policy, realDims };
};

const runs = new Map<string | null, Run>();

/** Compiled once for each mesh. */
const runOn = async (mesh: string | null): Promise<Run> => {
  const run = runs.get(mesh) ?? (await compiled(mesh));
  runs.set(mesh, run);
  return run;
};

type State = TrainState<PolicyState<Buffer>>;

const begin = async ({ programs, config, policy }: Run): Promise<State> => ({
  device: right(await firstState(programs, config, initPolicy(policy, initKey(config.seed)))()),
  host: firstHostState,
});

const identityOf = ({ config }: Run): RunIdentity => ({
  config,
  normalization: normalizationOf(given.data.stats, config.data.normMode),
  dataset: { id: 'sample', splitHash: '-' },
  createdBy: 'test',
  fast: null,
});

type Measured = { readonly loss: number; readonly gradNorm: number };

/** Trains up to `steps` updates: what every one of them measured, and where it ended. */
const trained = async ({ programs, config }: Run, first: State, steps: number) => {
  const { data, sequences } = given;
  const measured: Measured[] = [];
  const { update } = updater({
    session: programs,
    source: sourceOf(data.train, data.stats, sequences.encode, config),
    config,
    schedule: right(learningRate(config.lrSchedule)),
    clock: () => 0,
    memory: () => 0,
  });
  const ended = await trainLoop(
    {
      clock: () => 0,
      interrupted: () => false,
      breathe: () => Promise.resolve(),
      report: () => undefined,
      record: (line) => {
        const { loss = Number.NaN, grad_norm: gradNorm = Number.NaN } = line;
        if ('loss' in line) measured.push({ loss, gradNorm });
        return E.right(undefined);
      },
      update,
      evaluate: (_, step) => TE.right({ step }),
      save: () => TE.right(undefined),
    },
    { ...config, steps },
    first,
  )();
  return { measured, end: right(ended) };
};

/*
 * On another number of devices the sums over a batch, a contracted axis or a gradient are added in another order, each addition
 * within 2⁻²⁴ of its size, and 20 updates carry the differences on: 3e-7 of the loss and 7e-7 of the gradient's norm at most where
 * this was written. The tolerance leaves room for other compilers. Another batch or another gradient is far from it: successive
 * losses differ by tenths.
 */
const tolerance = 1e-5;

const largestDifference = (a: readonly number[], b: readonly number[]): number => {
  expect(b).toHaveLength(a.length);
  return Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)) / Math.abs(x)));
};

const expectSame = (a: readonly Measured[], b: readonly Measured[]): void => {
  for (const name of ['loss', 'gradNorm'] as const) {
    const [ofA, ofB] = [a, b].map((all) => all.map((one) => one[name]));
    expect(largestDifference(ofA ?? [], ofB ?? []), name).toBeLessThan(tolerance);
  }
};

const release = async ({ programs: { backend } }: Run, { device }: State): Promise<void> => {
  right(await releaseTree(backend)(device)());
  expect(backend.memory().buffers).toBe(0);
};

const steps = 20;

/** A whole run. */
const whole = async (run: Run): Promise<readonly Measured[]> => {
  const { measured, end } = await trained(run, await begin(run), steps);
  await release(run, end);
  return measured;
};

/** What fresh parameters are worth on held-out samples, with the programs that evaluate. */
const evaluated = async (run: Run) => {
  const { programs, config, policy, realDims } = run;
  const { data, sequences } = given;
  const evaluation: Evaluation = {
    programs: right(await openPolicy(programs.backend, config, policy, realDims)()),
    source: sourceOf(data.heldOut, data.stats, sequences.encode, config),
    prompts: sourceOf(data.heldOut, data.stats, sequences.encode, config),
    tokenizers: null,
    model: config.model,
    rows: evaluationRows(data.heldOut.count, 12, config.batchSize),
  };
  const state = await begin(run);
  const params = actingParams(state.device);
  const { loss } = right(await heldOutScore(evaluation, params)());
  const { samples } = right(await sampleHeldOut(evaluation, params, 1)());
  await release(run, state);
  return { loss, samples: [...(samples[0] ?? [])] };
};

describe.skipIf(E.isLeft(four))(`one program, many devices${why}`, () => {
  let one: readonly Measured[] = [];

  beforeAll(async () => {
    one = await whole(await runOn(null));
    expect(one).toHaveLength(steps);
  }, 120_000);

  it.each(['data=2', 'data=4', 'fsdp=2', 'fsdp=4', 'tensor=2', 'data=2,fsdp=2'])(
    'a run on %s has the losses and the gradient norms of a run on one device',
    async (mesh) => expectSame(one, await whole(await runOn(mesh))),
    60_000,
  );

  it('so has one whose batches are computed in parts', async () => {
    expectSame(one, await whole(await compiled('data=2,fsdp=2', 'gradientAccumulation=2')));
  });

  it('over fsdp a device holds a part of every parameter, moment and average of two axes', async () => {
    for (const mesh of ['fsdp=4', 'data=2,fsdp=2']) {
      const run = await runOn(mesh);
      const state = await begin(run);
      for (const buffer of leaves<Buffer>(state.device)) {
        const matrix = buffer.type.shape.length >= 2;
        expect(JSON.stringify(Reflect.get(buffer, 'spec')).includes('fsdp'), buffer.type.shape.join()).toBe(matrix);
      }
      await release(run, state);
    }
  });

  it('a checkpoint of 4 devices goes on on 1 and on 2', async () => {
    const from = await runOn('data=2,fsdp=2');
    const { end, measured } = await trained(from, await begin(from), steps / 2);
    await mkdir(out);
    await writeFile(runPaths(out).metrics, '');
    right(await saveState(from.programs, identityOf(from))(end.device, end.host)());
    await release(from, end);
    for (const mesh of [null, 'fsdp=2']) {
      const to = await runOn(mesh);
      const { device, host } = right(await resumeState(to.programs, identityOf(to), to.programs.recipe.params)());
      const rest = await trained(to, { device, host }, steps);
      await release(to, rest.end);
      expectSame(one, [...measured, ...rest.measured]);
    }
  });

  it('a policy is evaluated and sampled as on one device', async () => {
    const [ofOne, many] = [await evaluated(await runOn(null)), await evaluated(await runOn('data=2,fsdp=2'))];
    expect(largestDifference([ofOne.loss], [many.loss])).toBeLessThan(tolerance);
    expect(many.samples).toHaveLength(ofOne.samples.length);
    for (const [i, value] of ofOne.samples.entries()) expect(many.samples[i]).toBeCloseTo(value, 4);
  });

  it('refuses a mesh of more devices than there are', async () => {
    expect(await open('data=64')).toMatchObject({
      left: { _tag: 'Unavailable', reason: expect.stringContaining('the mesh needs 64 devices, there are') },
    });
  });
});

describe('refused before anything runs', () => {
  const train = (...words: readonly string[]) => refusal('train', 'pi0-tiny', '--out', join(dir, 'refused'), ...words);

  it('a batch that the devices cannot share, with the sizes that fit', async () => {
    expect(await train('--mesh', 'data=4', '--set', 'batchSize=10')).toBe(
      'usage: batchSize: axis 0 of 10 cannot be split evenly over data=4: 8 or 12 fit',
    );
  });

  it('heads that the devices cannot share', async () => {
    expect(await train('--mesh', 'tensor=4')).toMatch(/^usage: .*attn.*cannot be split evenly over tensor=4: 4 fits$/);
  });

  it('a backend of one device', async () => {
    expect(await train('--mesh', 'data=2', '--backend', 'wasm')).toContain('several devices need --backend xla');
  });

  it('an update that needs more than a device has, with the flag that helps', async () => {
    expect(await train('--backend', 'reference', '--memory', '1MB')).toMatch(
      /^usage: an update needs .* on each device, which has 1.00 MB .*; with --mesh fsdp=2/,
    );
  });
});
