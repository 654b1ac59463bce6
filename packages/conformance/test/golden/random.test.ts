import { bernoulli, bits, foldIn, type Key, key, normal, permutation, randint, split, uniform } from '@torsor/random';
import { describe, expect, it } from 'vitest';
import { describeGolden } from './describe-golden.js';
import { number, numbers, object, objects } from './json.js';

const bitsOf = (values: Float32Array): readonly number[] => Array.from(new Uint32Array(values.buffer));

const float32 = (value: unknown): readonly number[] => bitsOf(Float32Array.from(numbers(value)));

// Integers that follow each other as the float32 numbers do, so that a difference counts units in the last place.
const ordinal = (word: number): number => (word >= 0x80000000 ? 0x80000000 - word : word);

const withinUlp = (actual: readonly number[], expected: readonly number[], limit: number): void => {
  expect(actual).toHaveLength(expected.length);
  const worst = expected.reduce((max, word, i) => Math.max(max, Math.abs(ordinal(word) - ordinal(actual[i] ?? 0))), 0);
  expect(worst).toBeLessThanOrEqual(limit);
};

type Check = (k: Key, value: unknown, parameters: readonly number[], size: number) => void;

const checks: Readonly<Record<string, Check>> = {
  bits: (k, value, _, size) => expect(Array.from(bits(k, size))).toEqual(numbers(value)),
  uniform: (k, value, _, size) => expect(bitsOf(uniform(k, size))).toEqual(float32(value)),
  uniform_f32bits: (k, value, _, size) => expect(bitsOf(uniform(k, size))).toEqual(numbers(value)),
  normal: (k, value, _, size) => withinUlp(bitsOf(normal(k, size)), float32(value), 2),
  normal_f32bits: (k, value, _, size) => withinUlp(bitsOf(normal(k, size)), numbers(value), 2),
  randint: (k, value, [min = 0, max = 0], size) =>
    expect(Array.from(randint(k, size, min, max))).toEqual(numbers(value)),
  permutation: (k, value, _, size) => expect(Array.from(permutation(k, size))).toEqual(numbers(value)),
  bernoulli: (k, value, [p = 0], size) => expect(Array.from(bernoulli(k, size, p))).toEqual(numbers(value)),
};

/** `normal_2x3x4` → normal, 24 values; `randint_8_0_100` → randint, 8 values, parameters 0 and 100. */
const parse = (name: string): { kind: string; size: number; parameters: readonly number[] } => {
  const words = name.split('_');
  const isNumeric = (word: string): boolean => /^[\d.x-]+$/.test(word);
  const [shape = '0', ...parameters] = words.filter(isNumeric);
  return {
    kind: words.filter((word) => !isNumeric(word)).join('_'),
    size: shape.split('x').reduce((product, dim) => product * Number(dim), 1),
    parameters: parameters.map(Number),
  };
};

describeGolden('random', ['random.json'], (golden) => {
  describe.each(objects(object(golden.json('random.json'))['cases']).map((c) => [number(c['seed']), c] as const))(
    'seed %d',
    (seed, { seed: _, key_data, fold_in, ...draws }) => {
      const k = key(seed);

      it('key', () => {
        expect(k).toEqual(numbers(key_data));
      });

      it.each(Object.entries(object(fold_in)))('foldIn %s', (data, words) => {
        expect(foldIn(k, Number(data))).toEqual(numbers(words));
      });

      // JAX draws beta by rejecting gamma variables and ours inverts: equal in distribution only.
      it.each(Object.entries(draws).filter(([name]) => !name.startsWith('beta_')))('%s', (name, value) => {
        const n = /^split(\d+)$/.exec(name)?.[1];
        if (n !== undefined) {
          expect(split(k, Number(n)).flat()).toEqual(numbers(value));
          return;
        }
        const { kind, size, parameters } = parse(name);
        const check = checks[kind];
        if (check === undefined) throw new Error(`golden random: no check for '${name}'`);
        check(k, value, parameters, size);
      });
    },
  );
});
