import { cacheDirectory } from '@torsor/install';
import { fromFloat64, matmul, program, tensorType } from '@torsor/tensor';
import { expect, it } from 'vitest';
import { openXla } from '../src/index.js';
import { built, done, missing } from './native/found.js';

it.skipIf(missing !== undefined)(
  `multiplies as the README does${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const backend = await done(openXla({ env: process.env, cache: cacheDirectory(process.env) }));
    const square = built(program({ x: tensorType('f32', [2, 2]) }, ({ x }) => matmul(x, x)));
    const executable = await done(backend.compile(square));
    const x = await done(backend.put(fromFloat64(tensorType('f32', [2, 2]), [1, 2, 3, 4])));
    const y = await done(backend.run(executable, { x }));
    expect([...(await done(backend.get(y))).data]).toEqual([7, 10, 15, 22]);
  },
);
