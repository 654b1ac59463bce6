import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { admitUpdate, fittingUpdate, type PlanSettings, plannedUpdate } from '../../src/index.js';
import { tinyModel, tinySettings } from '../settings.js';

const settings: PlanSettings = { ...tinySettings(tinyModel('pi0')), batchSize: 32, mesh: null };

const place = { vocabulary: 512, compute: 'f32', devices: 8 } as const;

const peak = (of: PlanSettings): number => {
  const plan = plannedUpdate(of, place);
  return E.isRight(plan) ? plan.right.peakBytesPerDevice : Number.NaN;
};

describe('fittingUpdate', () => {
  it('leaves a tenth of the memory free', () => {
    expect(E.isRight(fittingUpdate(settings, { ...place, memory: peak(settings) / 0.9 + 1 }))).toBe(true);
    expect(E.isRight(fittingUpdate(settings, { ...place, memory: peak(settings) }))).toBe(false);
  });

  it('what it saves is what the plan of the saved settings needs', () => {
    const carry: PlanSettings = { ...settings, model: { ...settings.model, remat: 'carry' } };
    const two = { ...carry, mesh: 'fsdp=2' };
    const found = fittingUpdate(carry, { ...place, memory: (peak(two) + 1) / 0.9 });
    const remedy = { saving: { mesh: { axes: [{ name: 'fsdp', size: 2 }] } }, needed: peak(two) };
    expect(found).toMatchObject({ left: { _tag: 'DoesNotFit', needed: peak(carry), remedy } });
  });

  it.each([
    [{ gradientAccumulation: 2 }, { gradientAccumulation: 2 }],
    [{ batchSize: 16, gradientAccumulation: 32 }, { averages: false }],
  ])('on one device %j', (more, saving) => {
    const carry: PlanSettings = { ...settings, model: { ...settings.model, remat: 'carry' } };
    const from = 'batchSize' in more ? { ...carry, batchSize: 16, gradientAccumulation: 16 } : carry;
    const to = 'batchSize' in more ? { ...from, emaDecay: null } : { ...carry, gradientAccumulation: 2 };
    const found = fittingUpdate(from, { ...place, devices: 1, memory: (peak(to) + 1) / 0.9 });
    expect(found).toMatchObject({ left: { remedy: { saving, needed: peak(to) } } });
  });
});

describe('admitUpdate', () => {
  it('takes a state of less than a tenth of the memory to fit, and plans a larger one', () => {
    expect(E.isRight(admitUpdate(settings, { ...place, memory: 1e9 }))).toBe(true);
    expect(admitUpdate(settings, { ...place, memory: 1e6 })).toMatchObject({
      left: { _tag: 'DoesNotFit', memory: 1e6 },
    });
  });

  it('refuses a model that cannot be built', () => {
    const lora = { rank: 99, alpha: 99, rslora: false };
    const model = tinyModel('pi0', { paligemma: { ...settings.model.paligemma, lora: { attn: lora, ffn: lora } } });
    expect(admitUpdate({ ...settings, model }, { ...place, memory: 1e9 })).toMatchObject({
      left: { _tag: 'Training' },
    });
  });
});
