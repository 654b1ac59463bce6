import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { presets } from '../../src/config/presets.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { planFailure } from '../../src/failure.js';
import { admitPlan } from '../../src/plan/admit.js';

const config = (name: string, ...settings: readonly string[]): TrainConfig => {
  const resolved = resolveConfig({ base: { _tag: 'Preset', name }, settings, flags: [] });
  if (E.isLeft(resolved)) throw new Error(JSON.stringify(resolved.left));
  return resolved.right;
};

const refusal = (of: TrainConfig, memory: number, devices: number | null): string => {
  const admitted = admitPlan(of, { memory, devices, vocabulary: 512 });
  return E.isLeft(admitted) ? planFailure(admitted.left).messages.join() : 'admitted';
};

describe('admitPlan', () => {
  it("admits π0, and every preset below openpi's sizes, on a device of 80 GB", () => {
    const sizes = presets.map(({ name }) => name).filter((name) => /-(tiny|small|mid|300m|quickstart)$/u.test(name));
    expect(sizes).toHaveLength(13);
    for (const name of [...sizes, 'pi0']) expect(refusal(config(name), 80e9, null), name).toBe('admitted');
  });

  it('says of each larger one what would make it fit', () => {
    for (const name of ['pi05', 'pi0_libero_low_mem_finetune', 'pi05_libero']) {
      expect(refusal(config(name), 80e9, null), name).toMatch(/^admitted$|; with --(mesh|set) /);
    }
  });

  it('refuses π0 on 48 GB with the flag that makes it fit', () => {
    expect(refusal(config('pi0'), 48e9, null)).toMatch(/which has 48.00 GB .*; with --mesh fsdp=2 it needs/);
    expect(refusal(config('pi0', 'mesh=fsdp=2'), 48e9, null)).toBe('admitted');
  });

  it('names no more devices than there are', () => {
    expect(refusal(config('pi0'), 60e9, 1)).toContain('with --set emaDecay=null --batch-size 16 it needs');
    expect(refusal(config('pi0'), 24e9, 1)).toContain('a smaller model does');
  });
});
