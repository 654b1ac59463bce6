import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagLayer, type Ignorable, ignoredSettings, type Layer, showSettingsError } from '../src/index.js';

type Settings = { readonly cameras: number; readonly mesh: boolean };

const declarations: readonly Ignorable<Settings>[] = [
  {
    path: 'tower.size',
    isIgnored: ({ cameras }) => cameras === 0,
    reason: 'there are no cameras',
    remedy: 'give some',
  },
  { path: 'tower.size', isIgnored: ({ mesh }) => !mesh, reason: 'there is no mesh', remedy: 'give one' },
  { path: 'least', isIgnored: ({ mesh }) => !mesh, reason: 'there is no mesh', remedy: 'give one' },
];

const found = (said: readonly Layer[], settings: Settings): readonly string[] =>
  ignoredSettings(declarations, said, settings).map(showSettingsError);

const size = flagLayer('--size', ['tower', 'size'], 3);
const whole: Layer = { origin: { _tag: 'File', path: 'a.json' }, values: { tower: { size: null }, least: 0 } };

describe('ignored settings', () => {
  it('are told with their origin, their reason and what to do, once each', () => {
    expect(found([whole, size], { cameras: 0, mesh: false })).toEqual([
      'tower.size is ignored (--size): there are no cameras; remove it, or give some',
      'least is ignored (a.json): there is no mesh; remove it, or give one',
    ]);
    expect(found([size], { cameras: 1, mesh: false })).toEqual([
      'tower.size is ignored (--size): there is no mesh; remove it, or give one',
    ]);
  });

  it('are none where they are read, or where nobody said them', () => {
    fc.assert(
      fc.property(fc.nat(2), fc.boolean(), (cameras, mesh) => {
        expect(found([], { cameras, mesh })).toEqual([]);
        expect(found([flagLayer('--other', ['tower', 'depth'], 1)], { cameras, mesh })).toEqual([]);
        expect(found([size, whole], { cameras: cameras + 1, mesh: true })).toEqual([]);
      }),
    );
  });
});
