import { matmul, program, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { donationByPath, planProgram } from '../src/index.js';

it('the example of the README runs', () => {
  const built = program(
    { batch: { x: tensorType('f32', [8, 64]) }, params: { w: tensorType('f32', [64, 32]) } },
    ({ batch, params }) => ({ y: matmul(batch.x, params.w) }),
  );
  const mesh = { axes: [{ name: 'data', size: 4 }] };
  const flops = E.map(
    (of: Parameters<typeof donationByPath>[0]) =>
      planProgram({ program: of, mesh, specs: [[['data']], []], donated: donationByPath(of) }).flopsPerDevice,
  )(built);
  expect(flops).toEqual(E.right(8192));
});
