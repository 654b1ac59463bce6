import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { DataDict, DataValue, NdArray } from './array.js';
import { arrayOf, entryOf, isDict, wrongValue } from './entry.js';
import type { TransformError } from './error.js';
import type { Rules } from './rule.js';
import type { RepackStructure } from './transform.js';

/** Every entry that is not a record, by its path joined with `/`. */
export const flat = (dict: DataDict, prefix = ''): DataDict =>
  Object.fromEntries(
    Object.entries(dict).flatMap(([key, value]): readonly (readonly [string, DataValue])[] =>
      isDict(value) ? Object.entries(flat(value, `${prefix}${key}/`)) : [[`${prefix}${key}`, value]],
    ),
  );

const repack = (structure: RepackStructure, source: DataDict): E.Either<TransformError, DataDict> => {
  const out: (readonly [string, DataValue])[] = [];
  for (const [key, path] of Object.entries(structure)) {
    const value = typeof path === 'string' ? entryOf('RepackTransform', source, path) : repack(path, source);
    if (E.isLeft(value)) return value;
    out.push([key, value.right]);
  }
  return E.right(Object.fromEntries(out));
};

const task = 'PromptFromLeRobotTask';

/** A whole number for each sample. */
const taskIndices = (dict: DataDict, b: number): E.Either<TransformError, NdArray['data']> =>
  pipe(
    arrayOf(task, dict, 'task_index'),
    E.filterOrElse(
      ({ data }) => data.length === b && data.every(Number.isInteger),
      (index) => wrongValue(task, 'task_index', 'one whole number', index),
    ),
    E.map(({ data }) => data),
  );

const promptsOf = (
  tasks: { readonly [taskIndex: number]: string },
  indices: NdArray['data'],
): E.Either<TransformError, readonly string[]> => {
  const prompts: string[] = [];
  for (const taskIndex of indices) {
    const prompt = Object.hasOwn(tasks, taskIndex) ? tasks[taskIndex] : undefined;
    if (prompt === undefined) {
      return E.left({ _tag: 'UnknownTaskIndex', taskIndex, known: Object.keys(tasks).map(Number) });
    }
    prompts.push(prompt);
  }
  return E.right(prompts);
};

/** Transforms that only name, keep and add entries. */
export const keyRules: Rules<'RepackTransform' | 'InjectDefaultPrompt' | 'PromptFromLeRobotTask'> = {
  RepackTransform: ({ structure }, dict) => repack(structure, flat(dict)),

  InjectDefaultPrompt: ({ prompt }, dict, { b }) =>
    E.right(
      prompt === null || Object.hasOwn(dict, 'prompt') ? dict : { ...dict, prompt: new Array<string>(b).fill(prompt) },
    ),

  PromptFromLeRobotTask: ({ tasks }, dict, { b }) =>
    pipe(
      taskIndices(dict, b),
      E.flatMap((indices) => promptsOf(tasks, indices)),
      E.map((prompt) => ({ ...dict, prompt })),
    ),
};
