import { expect, it } from 'vitest';
import { runChecks, type Subject } from '../../src/check.js';
import { tasks } from '../../src/checks/tasks.js';
import { episodesOf, type Recording, subjectOf } from '../recordings.js';

const found = (recording: Recording, split: Subject['split'] = null) =>
  runChecks([tasks], subjectOf(recording, { split }), episodesOf(recording));

it('finds nothing in tasks that differ and are used', () => {
  expect(found({ tasks: ['pick', 'place', 'push'], taskOf: (episode) => episode })).toEqual([]);
});

it.each([
  [
    'an empty text that frames have',
    { tasks: ['pick', ' '], taskOf: (e: number) => (e === 2 ? 1 : 0) },
    'error',
    'EmptyTask',
  ],
  ['an empty text that no frame has', { tasks: ['pick', ''] }, 'note', 'EmptyTask'],
  ['one text twice', { tasks: ['pick', 'pick '], taskOf: (e: number) => (e === 2 ? 1 : 0) }, 'warning', 'RepeatedTask'],
  ['letters that were lost', { tasks: ['Gr\ufffd\ufffdn'] }, 'warning', 'GarbledTask'],
  ['a task in no frame', { tasks: ['pick', 'place'] }, 'note', 'UnusedTask'],
  ['frames of another task than the metadata says', { named: () => ['place'] }, 'warning', 'OtherTask'],
] as const)('%s', (_, recording, severity, tag) => {
  expect(found(recording)).toMatchObject([{ _tag: tag, severity }]);
});

it('names the episodes of an empty task', () => {
  expect(found({ tasks: ['pick', ''], taskOf: (e) => (e === 2 ? 1 : 0) })).toMatchObject([
    { where: { episode: 2 }, episodes: [2], remedy: 'a text in the tasks in meta/, or data.excludeEpisodes=[2]' },
  ]);
});

const six: Recording = {
  lengths: [9, 9, 9, 9, 9, 9],
  tasks: ['a', 'b', 'c', 'd', 'e', 'f'],
  taskOf: (episode) => episode,
};

it('tells a task whose only episode is held out', () => {
  const [lost, single] = found(six, { train: [0, 1, 2, 4, 5], heldOut: [3] });
  expect(lost).toMatchObject({ _tag: 'TaskNeverTrained', severity: 'warning', episodes: [3] });
  expect(lost?.message).toBe('every episode of 1 task is held out and never trained on: "d".');
  expect(single).toMatchObject({ _tag: 'TaskOfOneEpisode', severity: 'note', episodes: [0, 1, 2, 4, 5] });
});

it('says nothing of single episodes where nothing is held out, or all is one task', () => {
  expect(found(six, { train: [0, 1, 2, 3, 4, 5], heldOut: [] })).toEqual([]);
  expect(found({}, { train: [0, 1], heldOut: [2] })).toEqual([]);
});
