import { program, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { attention, makeAttnMask, maskBias } from '../src/index.js';

it('the example of the README', () => {
  const heads = tensorType('f32', [1, 5, 4, 16]);
  const built = program(
    { q: heads, kv: tensorType('f32', [1, 5, 1, 16]), valid: tensorType('bool', [1, 5]), ar: tensorType('bool', [5]) },
    ({ q, kv, valid, ar }) => attention(q, kv, kv, maskBias(makeAttnMask(valid, ar), 'f32')),
  );
  const shape = E.match(
    () => [],
    ({ outputs }: { outputs: readonly { type: { shape: readonly number[] } }[] }) => outputs[0]?.type.shape ?? [],
  )(built);
  expect(shape).toEqual([1, 5, 4, 16]);
});
