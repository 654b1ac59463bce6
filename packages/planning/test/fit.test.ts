import { deviceCount, extentOver, type Mesh } from '@torsor/sharding';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  type DoesNotFit,
  fittingPlan,
  type Plan,
  type Savable,
  type Saving,
  showBytes,
  showPlan,
} from '../src/index.js';

const has = (values: Partial<Savable> = {}): Savable => ({
  mesh: { axes: [] },
  batchSize: 32,
  gradientAccumulation: 1,
  keepsLayers: false,
  averages: true,
  ...values,
});

const mesh = (axes: { readonly [name: string]: number }): Mesh => ({
  axes: Object.entries(axes).map(([name, size]) => ({ name: name as 'data', size })),
});

/** 400 bytes of parameters, 200 of averages, both shared over fsdp, and 10 for every sample at a time; 20 if all is kept. */
const linear = (of: Savable): Plan => {
  const state = (400 + (of.averages ? 200 : 0)) / extentOver(of.mesh, ['fsdp', 'tensor']);
  const samples = of.batchSize / of.gradientAccumulation / extentOver(of.mesh, ['data', 'fsdp']);
  const temporaryBytesPerDevice = (of.keepsLayers ? 20 : 10) * samples;
  return {
    devices: deviceCount(of.mesh),
    groups: [{ name: 'params', elements: 1000, bytes: 4000, bytesPerDevice: state }],
    temporaryBytesPerDevice,
    peakBytesPerDevice: state + temporaryBytesPerDevice,
    flops: 3e12,
    flopsPerDevice: 3e12,
    traffic: [],
  };
};

const found = (of: Savable, memory: number, devices: number | null): E.Either<DoesNotFit, Plan> =>
  fittingPlan(of, { memory: memory / 0.9, devices, planOf: (saving) => E.right(linear({ ...of, ...saving })) });

const saving = (result: E.Either<DoesNotFit, Plan>): Saving | null =>
  E.isRight(result) ? {} : (result.left.remedy?.saving ?? null);

describe('fittingPlan', () => {
  it.each([
    ['accepts what fits, a tenth of the memory left free', has(), 921, 1, {}],
    ['keeps less of each layer before anything else', has({ keepsLayers: true }), 1000, 1, { keepsLayers: false }],
    [
      'makes data parallel devices share the state',
      has({ mesh: mesh({ data: 4 }) }),
      300,
      4,
      { mesh: mesh({ fsdp: 4 }) },
    ],
    ['uses two devices where these suffice', has(), 500, 8, { mesh: mesh({ fsdp: 2 }) }],
    ['and eight where these are needed', has(), 130, 8, { mesh: mesh({ fsdp: 8 }) }],
    ['computes in parts where there is one device', has(), 650, 1, { gradientAccumulation: 8 }],
    ['uses as many devices as it takes where they are not known', has(), 60, null, { mesh: mesh({ fsdp: 16 }) }],
    ['keeps the tensor axis', has({ mesh: mesh({ tensor: 2 }) }), 320, 8, { mesh: mesh({ fsdp: 2, tensor: 2 }) }],
    [
      'makes the batch smaller where it is in parts already',
      has({ gradientAccumulation: 32 }),
      605,
      1,
      { averages: false },
    ],
    ['turns the averages off when nothing else suffices', has(), 560, 1, { averages: false, gradientAccumulation: 2 }],
    ['says so when nothing fits', has(), 100, 1, null],
  ])('%s', (_, of, memory, devices, expected) => expect(saving(found(of, memory, devices))).toEqual(expected));

  it('a byte too much does not fit', () => {
    const plan = fittingPlan(has(), {
      memory: 1000,
      devices: 1,
      planOf: () => E.right({ ...linear(has()), peakBytesPerDevice: 901 }),
    });
    expect(plan).toMatchObject({ left: { _tag: 'DoesNotFit', needed: 901, memory: 1000, remedy: null } });
  });

  it('what it proposes fits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 1000 }), fc.constantFrom(1, 4, null), (memory, devices) => {
        const result = found(has(), memory, devices);
        if (E.isRight(result) || result.left.remedy === null) return;
        expect(linear({ ...has(), ...result.left.remedy.saving }).peakBytesPerDevice).toBeLessThanOrEqual(memory);
      }),
    );
  });

  it('passes on why there is no plan', () => {
    expect(fittingPlan(has(), { memory: 1, devices: 1, planOf: () => E.left('no plan') })).toEqual(E.left('no plan'));
  });
});

describe('showPlan', () => {
  it('is a table of memory, work and traffic', () => {
    const text = showPlan(linear(has()), 80e9);
    for (const line of [/^params +1,000 +4\.00 kB +0\.60 kB$/m, /^TFLOP +3\.000 +3\.000$/m, /^all +0\.92 kB$/m]) {
      expect(text).toMatch(line);
    }
    expect(text).toContain('sent each update: nothing');
    expect(text).toContain('it fits in 80.00 GB, of which a tenth is left free');
  });
});

it.each([
  [999, '1.00 kB'],
  [2.5e6, '2.50 MB'],
  [80e9, '80.00 GB'],
])('%d bytes are %s', (bytes, text) => expect(showBytes(bytes)).toBe(text));
