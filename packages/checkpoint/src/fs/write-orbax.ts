import { join } from 'node:path';
import type { FileSystem } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import type { JsonObject } from '../json.js';
import { orbaxArray, orbaxMetadata } from '../orbax/saved-tree.js';
import type { TensorToSave } from '../tensor-file.js';
import { type NamedRecord, writeHashed, writeSmallFile } from './write-tensor-file.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

const text = (value: JsonObject): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const writeArray = async (
  fs: FileSystem,
  directory: string,
  tensor: TensorToSave<CheckpointError>,
): Result<readonly NamedRecord[]> => {
  const array = orbaxArray(tensor);
  if (array === undefined) {
    const expected = `given: '${tensor.name}' is ${tensor.dtype}, which openpi has no parameters of`;
    return E.left({ _tag: 'BadOption', option: 'dtype', expected });
  }
  const made = await fs.makeDirectory(join(directory, array.folder))();
  if (E.isLeft(made)) return made;
  const form = await writeSmallFile(fs, directory, `${array.folder}/.zarray`, text(array.form))();
  if (E.isLeft(form)) return form;
  const file = `${array.folder}/${array.chunk}`;
  const chunk = await writeHashed(fs, join(directory, file))(tensor.write)();
  return E.isLeft(chunk) ? chunk : E.right([form.right, [file, chunk.right]]);
};

/**
 * Writes tensors as Orbax saves parameters with `use_ocdbt=False`: openpi's `restore_params` reads them.
 *
 * @param below - the folder in `directory` that is written into.
 * @returns size and hash of every file written, by its path in `directory`.
 * @errors `CannotWrite`, `BadOption` for a dtype that openpi has no parameters of, those of the tensors.
 */
export const writeOrbax = async (
  fs: FileSystem,
  directory: string,
  below: string,
  tensors: readonly TensorToSave<CheckpointError>[],
): Result<readonly NamedRecord[]> => {
  const folder = join(directory, below);
  const records: NamedRecord[] = [];
  for (const tensor of tensors) {
    const written = await writeArray(fs, folder, tensor);
    if (E.isLeft(written)) return written;
    records.push(...written.right);
  }
  for (const [file, value] of Object.entries(orbaxMetadata(tensors))) {
    const written = await writeSmallFile(fs, folder, file, text(value))();
    if (E.isLeft(written)) return written;
    records.push(written.right);
  }
  return E.right(records.map(([file, record]) => [`${below}/${file}`, record]));
};
