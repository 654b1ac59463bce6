import { referenceBackend } from '@torsor/backend';
import { matmul } from '@torsor/tensor';
import { expect, it } from 'vitest';
import { checkCase, example, normals, sumOf } from '../src/index.js';

it('the example of the README runs', async () => {
  const product = example('a product', sumOf(4), { x: normals([2, 4]), y: normals([4, 3]) }, ({ x, y }) =>
    matmul(x, y),
  );
  const error = await checkCase(referenceBackend('declared'), product)();
  expect(error).toMatchObject({ _tag: 'Right' });
});
