import * as E from 'fp-ts/lib/Either.js';
import { isJsonObject } from '../json.js';
import { duplicateKey } from './duplicate-key.js';
import { nestsDeeper } from './nesting.js';

/** Ending of the file that says in which shard each tensor lies. */
export const indexEnding = '.safetensors.index.json';

/** Content of a `*.safetensors.index.json`. */
export type ShardIndex = {
  /** File by tensor name. */
  readonly weightMap: ReadonlyMap<string, string>;
  /** Bytes of all tensors as the writer counted them; writers differ over tied ones. */
  readonly totalSize: number | undefined;
};

const isFileName = (name: unknown): name is string =>
  typeof name === 'string' && /^[^/\\]+\.safetensors$/.test(name) && !name.includes('\0');

const parse = (text: string): E.Either<string, unknown> => {
  if (nestsDeeper(text, 8)) return E.left('brackets nest deeper than 8');
  return E.tryCatch(
    (): unknown => JSON.parse(text),
    (cause) => `it is not JSON (${String(cause)})`,
  );
};

/**
 * The index of a sharded file.
 *
 * @errors a reason in words: not JSON, a name twice, no `weight_map`, or a shard that is not a plain `*.safetensors` name beside the index.
 */
export const parseShardIndex = (text: string): E.Either<string, ShardIndex> => {
  const parsed = parse(text);
  if (E.isLeft(parsed)) return parsed;
  const twice = duplicateKey(text);
  if (twice !== undefined) return E.left(`it names '${twice}' twice`);
  const { weight_map: map, metadata } = isJsonObject(parsed.right) ? parsed.right : {};
  if (!isJsonObject(map)) return E.left("expected 'weight_map', an object of file names");
  // By hand, as the header is: zod's records pass over a name `__proto__`, and nothing here is ignored.
  const weightMap = new Map<string, string>();
  for (const [name, file] of Object.entries(map)) {
    if (!isFileName(file))
      return E.left(`'${name}' must be in a *.safetensors file beside the index, not ${JSON.stringify(file)}`);
    weightMap.set(name, file);
  }
  const total = isJsonObject(metadata) ? metadata['total_size'] : undefined;
  return E.right({ weightMap, totalSize: typeof total === 'number' ? total : undefined });
};

/** The text of an index, in the form that Hugging Face's libraries write. */
export const showShardIndex = (weightMap: ReadonlyMap<string, string>, totalSize: number): string => {
  const sorted = [...weightMap].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([name, file]) => `    ${JSON.stringify(name)}: ${JSON.stringify(file)}`);
  return `{\n  "metadata": {\n    "total_size": ${totalSize}\n  },\n  "weight_map": {\n${lines.join(',\n')}\n  }\n}\n`;
};
