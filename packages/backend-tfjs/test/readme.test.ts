import { fromFloat64, matmul, program, tensorType } from '@torsor/tensor';
import { expect, it } from 'vitest';
import { openTfjs } from '../src/index.js';
import { done } from './agreement.js';

it('multiplies as the README does', async () => {
  const backend = await done(openTfjs('wasm', { env: process.env, project: process.cwd() }));
  const square = program({ x: tensorType('f32', [2, 2]) }, ({ x }) => matmul(x, x));
  if (square._tag === 'Left') throw new Error(square.left.reason);
  const executable = await done(backend.compile(square.right));
  const x = await done(backend.put(fromFloat64(tensorType('f32', [2, 2]), [1, 2, 3, 4])));
  const y = await done(backend.run(executable, { x }));
  expect([...(await done(backend.get(y))).data]).toEqual([7, 10, 15, 22]);
});
