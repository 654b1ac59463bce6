import { fromFloat64, matmul, program, tensorType } from '@torsor/tensor';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { openTfjs } from '../src/index.js';

it('multiplies as the README does', async () => {
  const type = tensorType('f32', [2, 2]);
  const squared = pipe(
    TE.Do,
    TE.bind('backend', () => openTfjs('wasm', { env: process.env, project: process.cwd() })),
    TE.bindW('square', () => TE.fromEither(program({ x: type }, ({ x }) => matmul(x, x)))),
    TE.bindW('executable', ({ backend, square }) => backend.compile(square)),
    TE.bindW('x', ({ backend }) => backend.put(fromFloat64(type, [1, 2, 3, 4]))),
    TE.bindW('y', ({ backend, executable, x }) => backend.run(executable, { x })),
    TE.flatMap(({ backend, y }) => backend.get(y)),
  );
  expect(await squared()).toMatchObject({ right: { data: Float32Array.of(7, 10, 15, 22) } });
});
