import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.js';
import { decodeFeature } from '../../src/meta/feature.js';
import { left, right } from '../right.js';

const decode = (names: Json, shape: Json = [2]) =>
  decodeFeature({ file: 'info' }, 'action', { dtype: 'float32', shape, names });

describe('decodeFeature', () => {
  it.each([
    ['a list', ['x', 'y'], ['x', 'y']],
    ['a nested list', [['x', 'y']], ['x', 'y']],
    ['an object of motors', { motors: ['x', 'y'] }, ['x', 'y']],
    ['an object of positions', { y: 1, x: 0 }, ['x', 'y']],
    ['null', null, ['action[0]', 'action[1]']],
  ])('names as %s', (_, names, expected) => {
    expect(right(decode(names)).names).toEqual(expected);
  });

  it('absent names', () => {
    expect(right(decodeFeature({ file: 'info' }, 'a', { dtype: 'float32', shape: [1] })).names).toEqual(['a[0]']);
  });

  it.each([[['x']], [[1, 2]], ['xy'], [{ motors: ['x'] }]])(
    'takes names %j for labels of nothing, and says so',
    (names) => {
      expect(right(decode(names))).toMatchObject({
        names: ['action[0]', 'action[1]'],
        note: `meta/info.json gives the 2 dimensions of action ${Array.isArray(names) ? names.length : 1} names (${JSON.stringify(names)}): they are called action[0] to action[1]`,
      });
    },
  );

  it('tells dimensions of one name apart by their numbers', () => {
    expect(right(decode(['pad', 'x', 'pad'], [3]))).toMatchObject({
      names: ['pad[0]', 'x', 'pad[2]'],
      note: 'several dimensions of action are called pad: their numbers are added',
    });
  });

  it.each([['2'], [[-1]], [null]])('refuses shape %j', (shape) => {
    expect(left(decode(null, shape))).toMatchObject({ _tag: 'InvalidField', field: 'features.action.shape' });
  });

  it('refuses what is no object', () => {
    expect(left(decodeFeature({ file: 'info' }, 'action', 3))).toMatchObject({
      _tag: 'InvalidField',
      field: 'features.action',
    });
  });
});
