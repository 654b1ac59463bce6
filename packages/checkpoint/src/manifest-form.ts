import { isJsonObject } from './json.js';

/** What a field must be, and how to tell. */
type Rule = {
  readonly path: readonly string[];
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
};

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isWord = (value: unknown): boolean => isCount(value) && Number(value) < 2 ** 32;
const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isKey = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value.every(isWord);
const isFileName = (name: string): boolean => /^\w[\w.-]*$/.test(name) && name !== 'manifest.json';
const isFile = ([name, value]: readonly [string, unknown]): boolean =>
  isFileName(name) && isJsonObject(value) && isCount(value['bytes']) && isHash(value['sha256']);
const isFiles = (value: unknown): boolean => isJsonObject(value) && Object.entries(value).every(isFile);

const count = 'an integer from 0';
const rules: readonly Rule[] = [
  { path: ['formatVersion'], expected: '1, the only version known here', holds: (value) => value === 1 },
  { path: ['createdBy'], expected: 'a text', holds: isText },
  { path: ['step'], expected: count, holds: isCount },
  { path: ['config'], expected: 'an object', holds: isJsonObject },
  { path: ['architecture'], expected: 'a SHA-256 in hex', holds: isHash },
  { path: ['normalisation', 'mode'], expected: 'a text', holds: isText },
  { path: ['normalisation', 'statistics'], expected: 'an object', holds: isJsonObject },
  { path: ['dataset', 'id'], expected: 'a text', holds: isText },
  { path: ['dataset', 'splitHash'], expected: 'a text', holds: isText },
  { path: ['position', 'epoch'], expected: count, holds: isCount },
  { path: ['position', 'offset'], expected: count, holds: isCount },
  { path: ['key'], expected: 'two integers from 0 to 2^32 - 1', holds: isKey },
  { path: ['files'], expected: 'plain file names with bytes and sha256', holds: isFiles },
];

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((node, key) => (isJsonObject(node) ? node[key] : undefined), value);

/** The first field of a manifest that has the wrong form, and what it must be. */
export const misformedField = (value: unknown): { readonly field: string; readonly expected: string } | undefined => {
  const broken = rules.find(({ path, holds }) => !holds(at(value, path)));
  return broken === undefined ? undefined : { field: broken.path.join('.'), expected: broken.expected };
};
