import { isValues } from '@torsor/settings';
import * as E from 'fp-ts/lib/Either.js';
import type { TrainConfig } from '../config/schema.js';
import type { RunError } from './error.js';

/** Fields that say how long to train, where, and what to report and keep: a resumed run may have others, its updates stay the same. */
const free: ReadonlySet<string> = new Set<keyof TrainConfig | `model.${keyof TrainConfig['model']}`>([
  'name',
  'out',
  'steps',
  'maxMinutes',
  'backend',
  'mesh',
  'fsdpMinBytes',
  'model.remat',
  'evalInterval',
  'saveInterval',
  'keepLast',
  'keepPeriod',
]);

const differences = (saved: unknown, asked: unknown, path: string): readonly string[] => {
  if (free.has(path)) return [];
  if (isValues(saved) && isValues(asked)) {
    const keys = [...new Set([...Object.keys(saved), ...Object.keys(asked)])];
    return keys.flatMap((key) => differences(saved[key], asked[key], path === '' ? key : `${path}.${key}`));
  }
  const [before, now] = [JSON.stringify(saved), JSON.stringify(asked)];
  return before === now ? [] : [`${path} was ${before}, is ${now}`];
};

/**
 * Admits a resumed run's configuration where it would make the same updates and metrics as the saved one.
 *
 * @errors `ConfigChanged` naming every field that differs; `steps`, `maxMinutes`, `backend`, `mesh`, `fsdpMinBytes`, `model.remat`, the
 * intervals of evaluation and saving, and what is kept may differ.
 */
export const resumable = (dir: string, saved: TrainConfig, asked: TrainConfig): E.Either<RunError, TrainConfig> => {
  const changes = differences(saved, asked, '');
  return changes.length === 0 ? E.right(asked) : E.left({ _tag: 'ConfigChanged', dir, changes });
};
