import { admitUpdate } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { showDoesNotFit } from '../../src/commands/savings.js';
import { presets } from '../../src/config/presets.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { planFailure } from '../../src/failure.js';

const refusal = (name: string, memory: number, devices: number | null, ...settings: readonly string[]): string => {
  const resolved = resolveConfig({ base: { _tag: 'Preset', name }, settings, flags: [] });
  if (E.isLeft(resolved)) return JSON.stringify(resolved.left);
  const admitted = admitUpdate(resolved.right, { memory, devices, vocabulary: 512, compute: null });
  return E.isLeft(admitted) ? planFailure(admitted.left).messages.join() : 'admitted';
};

describe('the presets', () => {
  it("that are below openpi's sizes, and π0, train on a device of 80 GB", () => {
    const sizes = presets.map(({ name }) => name).filter((name) => /-(tiny|small|mid|300m|quickstart)$/u.test(name));
    expect(sizes).toHaveLength(13);
    for (const name of [...sizes, 'pi0']) expect(refusal(name, 80e9, null), name).toBe('admitted');
  });

  it('that are larger say what would make them fit', () => {
    for (const name of ['pi05', 'pi0_libero_low_mem_finetune', 'pi05_libero']) {
      expect(refusal(name, 80e9, null), name).toMatch(/^admitted$|; with --(mesh|set) /);
    }
  });

  it('π0 on 48 GB is refused with the flag that makes it fit', () => {
    expect(refusal('pi0', 48e9, null)).toMatch(/which has 48.00 GB .*; with --mesh fsdp=2 it needs/);
    expect(refusal('pi0', 48e9, null, 'mesh=fsdp=2')).toBe('admitted');
  });

  it('no more devices are named than there are', () => {
    expect(refusal('pi0', 60e9, 1)).toContain('with --set emaDecay=null --batch-size 16 it needs');
    expect(refusal('pi0', 24e9, 1)).toContain('a smaller model does');
  });
});

it('a saving is advised by the flags that make it', () => {
  const saving = {
    averages: false,
    keepsLayers: false,
    mesh: { axes: [{ name: 'fsdp', size: 2 }] },
    gradientAccumulation: 4,
    batchSize: 8,
  } as const;
  expect(showDoesNotFit({ _tag: 'DoesNotFit', needed: 4e9, memory: 3e9, remedy: { saving, needed: 2e9 } })).toBe(
    'an update needs 4.00 GB on each device, which has 3.00 GB (a tenth is left free); with --set emaDecay=null --set model.remat=carry --mesh fsdp=2 --set gradientAccumulation=4 --batch-size 8 it needs 2.00 GB',
  );
});
