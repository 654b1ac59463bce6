import * as E from 'fp-ts/lib/Either.js';
import type { DataDict, DataValue } from './array.js';
import { arrayOf, entryOf, isDict, wrongValue } from './entry.js';
import type { TransformError } from './error.js';
import type { Rules } from './rule.js';
import type { RepackStructure } from './transform.js';

/** Every entry that is not a record, by its path joined with `/`. */
const flat = (dict: DataDict, prefix = ''): DataDict =>
  Object.fromEntries(
    Object.entries(dict).flatMap(([key, value]): readonly (readonly [string, DataValue])[] =>
      isDict(value) ? Object.entries(flat(value, `${prefix}${key}/`)) : [[`${prefix}${key}`, value]],
    ),
  );

const repack = (structure: RepackStructure, source: DataDict): E.Either<TransformError, DataDict> => {
  const out: Record<string, DataValue> = {};
  for (const [key, path] of Object.entries(structure)) {
    const value = typeof path === 'string' ? entryOf('RepackTransform', source, path) : repack(path, source);
    if (E.isLeft(value)) return value;
    out[key] = value.right;
  }
  return E.right(out);
};

const taskIndexOf = (dict: DataDict): E.Either<TransformError, number> => {
  const name = 'PromptFromLeRobotTask';
  const index = arrayOf(name, dict, 'task_index');
  if (E.isLeft(index)) return index;
  const [value] = index.right.data;
  return value !== undefined && index.right.data.length === 1 && Number.isInteger(value)
    ? E.right(value)
    : E.left(wrongValue(name, 'task_index', 'one whole number', index.right));
};

/** Transforms that only name, keep and add entries. */
export const keyRules: Rules<'RepackTransform' | 'InjectDefaultPrompt' | 'PromptFromLeRobotTask'> = {
  RepackTransform: ({ structure }, dict) => repack(structure, flat(dict)),

  InjectDefaultPrompt: ({ prompt }, dict) =>
    E.right(prompt === null || Object.hasOwn(dict, 'prompt') ? dict : { ...dict, prompt }),

  PromptFromLeRobotTask: ({ tasks }, dict) => {
    const taskIndex = taskIndexOf(dict);
    if (E.isLeft(taskIndex)) return taskIndex;
    const prompt = tasks[taskIndex.right];
    const known = Object.keys(tasks).map(Number);
    return prompt === undefined
      ? E.left({ _tag: 'UnknownTaskIndex', taskIndex: taskIndex.right, known })
      : E.right({ ...dict, prompt });
  },
};
