import type { Episode } from '@torsor/data';
import type { Check, Subject } from '../check.js';
import type { Finding, Severity } from '../finding.js';
import { counted, distinctNumbers, excluding, listed } from '../words.js';

/** Episodes of a task, and frames of other tasks than the metadata gives an episode. */
type Used = ReadonlyMap<number, readonly number[]>;

const quoted = (texts: readonly string[]): string => listed(texts.map((text) => JSON.stringify(text)));

type About = { readonly tasks: readonly number[]; readonly episodes?: readonly number[] };

const finding = (
  _tag: string,
  severity: Severity,
  { tasks, episodes = [] }: About,
  message: string,
  remedy: string | null,
): Finding => {
  const [task = 0] = tasks;
  const [episode] = episodes;
  return {
    _tag,
    severity,
    where: { feature: 'task_index', ...(episode === undefined ? {} : { episode }) },
    numbers: { task, tasks: tasks.length },
    ...(episodes.length === 0 ? {} : { episodes }),
    message,
    remedy,
  };
};

const tasksFile = 'the tasks in meta/';

const episodesOf = (tasks: readonly number[], used: Used): readonly number[] =>
  distinctNumbers(tasks.flatMap((task) => used.get(task) ?? []));

const emptyTasks = ({ tasks }: Subject, used: Used): readonly Finding[] => {
  const empty = [...tasks].flatMap(([index, text]) => (text.trim() === '' ? [index] : []));
  if (empty.length === 0) return [];
  const episodes = episodesOf(empty, used);
  const said = `${counted(empty.length, 'task')} without a text (task_index ${listed(empty)})`;
  return [
    episodes.length === 0
      ? finding('EmptyTask', 'note', { tasks: empty }, `${said}, which no frame has.`, null)
      : finding(
          'EmptyTask',
          'error',
          { tasks: empty, episodes },
          `${said}, in ${counted(episodes.length, 'episode')}: no prompt can be made of it.`,
          `a text in ${tasksFile}, or ${excluding(episodes)}`,
        ),
  ];
};

const repeatedTasks = ({ tasks }: Subject): readonly Finding[] => {
  const byText = new Map<string, (readonly [number, string])[]>();
  for (const entry of tasks) byText.set(entry[1].trim(), [...(byText.get(entry[1].trim()) ?? []), entry]);
  return [...byText].flatMap(([text, entries]) =>
    entries.length < 2 || text === ''
      ? []
      : [
          finding(
            'RepeatedTask',
            'warning',
            { tasks: entries.map(([index]) => index) },
            `task_index ${listed(entries.map(([index]) => index))} have one text: ${JSON.stringify(text)}. They are one task to a policy, and several where tasks are counted.`,
            `one task_index in ${tasksFile}`,
          ),
        ],
  );
};

const garbledTasks = ({ tasks }: Subject, used: Used): readonly Finding[] => {
  const garbled = [...tasks].filter(([, text]) => text.includes('\ufffd'));
  if (garbled.length === 0) return [];
  const indices = garbled.map(([index]) => index);
  return [
    finding(
      'GarbledTask',
      'warning',
      { tasks: indices, episodes: episodesOf(indices, used) },
      `${counted(garbled.length, 'task')} ${garbled.length === 1 ? 'has' : 'have'} replacement characters where letters were: ${quoted(garbled.map(([, text]) => text))}. A robot that is told the right text is told another prompt.`,
      `the right text in UTF-8 in ${tasksFile}`,
    ),
  ];
};

const unusedTasks = ({ tasks }: Subject, used: Used): readonly Finding[] => {
  const unused = [...tasks].filter(([index, text]) => !used.has(index) && text.trim() !== '');
  if (unused.length === 0) return [];
  return [
    finding(
      'UnusedTask',
      'note',
      { tasks: unused.map(([index]) => index) },
      `${counted(unused.length, 'task')} of ${tasks.size} ${unused.length === 1 ? 'is' : 'are'} in no frame: ${quoted(unused.map(([, text]) => text))}.`,
      null,
    ),
  ];
};

const rareTasks = ({ tasks, split }: Subject, used: Used): readonly Finding[] => {
  if (split === null || split.heldOut.length === 0 || used.size < 2) return [];
  const heldOut = new Set(split.heldOut);
  const text = (index: number): string => tasks.get(index) ?? '';
  const [lost, single] = [
    [...used].filter(([, episodes]) => episodes.every((episode) => heldOut.has(episode))),
    [...used].filter(([, episodes]) => episodes.length === 1 && !heldOut.has(episodes[0] ?? -1)),
  ].map((found) => found.map(([index]) => index));
  return [
    ...(lost === undefined || lost.length === 0
      ? []
      : [
          finding(
            'TaskNeverTrained',
            'warning',
            { tasks: lost, episodes: episodesOf(lost, used) },
            `every episode of ${counted(lost.length, 'task')} is held out and never trained on: ${quoted(lost.map(text))}.`,
            'another seed, a smaller data.heldOut, or more episodes of the task',
          ),
        ]),
    ...(single === undefined || single.length === 0
      ? []
      : [
          finding(
            'TaskOfOneEpisode',
            'note',
            { tasks: single, episodes: episodesOf(single, used) },
            `${counted(single.length, 'task')} of ${used.size} ${single.length === 1 ? 'has' : 'have'} a single episode, which is trained on: ${quoted(single.map(text))}. No held-out number tells how well.`,
            null,
          ),
        ]),
  ];
};

const strayTasks = (stray: readonly number[]): readonly Finding[] =>
  stray.length === 0
    ? []
    : [
        finding(
          'OtherTask',
          'warning',
          { tasks: [], episodes: stray },
          `the frames of ${counted(stray.length, 'episode')} (${listed(stray)}) have other tasks than the metadata of the episode names. Prompts are made of those of the frames.`,
          'the tasks of the episodes in meta/',
        ),
      ];

/** The tasks of an episode's frames, in the order of their first frames. */
const tasksOf = ({ taskIndex }: Episode): ReadonlySet<number> => {
  const found = new Set<number>();
  let last = Number.NaN;
  for (let frame = 0; frame < taskIndex.length; frame++) {
    const task = taskIndex[frame] ?? 0;
    if (task !== last) found.add(task);
    last = task;
  }
  return found;
};

/** Texts of tasks, and which episodes have them. */
export const tasks: Check = {
  name: 'tasks',
  looksAt: 'texts of tasks, and their episodes',
  begin: (subject) => {
    const used = new Map<number, number[]>();
    const stray: number[] = [];
    return {
      add: (episode) => {
        const found = tasksOf(episode);
        for (const task of found) {
          const episodes = used.get(task);
          if (episodes === undefined) used.set(task, [episode.index]);
          else episodes.push(episode.index);
        }
        const named = new Set(episode.tasks);
        const isNamed = [...found].every((task) => named.has(subject.tasks.get(task) ?? ''));
        if (named.size > 0 && !isNamed) stray.push(episode.index);
      },
      findings: () => [
        ...emptyTasks(subject, used),
        ...garbledTasks(subject, used),
        ...repeatedTasks(subject),
        ...strayTasks(stray),
        ...rareTasks(subject, used),
        ...unusedTasks(subject, used),
      ],
    };
  },
};
