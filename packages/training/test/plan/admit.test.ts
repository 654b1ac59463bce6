import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { admitUpdate, fittingUpdate, type PlanSettings, plannedUpdate } from '../../src/index.js';
import { right } from '../right.js';
import { tinyModel, tinySettings } from '../settings.js';

const settings: PlanSettings = { ...tinySettings(tinyModel('pi0')), batchSize: 32, mesh: null };

const place = { vocabulary: 512, compute: 'f32', devices: 8 } as const;

const peak = (of: PlanSettings): number => {
  const plan = plannedUpdate(of, place);
  return E.isRight(plan) ? plan.right.peakBytesPerDevice : Number.NaN;
};

const planned = right(plannedUpdate(settings, place));

/** What keeps no more of each layer than what it was given. */
const carry: PlanSettings = { ...settings, model: { ...settings.model, remat: 'carry' } };

describe('fittingUpdate', () => {
  it('leaves a tenth of the memory free', () => {
    const { peakBytesPerDevice } = planned;
    expect(fittingUpdate(settings, { ...place, memory: peakBytesPerDevice / 0.9 + 1 })).toEqual(E.right(planned));
    expect(fittingUpdate(settings, { ...place, devices: 1, memory: peakBytesPerDevice })).toMatchObject({
      left: { _tag: 'DoesNotFit', needed: peakBytesPerDevice },
    });
  });

  it('what it saves is what the plan of the saved settings needs', () => {
    const two = { ...carry, mesh: 'fsdp=2' };
    const needed = peak(two);
    const found = fittingUpdate(carry, { ...place, memory: (needed + 1) / 0.9 });
    const remedy = { saving: { mesh: { axes: [{ name: 'fsdp', size: 2 }] } }, needed };
    expect(found).toMatchObject({ left: { _tag: 'DoesNotFit', needed: peak(carry), remedy } });
  });

  it.each<[string, PlanSettings, PlanSettings, object]>([
    ['less kept of each layer', settings, carry, { keepsLayers: false }],
    ['smaller parts at a time', carry, { ...carry, gradientAccumulation: 2 }, { gradientAccumulation: 2 }],
    [
      'a smaller batch',
      { ...carry, batchSize: 16, gradientAccumulation: 8 },
      { ...carry, batchSize: 8, gradientAccumulation: 8 },
      { batchSize: 8 },
    ],
    [
      'no averages',
      { ...carry, batchSize: 16, gradientAccumulation: 16 },
      { ...carry, batchSize: 16, gradientAccumulation: 16, emaDecay: null },
      { averages: false },
    ],
  ])('saves on one device by %s', (_, from, to, saving) => {
    const needed = peak(to);
    const found = fittingUpdate(from, { ...place, devices: 1, memory: (needed + 1) / 0.9 });
    expect(found).toMatchObject({ left: { _tag: 'DoesNotFit', remedy: { saving, needed } } });
  });

  it('has nothing to save by where nothing helps, and refuses a mesh that is none', () => {
    const least = { ...carry, batchSize: 1, emaDecay: null };
    expect(fittingUpdate(least, { ...place, devices: 1, memory: 1 })).toMatchObject({
      left: { _tag: 'DoesNotFit', remedy: null },
    });
    expect(fittingUpdate({ ...settings, mesh: 'model=2' }, { ...place, memory: 1 })).toMatchObject({
      left: { _tag: 'Sharding' },
    });
  });
});

describe('admitUpdate', () => {
  it('takes a state of less than a tenth of the memory to fit, and plans a larger one', () => {
    expect(E.isRight(admitUpdate(settings, { ...place, memory: 1e9 }))).toBe(true);
    expect(admitUpdate(settings, { ...place, memory: 1e6 })).toMatchObject({
      left: { _tag: 'DoesNotFit', memory: 1e6 },
    });
  });

  it('does not plan a state of a tenth of the memory: 16 bytes for each parameter', () => {
    // A plan would be refused: three devices cannot share 32 samples.
    const odd = { ...settings, mesh: 'data=3' };
    const elements = planned.groups.find(({ name }) => name === 'params')?.elements ?? Number.NaN;
    expect(admitUpdate(odd, { ...place, memory: 160 * elements })).toEqual(E.right(undefined));
    expect(admitUpdate(odd, { ...place, memory: 159 * elements })).toMatchObject({ left: { _tag: 'Sharding' } });
  });

  it('refuses a model that cannot be built', () => {
    const lora = { rank: 99, alpha: 99, rslora: false };
    const model = tinyModel('pi0', { paligemma: { ...settings.model.paligemma, lora: { attn: lora, ffn: lora } } });
    expect(admitUpdate({ ...settings, model }, { ...place, memory: 1e9 })).toMatchObject({
      left: { _tag: 'Training' },
    });
  });
});
