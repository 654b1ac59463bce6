import { flagLayer, showSettingsError } from '@torsor/settings';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type ConfigRequest, defaultRequest, resolveRequest } from '../../src/config/resolve.js';

const resolved = (request: Partial<ConfigRequest>, kept: Parameters<typeof resolveRequest>[1] = null) => {
  const result = resolveRequest({ ...defaultRequest, ...request }, kept);
  if (E.isLeft(result)) throw new Error(result.left.map(showSettingsError).join('\n'));
  return result.right;
};

/** A preset of 20 steps, whose cosine warms up for 2 and decays until step 20. */
const base = { _tag: 'Preset', name: 'pi0-tiny' } as const;

const file = (content: object): ConfigRequest['base'] => ({
  _tag: 'File',
  path: 'robot.json',
  text: JSON.stringify(content),
});

const steps = (n: number) => [flagLayer('--steps', ['steps'], n)];

describe('the end of a schedule', () => {
  it('that was the end of the run follows its steps, above the warm-up, and is told', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (n) => {
        const { config, notes } = resolved({ base, flags: steps(n) });
        expect(config).toMatchObject({ steps: n, lrSchedule: { warmupSteps: 2, decaySteps: Math.max(n, 3) } });
        expect(notes).toHaveLength(n === 20 ? 0 : 1);
      }),
    );
    expect(resolved({ base, flags: steps(100) }).notes).toEqual([
      'lrSchedule.decaySteps is 100 instead of 20: the schedule ended with the run; --set lrSchedule.decaySteps=… places it',
    ]);
  });

  it.each([
    ['said beside the steps', { settings: ['lrSchedule.decaySteps=20'], flags: steps(100) }, 20],
    ['of another schedule', { settings: ['lrSchedule.kind=rsqrt', 'steps=100'] }, undefined],
    ['where the steps are not asked for', { settings: ['seed=1'] }, 20],
  ])('stays %s', (_, request, decaySteps) => {
    const { config, notes } = resolved({ base, ...request });
    expect(Object(config.lrSchedule)['decaySteps']).toBe(decaySteps);
    expect(notes).toEqual([]);
  });

  it('moves beside a longer warm-up, and beside its own kind', () => {
    const settings = ['lrSchedule.kind=cosine', 'lrSchedule.warmupSteps=50'];
    const lrSchedule = { warmupSteps: 50, decaySteps: 100 };
    expect(resolved({ base, settings, flags: steps(100) }).config).toMatchObject({ steps: 100, lrSchedule });
  });

  it('stays where the preset ends it elsewhere: openpi decays this one for 30,000 of 20,000 steps', () => {
    const { config } = resolved({ base: { _tag: 'Preset', name: 'pi0_aloha_sim' }, flags: steps(50) });
    expect(config.lrSchedule).toMatchObject({ decaySteps: 30_000 });
  });

  it('follows the steps of a file, and then those of the command line', () => {
    const ofFile = file({ preset: 'pi0-tiny', steps: 50 });
    expect(resolved({ base: ofFile }).config.lrSchedule).toMatchObject({ decaySteps: 50 });
    expect(resolved({ base: ofFile, flags: steps(70) }).config.lrSchedule).toMatchObject({ decaySteps: 70 });
    const placed = file({ preset: 'pi0-tiny', steps: 50, lrSchedule: { decaySteps: 40 } });
    expect(resolved({ base: placed, flags: steps(70) }).config.lrSchedule).toMatchObject({ decaySteps: 40 });
  });

  it('follows in a linear schedule too', () => {
    const linear = { kind: 'linear', initLr: 1e-3, endLr: 0, transitionSteps: 20 };
    const { config } = resolved({ base: file({ preset: 'pi0-tiny', lrSchedule: linear }), flags: steps(60) });
    expect(config.lrSchedule).toMatchObject({ transitionSteps: 60 });
  });

  it('of a run that goes on stays, without a word', () => {
    const { config, notes } = resolved({ base, flags: steps(100) }, resolved({ base }).config.lrSchedule);
    expect(config).toMatchObject({ steps: 100, lrSchedule: { decaySteps: 20 } });
    expect(notes).toEqual([]);
  });
});

describe('the learning rate', () => {
  const lr = [flagLayer('--lr', ['lrSchedule', 'peakLr'], 2e-3)];

  it.each([
    [[], { kind: 'cosine', peakLr: 2e-3 }],
    [['lrSchedule.kind=rsqrt'], { kind: 'rsqrt', peakLr: 2e-3 }],
    [['lrSchedule.kind=constant'], { kind: 'constant', lr: 2e-3 }],
    [
      ['lrSchedule={"kind":"linear","initLr":1,"endLr":0,"transitionSteps":9}'],
      { kind: 'linear', initLr: 2e-3, endLr: 0 },
    ],
  ])('--lr is the highest of a schedule %j', (settings, expected) => {
    expect(resolved({ base, settings, flags: lr }).config.lrSchedule).toMatchObject(expected);
  });

  it('that rises when it should decay is told', () => {
    expect(resolved({ base, settings: ['lrSchedule.peakLr=1e-5'] }).notes).toEqual([
      'lrSchedule.decayLr = 0.0001 is above lrSchedule.peakLr = 0.00001: the rate rises to it',
    ]);
  });
});

describe('augmentation', () => {
  const cameras = 'model.cameras=["base_0_rgb"]';

  it.each([
    [[cameras], true, 0],
    [[cameras, 'model.imageSize=[64,64]', 'model.siglip=mu/16'], true, 0],
    [[cameras, 'model.imageSize=[64,63]', 'model.siglip=mu/1'], false, 1],
    [['model.imageSize=[32,32]'], false, 0],
    [[cameras, 'model.imageSize=[32,32]', 'model.siglip=mu/16', 'data.augment=true'], true, 0],
  ])('of %j is %s', (settings, augment, told) => {
    const { config, notes } = resolved({ base, settings });
    expect(config.data.augment).toBe(augment);
    expect(notes).toHaveLength(told);
  });
});
