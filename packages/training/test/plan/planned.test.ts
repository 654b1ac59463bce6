import type { Plan } from '@torsor/planning';
import { type ModelSettings, modelSchema } from '@torsor/policy';
import { showShardingError } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type PlanSettings, plannedUpdate, sharingMesh, showTrainingError } from '../../src/index.js';
import { right } from '../right.js';
import { tinyModel, tinySettings } from '../settings.js';

const tiny = (more: Partial<PlanSettings> = {}, model: object = {}): PlanSettings => ({
  ...tinySettings(tinyModel('pi0', model)),
  mesh: null,
  ...more,
});

const gemma = (width: number, mlpDim: number) => ({
  width,
  depth: 18,
  mlpDim,
  numHeads: 8,
  numKvHeads: 1,
  headDim: 256,
});

/** openpi's `Pi0Config()`. */
const pi0 = (more: Partial<PlanSettings> = {}, cameras = ['base_0_rgb']): PlanSettings => {
  const model: ModelSettings = modelSchema.parse({
    kind: 'pi0',
    vocabSize: 257_152,
    siglip: 'So400m/14',
    cameras,
    actionDim: 32,
    actionHorizon: 50,
    maxTokenLen: 48,
    paligemma: gemma(2048, 16_384),
    actionExpert: gemma(1024, 4096),
  });
  return { ...tinySettings(model), batchSize: 32, mesh: null, fsdpMinBytes: 4 * 2 ** 20, ...more };
};

const planned = (settings: PlanSettings): E.Either<string, Plan> =>
  E.mapLeft((error: Extract<ReturnType<typeof plannedUpdate>, { _tag: 'Left' }>['left']) =>
    error._tag === 'Sharding' ? showShardingError(error.error) : [showTrainingError(error.error)].flat().join(),
  )(plannedUpdate(settings, { vocabulary: 512, compute: 'f32' }));

const planOf = (settings: PlanSettings): Plan => {
  const plan = planned(settings);
  if (E.isLeft(plan)) throw new Error(plan.left);
  return plan.right;
};

const elements = (plan: Plan, group: string): number => plan.groups.find(({ name }) => name === group)?.elements ?? 0;

describe('plannedUpdate', () => {
  it('π0 has the parameters that its sizes say', () => {
    // Per layer: queries and outputs 2·8·d·256, keys and values 2·d·256, feed-forward 3·d·f, two norms 2·d.
    const layers = (d: number, f: number): number => 18 * (2 * 8 * d * 256 + 2 * d * 256 + 3 * d * f + 2 * d) + d;
    const projections = 3 * 32 * 1024 + 1024 + 32 + 1024 + (2048 + 1) * 1024 + (1024 + 1) * 1024;
    // So400m/14: patches and positions; per layer two norms, four projections and two dense layers with biases; the last norm and the head.
    const d = 1152;
    const layer = 2 * 2 * d + 4 * (d * d + d) + 2 * d * 4304 + 4304 + d;
    const tower = 14 * 14 * 3 * d + d + 256 * d + 27 * layer + 2 * d + d * 2048 + 2048;
    const language = 257_152 * 2048 + layers(2048, 16_384) + layers(1024, 4096);
    const plan = planOf(pi0());
    expect(elements(plan, 'params')).toBe(language + projections + tower);
    expect(elements(planOf(pi0({}, [])), 'params')).toBe(language + projections);
    expect(elements(plan, 'ema')).toBe(elements(plan, 'params'));
    expect(elements(plan, 'optimizer')).toBe(2 * elements(plan, 'params') + 1);
  });

  it('averages are there only when they are kept', () => {
    expect(elements(planOf(tiny({ emaDecay: null })), 'ema')).toBe(0);
  });

  it('fully sharded on eight devices, a device holds an eighth and a little', () => {
    const plan = planOf(pi0({ mesh: 'fsdp=8' }));
    for (const { name, bytes, bytesPerDevice } of plan.groups) {
      expect(bytesPerDevice / (bytes / 8), name).toBeGreaterThanOrEqual(1);
      expect(bytesPerDevice / (bytes / 8), name).toBeLessThan(1.01);
    }
    expect(plan.flopsPerDevice * 8).toBe(plan.flops);
  });

  it('a smaller least size shares more', () => {
    const bytes = (fsdpMinBytes: number): number =>
      planOf(tiny({ batchSize: 8, mesh: 'fsdp=2', fsdpMinBytes })).groups.reduce(
        (sum, of) => sum + of.bytesPerDevice,
        0,
      );
    expect(bytes(0)).toBeLessThan(0.6 * bytes(4 * 2 ** 20));
  });

  it('parts of the batch at a time need less beside the state', () => {
    const [whole, parts] = [planOf(tiny({ batchSize: 64 })), planOf(tiny({ batchSize: 64, gradientAccumulation: 8 }))];
    expect(parts.temporaryBytesPerDevice).toBeLessThan(whole.temporaryBytesPerDevice);
    expect(parts.groups).toEqual(whole.groups);
  });

  it('refuses what devices cannot share equally, with the sizes that fit', () => {
    expect(planned(tiny({ batchSize: 10, mesh: 'data=4' }))).toEqual(
      E.left('batchSize: axis 0 of 10 cannot be split evenly over data=4: 8 or 12 fit'),
    );
    expect(planned(tiny({ batchSize: 8, gradientAccumulation: 4, mesh: 'data=4' }))).toEqual(
      E.left('batchSize / gradientAccumulation: axis 0 of 2 cannot be split evenly over data=4: 4 fits'),
    );
    expect(planned(pi0({ mesh: 'tensor=3' }))).toEqual(
      E.left(expect.stringContaining('cannot be split evenly over tensor=3')),
    );
  });

  it('refuses a mesh that is none', () => {
    expect(planned(tiny({ mesh: 'model=2' }))).toEqual(E.left(expect.stringContaining("'model' is unknown")));
  });

  it('computes in what its place says, or else its settings', () => {
    const of = (compute: 'f32' | 'bf16' | null, computeDtype: 'f32' | 'bf16'): number =>
      right(plannedUpdate(tiny({}, { computeDtype }), { vocabulary: 512, compute })).temporaryBytesPerDevice;
    expect(of('bf16', 'f32')).toBe(of(null, 'bf16'));
    expect(of(null, 'f32')).toBe(of('f32', 'bf16'));
    expect(of(null, 'bf16')).toBeLessThan(of(null, 'f32'));
  });

  it('gives every camera pictures, but those that the settings say are absent', () => {
    const model = { cameras: ['base_0_rgb', 'wrist_rgb'], imageSize: [16, 16], siglip: 'mu/16' };
    const batchOf = (cameras: { readonly [camera: string]: string | null }): number => {
      const settings = tiny({}, model);
      return elements(planOf({ ...settings, data: { ...settings.data, cameras, augment: false } }), 'batch');
    };
    // Four samples of 16 × 16 pixels of three colours.
    expect(batchOf({}) - batchOf({ wrist_rgb: null })).toBe(4 * 16 * 16 * 3);
    expect(batchOf({ base_0_rgb: 'top' })).toBe(batchOf({}));
  });

  it('refuses what freezes nothing, and a model that cannot be built', () => {
    const place = { vocabulary: 512, compute: null } as const;
    expect(plannedUpdate(tiny({ freeze: ['nothing'] }), place)).toMatchObject({
      left: { _tag: 'Training', error: { _tag: 'Optim', error: { _tag: 'NoMatch' } } },
    });
    const lora = { rank: 99, alpha: 99 };
    const paligemma = { width: 16, depth: 2, mlpDim: 32, numHeads: 2, numKvHeads: 1, headDim: 8 };
    const model = { paligemma: { ...paligemma, lora: { attn: lora, ffn: lora } } };
    expect(plannedUpdate(tiny({}, model), place)).toMatchObject({
      left: { _tag: 'Training', error: { _tag: 'Model' } },
    });
  });
});

describe('sharingMesh', () => {
  it('refuses parameters that the devices cannot share, before any program is built', () => {
    expect(sharingMesh(pi0({ mesh: 'tensor=3' }), 512)).toMatchObject({ left: { _tag: 'Sharding' } });
  });

  it('is one device where the settings name none', () => {
    expect(sharingMesh(tiny(), 512)).toEqual(E.right({ axes: [{ name: 'data', size: 1 }] }));
    expect(sharingMesh(tiny({ mesh: 'data=2,fsdp=2' }), 512)).toEqual(
      E.right({
        axes: [
          { name: 'data', size: 2 },
          { name: 'fsdp', size: 2 },
        ],
      }),
    );
  });
});
