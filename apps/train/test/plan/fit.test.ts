import type { Plan } from '@torsor/planning';
import { extentOver, parseMesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { fittingConfig, showDoesNotFit } from '../../src/plan/fit.js';
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
  const state = (400 + (of.emaDecay === null ? 0 : 200)) / extentOver(mesh.right, ['fsdp']);
  const samples = of.batchSize / of.gradientAccumulation / extentOver(mesh.right, ['data', 'fsdp']);
  const temporaryBytesPerDevice = (of.model.remat === 'carry' ? 10 : 20) * samples;
  const peakBytesPerDevice = state + temporaryBytesPerDevice;
  return E.right({
    devices: 1,
    groups: [],
    temporaryBytesPerDevice,
    peakBytesPerDevice,
    flops: 0,
    flopsPerDevice: 0,
    traffic: [],
  });
};

const advice = (of: TrainConfig, memory: number, devices: number): string => {
  const result = fittingConfig(of, { memory: memory / 0.9, devices, planOf: linear });
  if (E.isRight(result)) return 'fits';
  return result.left._tag === 'DoesNotFit' ? showDoesNotFit(result.left) : result.left._tag;
};

const carry = (values: Partial<TrainConfig>): TrainConfig => {
  const { model, ...rest } = config(values);
  return { ...rest, model: { ...model, remat: 'carry' } };
};

// Each is what the linear plan gives by hand: 600 bytes of state, and 640 or 320 of samples.
it.each([
  [config(), 1240, 1, 'fits'],
  [config(), 1000, 1, 'with --set model.remat=carry it needs 0.92 kB'],
  [carry({ mesh: 'data=4' }), 300, 4, 'with --mesh fsdp=4 it needs 0.23 kB'],
  [carry({}), 650, 1, 'with --set gradientAccumulation=8 it needs 0.64 kB'],
  [carry({ gradientAccumulation: 16, batchSize: 48 }), 615, 1, 'with --set emaDecay=null it needs 0.43 kB'],
  [carry({}), 560, 1, 'with --set emaDecay=null --set gradientAccumulation=2 it needs 0.56 kB'],
  [carry({}), 100, 1, 'a smaller model does'],
])('the advice of plan %# is one that can be typed', (of, memory, devices, text) => {
  expect(advice(of, memory, devices)).toContain(text);
});

it('a smaller batch is advised by its flag', () => {
  const remedy = { saving: { batchSize: 8 }, needed: 2e9 };
  expect(showDoesNotFit({ _tag: 'DoesNotFit', needed: 4e9, memory: 3e9, remedy })).toBe(
    'an update needs 4.00 GB on each device, which has 3.00 GB (a tenth is left free); with --batch-size 8 it needs 2.00 GB',
  );
});
