import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { fileJsonSchema } from '../../src/config/jsonSchema.js';
import { knownPaths } from '../../src/config/keys.js';
import { isValues } from '../../src/config/layer.js';
import { defaultRequest, resolveConfig } from '../../src/config/resolve.js';

const paths = (value: unknown, prefix = ''): readonly string[] =>
  isValues(value)
    ? Object.entries(value).flatMap(([key, inner]) => [prefix + key, ...paths(inner, `${prefix}${key}.`)])
    : [];

it('knows every key of a resolved configuration', () => {
  const config = resolveConfig(defaultRequest);
  const known = knownPaths(fileJsonSchema(['p']), E.isRight(config) ? config.right : {});
  expect(E.isRight(config)).toBe(true);
  expect(known.toSorted()).toEqual([...paths(E.isRight(config) ? config.right : {}), 'preset'].toSorted());
});

it('asks for no key, since a file may hold any part of a run', () => {
  expect(JSON.stringify(fileJsonSchema(['p']))).not.toContain('"required"');
});
