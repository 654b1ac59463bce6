import { cacheDirectory } from '@torsor/install';
import { fromFloat64, matmul, program, tensorType } from '@torsor/tensor';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { openXla } from '../src/index.js';
import { missing } from './native/found.js';

it.skipIf(missing !== undefined)(
  `multiplies as the README does${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const type = tensorType('f32', [2, 2]);
    const squared = pipe(
      TE.Do,
      TE.bind('backend', () => openXla({ env: process.env, cache: cacheDirectory(process.env) })),
      TE.bindW('square', () => TE.fromEither(program({ x: type }, ({ x }) => matmul(x, x)))),
      TE.bindW('executable', ({ backend, square }) => backend.compile(square)),
      TE.bindW('x', ({ backend }) => backend.put(fromFloat64(type, [1, 2, 3, 4]))),
      TE.bindW('y', ({ backend, executable, x }) => backend.run(executable, { x })),
      TE.flatMap(({ backend, y }) => backend.get(y)),
    );
    expect(await squared()).toMatchObject({ right: { data: Float32Array.of(7, 10, 15, 22) } });
  },
);
