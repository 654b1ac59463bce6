import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JitterForm, jitterColors } from '../../src/index.js';
import { bools, evaluated, real, worst } from './evaluated.js';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const colours = fc.array(unit, { minLength: 12, maxLength: 12 });
const amount = fc.double({ min: -0.9, max: 0.9, noNaN: true });

type Amounts = {
  readonly brightness: number;
  readonly contrast: number;
  readonly hue: number;
  readonly saturation: number;
};

const amounts: fc.Arbitrary<Amounts> = fc.record({
  brightness: amount,
  contrast: amount,
  hue: amount,
  saturation: amount,
});
const form = fc.constantFrom<JitterForm>('full', 'openpi');
const none: Amounts = { brightness: 0, contrast: 0, hue: 0, saturation: 0 };

/** Four pixels of one sample. */
const jittered = (data: readonly number[], a: Amounts, kind: JitterForm = 'full', apply = true): readonly number[] => {
  const given = {
    x: real([1, 2, 2, 3], data),
    brightness: real([1], [a.brightness]),
    contrast: real([1], [a.contrast]),
    hue: real([1], [a.hue]),
    saturation: real([1], [a.saturation]),
    apply: bools([apply]),
  };
  return evaluated(given, ({ x, ...inputs }) => ({ y: jitterColors(x, inputs, kind) })).get('y') ?? [];
};

describe('jitterColors', () => {
  it('does nothing where apply is false, and nothing by amounts of zero', () => {
    fc.assert(
      fc.property(colours, amounts, form, (x, a, kind) => {
        expect(jittered(x, a, kind, false)).toEqual(x);
        expect(worst(jittered(x, none, kind), x)).toBeLessThanOrEqual(1e-12);
      }),
    );
  });

  it('stays in [0, 1]', () => {
    fc.assert(
      fc.property(colours, amounts, form, (x, a, kind) => {
        const out = jittered(x, a, kind);
        expect(Math.min(...out)).toBeGreaterThanOrEqual(-1e-12);
        expect(Math.max(...out)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it('leaves greys grey', () => {
    fc.assert(
      fc.property(unit, amounts, form, (grey, a, kind) => {
        const out = jittered(new Array<number>(12).fill(grey), a, kind);
        expect(Math.max(...out) - Math.min(...out)).toBeLessThanOrEqual(1e-12);
      }),
    );
  });

  it('in the form of openpi no saturation has an effect, in the full form it has', () => {
    fc.assert(
      fc.property(colours, amounts, amount, (x, a, saturation) => {
        expect(jittered(x, { ...a, saturation }, 'openpi')).toEqual(jittered(x, a, 'openpi'));
      }),
    );
    const red = [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0];
    const pale = [1, 0.5, 0.5, 1, 0.5, 0.5, 1, 0.5, 0.5, 1, 0.5, 0.5];
    expect(worst(jittered(red, { ...none, saturation: -0.5 }), pale)).toBeLessThanOrEqual(1e-12);
    expect(worst(jittered(pale, { ...none, saturation: 1 }), red)).toBeLessThanOrEqual(1e-12);
  });

  it('a third of a turn exchanges the channels, a whole one nothing', () => {
    fc.assert(
      fc.property(colours, (x) => {
        const turned = x.map((_, i) => x[i - (i % 3) + (((i % 3) + 2) % 3)] ?? Number.NaN);
        expect(worst(jittered(x, { ...none, hue: 1 / 3 }), turned)).toBeLessThanOrEqual(1e-9);
        expect(worst(jittered(x, { ...none, hue: 1 }), x)).toBeLessThanOrEqual(1e-9);
      }),
    );
  });

  it('brightness moves towards black or white, contrast keeps black, middle grey and white', () => {
    const greys = [0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1, 0.25, 0.25, 0.25];
    const lightness = (brightness: number) => jittered(greys, { ...none, brightness }).filter((_, i) => i % 3 === 0);
    expect(worst(lightness(-0.5), [0, 0.25, 0.5, 0.125])).toBeLessThanOrEqual(1e-12);
    expect(worst(lightness(0.5), [0.5, 0.75, 1, 0.625])).toBeLessThanOrEqual(1e-12);
    const steeper = jittered(greys, { ...none, contrast: 0.4 });
    expect(worst(steeper.slice(0, 9), greys.slice(0, 9))).toBeLessThanOrEqual(1e-12);
    expect(steeper[9]).toBeLessThan(0.25);
  });
});
