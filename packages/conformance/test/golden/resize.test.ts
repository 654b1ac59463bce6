import { resizeBytesWithPad } from '@torsor/data';
import { resizeWithPad } from '@torsor/models';
import { fromFloat64, roundNearestEven, type TensorValue, tensorType } from '@torsor/tensor';
import { expect, it } from 'vitest';
import { describeGolden } from './describe-golden.js';
import { record } from './fidelity/record.js';
import { number, numbers, object, objects } from './json.js';
import { describeBackends, type OpenBackend } from './models/backends.js';
import { resultAt, runWith } from './models/running.js';
import { resizeBound } from './resize-bound.js';

type Case = {
  readonly name: string;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly bytes: Uint8Array;
  readonly pil: readonly number[];
  readonly jaxBytes: readonly number[];
  readonly jaxReals: readonly number[];
};

const caseOf = (json: Readonly<Record<string, unknown>>): Case => {
  const [h = 0, w = 0] = numbers(json['input_shape']);
  const to = [number(json['height']), number(json['width'])] as const;
  return {
    name: `${h}x${w} in ${to.join('x')}`,
    from: [h, w],
    to,
    bytes: Uint8Array.from(numbers(json['input_u8'])),
    pil: numbers(json['pil_u8']),
    jaxBytes: numbers(json['jax_u8']),
    jaxReals: numbers(json['jax_f32_from_minus1_1']),
  };
};

const judge = (
  backend: string,
  array: string,
  found: TensorValue,
  expected: readonly number[],
  bound: number,
): void => {
  const error = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (found.data[i] ?? Number.NaN))), 0);
  record({ group: 'resize_with_pad', kind: 'transforms', array, backend, error, bound });
  expect(error, array).toBeLessThanOrEqual(bound);
};

const testExpression = async (open: OpenBackend, c: Case): Promise<void> => {
  const type = tensorType('f32', [1, ...c.from, 3]);
  const given = {
    bytes: fromFloat64(type, c.bytes),
    reals: fromFloat64(
      type,
      Array.from(c.bytes, (byte) => Math.fround(Math.fround(byte / 255) * 2 - 1)),
    ),
  };
  const results = await runWith(open, given, ({ bytes, reals }) => ({
    reals: resizeWithPad(reals, c.to),
    bytes: roundNearestEven(resizeWithPad(bytes, c.to, { low: 0, high: 255 })),
  }));
  judge(
    open.name,
    `${c.name}, reals`,
    resultAt(results, 'reals'),
    c.jaxReals,
    resizeBound(Math.max(...c.from, ...c.to)),
  );
  // A value halfway between two bytes may round to either.
  judge(open.name, `${c.name}, bytes`, resultAt(results, 'bytes'), c.jaxBytes, 1);
};

describeGolden('resize_with_pad', ['norm/norm.json'], (golden) => {
  const listed = object(golden.json('norm/norm.json'))['resize_with_pad'];
  if (listed === undefined) {
    it.skip('norm/norm.json has no resize_with_pad', () => {});
    return;
  }
  const cases = objects(listed).map(caseOf);

  it.each(cases)("$name: Pillow's bytes", ({ name, bytes, from, to, pil }) => {
    const found = resizeBytesWithPad(bytes, from, to);
    const error = pil.filter((byte, i) => byte !== found[i]).length;
    record({ group: 'resize_with_pad', kind: 'exact', array: `${name}, Pillow`, backend: 'host', error, bound: 0 });
    expect([...found]).toEqual(pil);
  });

  describeBackends(0, (open) => {
    it.each(cases)('$name', (c) => testExpression(open, c));
  });
});
