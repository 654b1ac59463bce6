import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import {
  gripperFromAngular,
  gripperFromAngularInv,
  gripperToAngular,
  NdArray,
  type NdType,
  type SampleDict,
  type SampleValue,
  showTransformError,
  type Transform,
  transformSample,
} from '../../src/index.js';

// What openpi's own classes gave (15a9616): fixtures/ORIGIN.md. packages/conformance compares tokens and whole pipelines too.

type ArrayJson = { readonly dtype: NdType; readonly shape: readonly number[]; readonly data: readonly number[] };
type ValueJson = ArrayJson | string | { readonly [key: string]: ValueJson };
type DictJson = { readonly [key: string]: ValueJson };
type Case = { readonly transform: Transform; readonly input: DictJson; readonly output: DictJson };
type Gripper = Readonly<
  Record<'value' | 'gripper_to_angular' | 'gripper_from_angular' | 'gripper_from_angular_inv', readonly number[]>
>;

const file = new URL('../../fixtures/openpi-transforms.json', import.meta.url);
const { cases, gripper } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly cases: readonly Case[];
  readonly gripper: Gripper;
};

const kinds = {
  uint8: Uint8Array,
  bool: Uint8Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

const isArray = (value: ValueJson): value is ArrayJson => typeof value !== 'string' && Array.isArray(value['data']);

const valueOf = (value: ValueJson): SampleValue => {
  if (typeof value === 'string') return value;
  return isArray(value) ? new NdArray(value.dtype, value.shape, kinds[value.dtype].from(value.data)) : dictOf(value);
};

const dictOf = (json: DictJson): SampleDict =>
  Object.fromEntries(Object.entries(json).map(([key, value]) => [key, valueOf(value)]));

/** Float64 of float32: openpi adds 1 in float32 before it goes over, half an ulp below 4, times widths of up to 3.3. */
const bounds = { exact: 0, single: 2e-7, double: 1e-12 } as const;

const boundOf = ({ dtype }: NdArray, given: SampleValue | undefined): number => {
  if (dtype !== 'float64') return bounds.exact;
  return given instanceof NdArray && given.dtype === 'float32' ? bounds.single : bounds.double;
};

const expectClose = (
  path: string,
  found: SampleValue | undefined,
  expected: SampleValue,
  given: SampleValue | undefined,
): void => {
  if (typeof expected === 'string' || !(expected instanceof NdArray)) {
    if (typeof expected === 'string') expect(found, path).toBe(expected);
    else expectDict(path, (found ?? {}) as SampleDict, expected, {});
    return;
  }
  const array = found instanceof NdArray ? found : new NdArray('bool', [], new Uint8Array());
  expect({ path, dtype: array.dtype, shape: array.shape }).toEqual({
    path,
    dtype: expected.dtype,
    shape: expected.shape,
  });
  const errors = Array.from(expected.data, (value, i) => Math.abs(value - (array.data[i] ?? Number.NaN)));
  expect(Math.max(0, ...errors), path).toBeLessThanOrEqual(boundOf(expected, given));
};

const expectDict = (path: string, found: SampleDict, expected: SampleDict, given: SampleDict): void => {
  expect(Object.keys(found).toSorted(), path).toEqual(Object.keys(expected).toSorted());
  for (const [key, value] of Object.entries(expected)) expectClose(`${path}/${key}`, found[key], value, given[key]);
};

it.each(cases.map((found, i) => ({ ...found, i, kind: found.transform.kind })))('$i $kind', (found) => {
  const out = transformSample([found.transform])(dictOf(found.input));
  if (E.isLeft(out)) throw new Error(showTransformError(out.left));
  expectDict(found.kind, out.right, dictOf(found.output), dictOf(found.input));
});

it.each([
  ['gripper_to_angular', gripperToAngular],
  ['gripper_from_angular', gripperFromAngular],
  ['gripper_from_angular_inv', gripperFromAngularInv],
] as const)('%s', (name, map) => {
  const errors = gripper.value.map((value, i) => Math.abs(map(value) - (gripper[name][i] ?? Number.NaN)));
  expect(Math.max(...errors)).toBeLessThanOrEqual(1e-12);
});
