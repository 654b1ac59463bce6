import { add, mul, program, tensorType, tensorValue } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { type BackendError, type Buffer, referenceBackend, showBackendError } from '../src/index.js';

const run = async <A>(task: TE.TaskEither<BackendError, A>): Promise<A> =>
  E.getOrElse((error: BackendError): A => {
    throw new Error(showBackendError(error));
  })(await task());

const scalar = (x: number) => E.getOrElseW(() => expect.fail('a value'))(tensorValue('f32', [], Float32Array.of(x)));

const affine = E.getOrElseW(() => expect.fail('a program'))(
  program({ x: tensorType('f32'), w: tensorType('f32') }, ({ x, w }) => ({ y: add(mul(w, x), 1) })),
);

const setUp = async () => {
  const backend = referenceBackend();
  const executable = await run(backend.compile(affine));
  const inputs = { x: await run(backend.put(scalar(3))), w: await run(backend.put(scalar(2))) };
  return { backend, executable, inputs };
};

describe('the reference as a backend', () => {
  it('computes what the program says', async () => {
    const { backend, executable, inputs } = await setUp();
    const { y } = await run(backend.run(executable, inputs));
    expect((await run(backend.get(y))).data).toEqual(Float32Array.of(7));
  });

  it('holds nothing after everything is released', async () => {
    const { backend, executable, inputs } = await setUp();
    const { y } = await run(backend.run(executable, inputs));
    await run(backend.release([inputs.x, inputs.w, y]));
    expect(backend.memory()).toEqual({ buffers: 0, bytes: 0 });
  });

  it('takes donated inputs and refuses them afterwards', async () => {
    const { backend, executable, inputs } = await setUp();
    await run(backend.run(executable, inputs, { donate: ['x'] }));
    const error = await backend.run(executable, inputs)();
    expect(E.isLeft(error) && showBackendError(error.left)).toContain('f32[] of the backend reference was used after');
  });

  it('names an input that is missing or of another type', async () => {
    const { backend, executable, inputs } = await setUp();
    const missing = await backend.run(executable, { x: inputs.x } as unknown as typeof inputs)();
    expect(E.isLeft(missing) && showBackendError(missing.left)).toBe("input 'w': is missing; expected f32[]");
  });

  it('refuses a buffer of another backend', async () => {
    const { backend } = await setUp();
    const foreign = { backend: 'other', type: tensorType('f32') } as Buffer;
    expect(E.isLeft(await backend.get(foreign)())).toBe(true);
  });
});
