import { isValues, knownPaths, valueAt } from '@torsor/settings';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { fileJsonSchema } from '../../src/config/json-schema.js';
import { defaultRequest, resolveConfig } from '../../src/config/resolve.js';

const paths = (value: unknown, prefix = ''): readonly string[] =>
  isValues(value)
    ? Object.entries(value).flatMap(([key, inner]) => [prefix + key, ...paths(inner, `${prefix}${key}.`)])
    : [];

it('knows every key of a resolved configuration, and further ones only below what is null there', () => {
  const resolved = resolveConfig(defaultRequest);
  const config: unknown = E.isRight(resolved) ? resolved.right : {};
  const known = knownPaths(fileJsonSchema(['p']), config);
  const own = [...paths(config), 'preset'];
  expect(E.isRight(resolved)).toBe(true);
  expect(known).toEqual(expect.arrayContaining(own));
  const further = known.filter((path) => !own.includes(path));
  const keys = (path: string): readonly string[] => path.split('.');
  const isBelowNull = (path: string): boolean =>
    keys(path).some((_, depth) => valueAt(config, keys(path).slice(0, depth + 1)) === null);
  expect(further.filter((path) => !isBelowNull(path))).toEqual([]);
});

it('asks for no key, since a file may hold any part of a run', () => {
  expect(JSON.stringify(fileJsonSchema(['p']))).not.toContain('"required"');
});
