import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError, Safetensors } from '../../src/index.js';
import { encodeSafetensors, fromTypedArray, readTensor, showCheckpointError, withTensors } from '../../src/index.js';
import type { Arrays } from '../names/fixtures.js';

/** A new directory of its own. */
export const temporaryDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-convert-'));

/** The answer of an effect that must succeed. */
export const runs = async <A>(effect: () => Promise<E.Either<CheckpointError, A>>): Promise<A> => {
  const result = await effect();
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

/** The error of an effect that must fail. */
export const fails = async <A>(effect: () => Promise<E.Either<CheckpointError, A>>): Promise<CheckpointError> => {
  const result = await effect();
  if (E.isRight(result)) throw new Error('expected a failure');
  return result.left;
};

/** Whole numbers as f32 tensors. */
export const floats = (arrays: Arrays): Safetensors => ({
  tensors: new Map(
    [...arrays].map(([name, { shape, elements }]) => [name, fromTypedArray('F32', shape, Float32Array.from(elements))]),
  ),
  metadata: {},
});

/** Writes a safetensors file. */
export const writeTensors = async (path: string, content: Safetensors): Promise<string> => {
  const bytes = encodeSafetensors(content);
  if (E.isLeft(bytes)) throw new Error(bytes.left._tag);
  await writeFile(path, bytes.right);
  return path;
};

/** Every tensor of a path by name: dtype, shape and bytes. */
export const readAll = (path: string): Promise<unknown> =>
  runs(
    withTensors(path)((source) => async () => {
      const all: [string, unknown][] = [];
      for (const name of [...source.tensors.keys()].sort()) {
        const tensor = await runs(readTensor(source, name));
        all.push([name, { dtype: tensor.dtype, shape: tensor.shape, elements: [...tensor.elements] }]);
      }
      return E.right(all);
    }),
  );
