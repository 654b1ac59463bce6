import type { Plan } from '@torsor/planning';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.js';
import { planFailure } from '../../src/failure.js';
import { plannedUpdate } from '../../src/plan/planned.js';

const planned = (preset: string, ...settings: readonly string[]): E.Either<string, Plan> => {
  const config = resolveConfig({ base: { _tag: 'Preset', name: preset }, settings, flags: [] });
  if (E.isLeft(config)) return E.left(JSON.stringify(config.left));
  const plan = plannedUpdate(config.right, { vocabulary: 512, compute: 'f32' });
  return E.mapLeft((error: Parameters<typeof planFailure>[0]) => planFailure(error).messages.join('\n'))(plan);
};

const planOf = (preset: string, ...settings: readonly string[]): Plan => {
  const plan = planned(preset, ...settings);
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
    const plan = planOf('pi0');
    expect(elements(plan, 'params')).toBe(language + projections + tower);
    expect(elements(planOf('pi0', 'model.cameras=[]'), 'params')).toBe(language + projections);
    expect(elements(plan, 'ema')).toBe(elements(plan, 'params'));
    expect(elements(plan, 'optimizer')).toBe(2 * elements(plan, 'params') + 1);
  });

  it('averages are there only when they are kept', () => {
    expect(elements(planOf('pi0-tiny', 'emaDecay=null'), 'ema')).toBe(0);
  });

  it('fully sharded on eight devices, a device holds an eighth and a little', () => {
    const plan = planOf('pi0', 'mesh=fsdp=8');
    for (const { name, bytes, bytesPerDevice } of plan.groups) {
      expect(bytesPerDevice / (bytes / 8), name).toBeGreaterThanOrEqual(1);
      expect(bytesPerDevice / (bytes / 8), name).toBeLessThan(1.01);
    }
    expect(plan.flopsPerDevice * 8).toBe(plan.flops);
  });

  it('a smaller least size shares more', () => {
    const bytes = (plan: Plan): number => plan.groups.reduce((sum, { bytesPerDevice }) => sum + bytesPerDevice, 0);
    const mesh = 'mesh=fsdp=2';
    expect(bytes(planOf('pi0-tiny', 'batchSize=8', mesh, 'fsdpMinBytes=0'))).toBeLessThan(
      0.6 * bytes(planOf('pi0-tiny', 'batchSize=8', mesh)),
    );
  });

  it('parts of the batch at a time need less beside the state', () => {
    const [whole, parts] = [
      planOf('pi0-small', 'batchSize=64'),
      planOf('pi0-small', 'batchSize=64', 'gradientAccumulation=8'),
    ];
    expect(parts.temporaryBytesPerDevice).toBeLessThan(whole.temporaryBytesPerDevice);
    expect(parts.groups).toEqual(whole.groups);
  });

  it('refuses what devices cannot share equally, with the sizes that fit', () => {
    expect(planned('pi0-tiny', 'batchSize=10', 'mesh=data=4')).toEqual(
      E.left('batchSize: axis 0 of 10 cannot be split evenly over data=4: 8 or 12 fit'),
    );
    expect(planned('pi0-tiny', 'batchSize=8', 'gradientAccumulation=4', 'mesh=data=4')).toEqual(
      E.left('batchSize / gradientAccumulation: axis 0 of 2 cannot be split evenly over data=4: 4 fits'),
    );
    expect(planned('pi0', 'mesh=tensor=3')).toEqual(
      E.left(expect.stringContaining('cannot be split evenly over tensor=3')),
    );
  });

  it('refuses a mesh that is not one, in the configuration', () => {
    expect(planned('pi0-tiny', 'mesh=model=2')).toEqual(E.left(expect.stringContaining("'model' is unknown")));
  });
});
