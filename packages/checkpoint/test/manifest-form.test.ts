import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { misformedField } from '../src/manifest-form.js';
import { fields } from './contents.js';

const hash = 'ab'.repeat(32);
const file = { bytes: 3, sha256: hash };
const whole = { formatVersion: 1, ...fields(7), architecture: hash, files: { 'params.safetensors': file } };

const replaced = (path: readonly string[], value: unknown, of: unknown = whole): unknown => {
  const [key, ...rest] = path;
  return key === undefined ? value : { ...Object(of), [key]: replaced(rest, value, Object(of)[key]) };
};

const count = 'an integer from 0';
const key = 'two integers from 0 to 2^32 - 1';
const files = 'plain file names with bytes and sha256';

it('a whole manifest is of the form, with further fields too', () => {
  expect(misformedField(whole)).toBeUndefined();
  expect(misformedField({ ...whole, note: 'x', dataset: { ...whole.dataset, note: 'x' } })).toBeUndefined();
});

describe('a field of another form is named with what it must be', () => {
  it.each([
    [['formatVersion'], 2, '1, the only version known here'],
    [['createdBy'], '', 'a text'],
    [['step'], -1, count],
    [['step'], 0.5, count],
    [['step'], 2 ** 53, count],
    [['config'], [], 'an object'],
    [['config'], null, 'an object'],
    [['architecture'], hash.slice(1), 'a SHA-256 in hex'],
    [['architecture'], hash.toUpperCase(), 'a SHA-256 in hex'],
    [['normalisation', 'mode'], 1, 'a text'],
    [['normalisation', 'statistics'], 'x', 'an object'],
    [['dataset', 'id'], undefined, 'a text'],
    [['dataset', 'splitHash'], '', 'a text'],
    [['position', 'epoch'], '0', count],
    [['position', 'offset'], Number.NaN, count],
    [['dataset'], 'x', 'an object'],
    [['key'], [0], key],
    [['key'], [-1, 0], key],
    [['key'], [0, 2 ** 32], key],
    [['key'], [0.5, 0], key],
    [['key'], [0, 1, 2], key],
    [['files'], [], files],
    [['files'], { 'a/b': file }, files],
    [['files'], { 'manifest.json': file }, files],
    [['files'], { a: { bytes: -1, sha256: hash } }, files],
    [['files'], { a: { bytes: 1 } }, files],
    // Written out, since assigning `__proto__` would not make a field.
    [['files'], JSON.parse('{"__proto__": 5}'), files],
  ])('%j = %j', (path, value, expected) => {
    expect(misformedField(replaced(path, value))).toEqual({ field: path.join('.'), expected });
  });

  it('nothing else is a manifest, and nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(misformedField(value)).toBeDefined();
      }),
    );
  });
});
