import * as z from 'zod';
import { isJsonObject } from './json.js';

const count = z.int('an integer from 0').min(0, 'an integer from 0');
const text = z.string('a text').min(1, 'a text');
const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const hash = z.custom<string>(isHash, 'a SHA-256 in hex');
const object = z.custom(isJsonObject, 'an object');
const word = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const pair = z.tuple([word, word]);
const key = z.custom((value) => pair.safeParse(value).success, 'two integers from 0 to 2^32 - 1');

const texts = z.array(z.string('a list of texts'), 'a list of texts').optional();

const record = z.looseObject({ bytes: count, sha256: hash });
const isFileName = (name: string): boolean => /^\w[\w.-]*$/.test(name) && name !== 'manifest.json';
// By hand, since zod's records pass over a key `__proto__`.
const areFiles = (value: unknown): boolean =>
  isJsonObject(value) &&
  Object.entries(value).every(([name, file]) => isFileName(name) && record.safeParse(file).success);

const manifest = z.looseObject(
  {
    formatVersion: z.literal(1, '1, the only version known here'),
    createdBy: text,
    step: count,
    config: object,
    architecture: hash,
    normalisation: z.looseObject({ mode: text, statistics: object }, 'an object'),
    dataset: z.looseObject(
      { id: text, splitHash: text, trained: texts, stateNames: texts, actionNames: texts },
      'an object',
    ),
    position: z.looseObject({ epoch: count, offset: count }, 'an object'),
    key,
    files: z.custom(areFiles, 'plain file names with bytes and sha256'),
  },
  'an object',
);

/** The first field of a manifest that has the wrong form, and what it must be. */
export const misformedField = (value: unknown): { readonly field: string; readonly expected: string } | undefined => {
  const [issue] = manifest.safeParse(value).error?.issues ?? [];
  return issue === undefined ? undefined : { field: issue.path.join('.'), expected: issue.message };
};
