import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, fromTypedArray, toFloat32 } from '../src/index.js';

it('the example of the README', () => {
  const kernel = fromTypedArray('F32', [2, 2], Float32Array.of(1, 2, 3, 4));
  const again = pipe(
    encodeSafetensors({ tensors: new Map([['head/kernel', kernel]]), metadata: { format: 'torsor' } }),
    E.flatMap(decodeSafetensors),
    E.map(({ tensors }) => tensors.get('head/kernel') ?? kernel),
    E.flatMap(toFloat32),
  );
  expect(again).toEqual(E.right(Float32Array.of(1, 2, 3, 4)));
});
