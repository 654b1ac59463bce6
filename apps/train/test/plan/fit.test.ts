import type { Plan } from '@torsor/planning';
import { deviceCount, extentOver, parseMesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { type DoesNotFit, fittingPlan, showDoesNotFit } from '../../src/plan/fit.js';
import type { PlanError } from '../../src/plan/planned.js';

const config = (values: Partial<TrainConfig> = {}): TrainConfig => {
  const resolved = resolveConfig({ base: { _tag: 'Preset', name: 'pi0-tiny' }, settings: [], flags: [] });
  if (E.isLeft(resolved)) throw new Error(JSON.stringify(resolved.left));
  return { ...resolved.right, batchSize: 32, ...values };
};

/** 400 bytes of parameters, 200 of averages, both shared over fsdp, and 10 for every sample at a time; 20 if all is kept. */
const linear = (of: TrainConfig): E.Either<PlanError, Plan> => {
  const mesh = parseMesh(of.mesh ?? 'data=1');
  if (E.isLeft(mesh)) return E.left({ _tag: 'Sharding', error: mesh.left });
  const state = (400 + (of.emaDecay === null ? 0 : 200)) / extentOver(mesh.right, ['fsdp', 'tensor']);
  const samples = of.batchSize / of.gradientAccumulation / extentOver(mesh.right, ['data', 'fsdp']);
  const perSample = of.model.remat === 'none' ? 20 : 10;
  return E.right({
    devices: deviceCount(mesh.right),
    groups: [],
    temporaryBytesPerDevice: perSample * samples,
    peakBytesPerDevice: state + perSample * samples,
    flops: 0,
    flopsPerDevice: 0,
    traffic: [],
  });
};

const found = (of: TrainConfig, memory: number, devices: number | null): E.Either<PlanError | DoesNotFit, Plan> =>
  fittingPlan(of, { memory: memory / 0.9, devices, planOf: linear });

const flags = (result: E.Either<PlanError | DoesNotFit, Plan>): string | null => {
  if (E.isRight(result)) return 'fits';
  return result.left._tag === 'DoesNotFit' ? (result.left.remedy?.flags ?? null) : result.left._tag;
};

describe('fittingPlan', () => {
  it('accepts what fits, a tenth of the memory left free', () => {
    expect(flags(found(config(), 921, 1))).toBe('fits');
    expect(flags(fittingPlan(config(), { memory: 920, devices: 1, planOf: linear }))).not.toBe('fits');
  });

  it('keeps less of each layer before anything else', () => {
    const { model, ...rest } = config();
    const keeping = { ...rest, model: { ...model, remat: 'none' as const } };
    expect(flags(found(keeping, 1000, 1))).toBe('--set model.remat=carry');
    expect(flags(found(keeping, 500, 1))).not.toContain('remat');
  });

  it('makes data parallel devices share the state first', () => {
    expect(flags(found(config({ mesh: 'data=4' }), 300, 4))).toBe('--mesh fsdp=4');
  });

  it('uses no more devices than there are', () => {
    expect(flags(found(config(), 500, 8))).toBe('--mesh fsdp=2');
    expect(flags(found(config(), 130, 8))).toBe('--mesh fsdp=8');
    expect(flags(found(config(), 650, 1))).toBe('--set gradientAccumulation=8');
    expect(flags(found(config(), 60, null))).toBe('--mesh fsdp=16');
  });

  it('keeps the tensor axis', () => {
    expect(flags(found(config({ mesh: 'tensor=2' }), 320, 8))).toBe('--mesh fsdp=2,tensor=2');
  });

  it('turns the averages off when nothing else suffices', () => {
    expect(flags(found(config(), 560, 1))).toBe('--set emaDecay=null --set gradientAccumulation=2');
  });

  it('says so when nothing fits', () => {
    const result = found(config(), 100, 1);
    expect(flags(result)).toBeNull();
    const text = E.isLeft(result) && result.left._tag === 'DoesNotFit' ? showDoesNotFit(result.left) : '';
    expect(text).toContain('a smaller model does');
  });

  it('what it proposes fits', () => {
    for (let memory = 100; memory < 1000; memory += 20) {
      const result = found(config(), memory, 4);
      if (E.isLeft(result) && result.left._tag === 'DoesNotFit' && result.left.remedy !== null) {
        expect(result.left.remedy.needed).toBeLessThanOrEqual(memory);
      }
    }
  });
});
