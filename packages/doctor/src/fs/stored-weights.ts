import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { showCheckpointError, withTensors } from '@torsor/checkpoint';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { StoredWeights } from '../run/weights.js';

const table = 'PaliGemma/llm/embedder/input_embedding';

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (found, key) => (typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );

const lengthAt = (value: unknown, feature: string): number | null => {
  const mean = at(value, 'normalisation', 'statistics', feature, 'mean');
  return Array.isArray(mean) ? mean.length : null;
};

/** What the manifest of a checkpoint says, which is opened for more than this later on and checked then. */
const manifestIn = async (directory: string): Promise<StoredWeights['manifest']> => {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'));
    return {
      state: lengthAt(manifest, 'state'),
      actions: lengthAt(manifest, 'actions'),
      isEmbedded: at(manifest, 'config', 'data', 'tokenizer') === null,
    };
  } catch {
    return null;
  }
};

/**
 * What stored weights are, from their headers: no tensor is read.
 *
 * @errors a sentence of what is wrong with the files.
 */
export const storedWeights = (path: string): TE.TaskEither<string, StoredWeights> =>
  pipe(
    withTensors(path)((source) =>
      TE.right({
        rows: source.tensors.get(table)?.shape[0] ?? null,
        directory: source.weights.kind === 'checkpoint' ? source.weights.directory : null,
      }),
    ),
    TE.mapLeft(showCheckpointError),
    TE.flatMap(({ rows, directory }) => async () => {
      const manifest = directory === null ? null : await manifestIn(directory);
      return E.right({ path, rows, manifest });
    }),
  );
