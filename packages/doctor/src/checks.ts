import type { Check } from './check.js';
import { actions } from './checks/actions.js';
import { chunks } from './checks/chunks.js';
import { outliers } from './checks/outliers.js';
import { stillness } from './checks/stillness.js';
import { tasks } from './checks/tasks.js';
import { time } from './checks/time.js';

/** Every check of the rows of a dataset, in the order that findings of one severity are told. */
export const checks: readonly Check[] = [time, outliers, stillness, actions, chunks, tasks];
