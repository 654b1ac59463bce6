import { type Backend, referenceBackend, type SpecOf } from '@torsor/backend';
import { tensorType } from '@torsor/tensor';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placementOn } from '../../src/index.js';

/** The reference backend, which claims to have six devices. */
const onMesh = (...axes: readonly { readonly name: string; readonly size: number }[]): Backend => {
  const backend = referenceBackend();
  return { ...backend, capabilities: { ...backend.capabilities, mesh: { axes } } };
};

const six = onMesh({ name: 'data', size: 2 }, { name: 'fsdp', size: 3 });

const f32 = (...shape: number[]) => tensorType('f32', shape);

/** What has the samples of a batch as its first axis, written out. */
const ofSamples = ['batch', 'observation', 'noise', 'actions', 'loss', 'loss_real_dims'];

describe('how tensors lie on a mesh', () => {
  const specOf: SpecOf = (path, type) => placementOn(six, 0).specOf(path, type);

  it('is that of its own backend', () => {
    expect(placementOn(six, 0).backend).toBe(six);
  });

  it.each(ofSamples)('%s: the samples over all devices where they divide, whole where they do not', (name) => {
    for (const path of [name, `${name}/part/of/it`]) {
      expect(specOf(path, f32(6, 4))).toEqual([['data', 'fsdp']]);
      expect(specOf(path, f32(12))).toEqual([['data', 'fsdp']]);
      expect(specOf(path, f32(4, 3))).toEqual([]);
      expect(specOf(path, f32())).toEqual([]);
    }
  });

  // openpi `training/sharding.py` `fsdp_sharding` (15a9616): the largest axis that divides
  it.each(['params/a', 'ema/b', 'optimizer/mu/c', 'kernel', ''])('%s: as a parameter', (path) => {
    expect(specOf(path, f32(4, 9))).toEqual([[], ['fsdp']]);
    expect(specOf(path, f32(9, 4))).toEqual([['fsdp']]);
    expect(specOf(path, f32(6))).toEqual([]);
    expect(specOf(path, f32())).toEqual([]);
  });

  it('a name inside a path is no sample', () => {
    expect(specOf('params/batch', f32(6, 4))).toEqual([['fsdp']]);
  });

  it('small parameters are whole', () => {
    const { specOf: from } = placementOn(six, 4 * 36);
    expect(from('params/a', f32(4, 9))).toEqual([[], ['fsdp']]);
    expect(from('params/a', f32(3, 9))).toEqual([]);
    expect(from('batch', f32(6, 1))).toEqual([['data', 'fsdp']]);
  });

  it('devices that share tensors alone do not split samples', () => {
    const { specOf: tensor } = placementOn(onMesh({ name: 'tensor', size: 2 }), 0);
    expect(tensor('batch', f32(6, 4))).toEqual([]);
    const { specOf: both } = placementOn(onMesh({ name: 'data', size: 2 }, { name: 'tensor', size: 3 }), 0);
    expect(both('batch', f32(4, 4))).toEqual([['data']]);
    expect(both('batch', f32(3, 4))).toEqual([]);
  });

  it('what is split is split evenly', () => {
    const extent = fc.integer({ min: 1, max: 24 });
    fc.assert(
      fc.property(fc.constantFrom(...ofSamples, 'params'), extent, extent, (path, a, b) => {
        const spec = specOf(path, f32(a, b));
        const parts = [[], ['fsdp'], ['data', 'fsdp']].map((names) => JSON.stringify(names));
        for (const [axis, names] of spec.entries()) {
          const over = [1, 3, 6][parts.indexOf(JSON.stringify(names))] ?? 0;
          expect(([a, b][axis] ?? 0) % over).toBe(0);
        }
      }),
    );
  });
});

it('without a mesh everything is whole', () => {
  const { specOf } = placementOn(referenceBackend(), 0);
  for (const path of ['params/a', 'batch', 'noise']) expect(specOf(path, f32(6, 6))).toEqual([]);
});
