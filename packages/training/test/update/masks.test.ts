import type { FreezeSettings } from '@torsor/policy';
import { fromFloat64, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { isNarrow, keptParams, keptTypes, nothingFrozen, trainedMaskOf } from '../../src/update/frozen.js';
import { right } from '../right.js';

const one = tensorType('f32', [1]);
const types = { a: { kernel: one, lora: one }, ab: one };

const trained = (more: Partial<FreezeSettings>, byLora?: (path: string) => boolean): unknown => {
  const mask = trainedMaskOf({ ...nothingFrozen, ...more }, types, byLora);
  return E.isLeft(mask) ? mask.left._tag : mask.right && [...mask.right.selected];
};

const notLora = (path: string): boolean => !path.endsWith('lora');

describe('trainedMaskOf', () => {
  it.each<[string, unknown, unknown]>([
    ['everything where nothing is said', trained({}), null],
    ['what no pattern matches as a whole', trained({ freeze: ['a/.*'] }), ['ab']],
    ['what none of several matches', trained({ freeze: ['a/kernel', 'a/lora'] }), ['ab']],
    ['nothing by half a name', trained({ freeze: ['b'] }), 'NoMatch'],
    ['nothing by either half of alternatives', trained({ freeze: ['a|b'] }), 'NoMatch'],
    ['low-rank factors alone', trained({ freezeForLora: true }, notLora), ['a/lora']],
    ['everything of a model without factors', trained({ freezeForLora: true }), null],
    ['everything where factors are not asked for', trained({}, notLora), null],
    [
      'what neither a pattern nor the factors freeze',
      trained({ freeze: ['ab'], freezeForLora: true }, notLora),
      ['a/lora'],
    ],
    ['not nothing', trained({ freeze: ['.*'] }), 'NoMatch'],
  ])('trains %s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('frozen parameters', () => {
  const mask = right(trainedMaskOf({ ...nothingFrozen, freeze: ['a/.*'] }, types, undefined));
  const fine = fromFloat64(one, [1 + 2 ** -10]);
  const params = { a: { kernel: fine, lora: fine }, ab: fine };
  const narrow = fromFloat64(tensorType('bf16', [1]), [1]);

  it('are kept narrow, and nothing else is', () => {
    const storage = { numbers: 'bf16', held: 'bf16' } as const;
    const bf16 = tensorType('bf16', [1]);
    expect(keptTypes(types, mask, storage)).toEqual({ a: { kernel: bf16, lora: bf16 }, ab: one });
    expect(keptParams(params, mask, storage)).toEqual({ a: { kernel: narrow, lora: narrow }, ab: fine });
    expect(['a/kernel', 'ab'].map(isNarrow(mask, storage))).toEqual([true, false]);
  });

  it('have the numbers of bf16 in f32 where that is what holds them', () => {
    const storage = { numbers: 'bf16', held: 'f32' } as const;
    const rounded = fromFloat64(one, [1]);
    expect(keptTypes(types, mask, storage)).toBe(types);
    expect(keptParams(params, mask, storage)).toEqual({ a: { kernel: rounded, lora: rounded }, ab: fine });
    expect(['a/kernel', 'ab'].map(isNarrow(mask, storage))).toEqual([true, false]);
  });

  it('are as they were in f32, and where all is trained', () => {
    const exact = { numbers: 'f32', held: 'f32' } as const;
    expect(keptParams(params, mask, exact)).toBe(params);
    expect(isNarrow(mask, exact)('a/kernel')).toBe(false);
    const storage = { numbers: 'bf16', held: 'bf16' } as const;
    expect(keptTypes(types, null, storage)).toEqual(types);
    expect(keptParams(params, null, storage)).toEqual(params);
    expect(isNarrow(null, storage)('a/kernel')).toBe(false);
  });
});
