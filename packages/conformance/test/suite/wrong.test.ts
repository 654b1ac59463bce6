import { type Backend, referenceBackend } from '@torsor/backend';
import { type DType, fromFloat64, type TensorValue, toFloat64 } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { checkCase, type Entry, executeOn, inputsOf, suite } from '../../src/index.js';

// A suite that a wrong backend passes proves nothing.

/** How wrong a number of each dtype is made; 0 stands for another integer or bool. */
const errors: { readonly [D in DType]: number } = {
  f32: 1e-4,
  f64: 1e-12,
  bf16: 0.3,
  f16: 0.1,
  i32: 0,
  u32: 0,
  bool: 0,
};

const wrongNumber =
  (dtype: DType) =>
  (x: number): number => {
    const error = errors[dtype];
    return error === 0 ? x + (x > 0 ? -1 : 1) : x * (1 + error) + 2 * error;
  };

const wrongValue = (value: TensorValue): TensorValue =>
  fromFloat64(value.type, toFloat64(value).map(wrongNumber(value.type.dtype)));

const right = referenceBackend();
const wrong: Backend = { ...right, get: (buffer) => TE.map(wrongValue)(right.get(buffer)) };

/** Nothing, or only NaN and infinities, which stay what they are. */
const hasNothingToBeWrongIn = async ({ case: each }: Entry): Promise<boolean> => {
  const built = each.program();
  const outputs = E.isLeft(built) ? built : await executeOn(right, built.right, inputsOf(each))();
  return E.isRight(outputs) && [...outputs.right.values()].every((value) => !toFloat64(value).some(Number.isFinite));
};

it('a backend that is a little wrong everywhere passes no case that has a finite result', async () => {
  const passed: string[] = [];
  for (const entry of suite) {
    const found = await checkCase(wrong, entry.case)();
    if (E.isRight(found) && !(await hasNothingToBeWrongIn(entry))) passed.push(entry.id);
  }
  expect(passed).toEqual([]);
});
