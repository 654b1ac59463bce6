import { isInconsistency } from '@torsor/policy';
import { decodeLayers, valueAt } from '@torsor/settings';
import { ignoredBySgd } from '@torsor/training';
import { trainConfigSchema } from './schema.js';
import { shorthands } from './shorthands.js';

const aliases = Object.fromEntries(Object.entries(shorthands).map(([name, { path }]) => [name, path]));

const ignored = (path: readonly PropertyKey[], input: unknown): string | null =>
  path[0] === 'optimizer' && valueAt(input, ['optimizer', 'kind']) === 'sgd'
    ? (ignoredBySgd[String(path.at(-1))] ?? null)
    : null;

/**
 * The configuration that layers add up to, lowest first.
 *
 * @errors those of `decodeLayers`: every error at once.
 */
export const decodeTrainConfig = decodeLayers(trainConfigSchema, { aliases, ignored, isInconsistency });
