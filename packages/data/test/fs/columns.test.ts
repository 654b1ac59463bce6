import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showDataError } from '../../src/error.js';
import { type ReadOptions, readDataset } from '../../src/fs/read-dataset.js';
import type { Dataset } from '../../src/index.js';
import { type EpisodeOnDisk, type Files, filesOf, onDisk, smallEpisode } from '../dataset-on-disk.js';
import { left, right } from '../right.js';

const feature = (width: number, names: unknown = null): object => ({ dtype: 'float32', shape: [width], names });

/** A dataset whose vectors are called otherwise than LeRobot calls them. */
const filesWith = (vectors: NonNullable<EpisodeOnDisk['vectors']>, names: Record<string, unknown> = {}): Files => {
  const own = { 'observation.state': null, action: null };
  const rows = Object.values(vectors)[0]?.length ?? 3;
  const files = filesOf([{ ...smallEpisode(0, rows), vectors, columns: own }]);
  const info = JSON.parse(String(files['meta/info.json']));
  delete info.features['observation.state'];
  delete info.features.action;
  for (const [name, all] of Object.entries(vectors)) info.features[name] = feature(all[0]?.length ?? 0, names[name]);
  return { ...files, 'meta/info.json': JSON.stringify(info) };
};

const read = async (files: Files, options?: ReadOptions): Promise<Dataset> =>
  right(await readDataset(onDisk(files), options)());

const two = [
  [1, 2],
  [3, 4],
  [5, 6],
];
const one = [[7], [8], [9]];

describe('columns', () => {
  it("are found under the names that openpi's converters write, and told", async () => {
    const { episodes, stateNames, notes } = await read(filesWith({ state: two, actions: one }));
    expect(episodes[0]).toMatchObject({ state: Float32Array.of(1, 2, 3, 4, 5, 6), action: Float32Array.of(7, 8, 9) });
    expect(stateNames).toEqual(['state[0]', 'state[1]']);
    expect(notes).toEqual(['the state is read from state', 'the action is read from actions']);
  });

  it("of LeRobot's own names are read where both are there", async () => {
    const files = filesOf([{ ...smallEpisode(), vectors: { state: two } }], { state: feature(2) });
    const { episodes, notes } = await read(files);
    expect(episodes[0]?.state).toEqual(Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5));
    expect(notes).toEqual([]);
  });

  it('are joined in the order that is said', async () => {
    const files = filesWith({ arm: two, gripper: one, act: two }, { arm: ['a', 'b'], gripper: ['g'] });
    const columns = { state: ['gripper', 'arm'], action: ['act'] };
    const { episodes, stateNames, actionNames, notes } = await read(files, { columns });
    expect(episodes[0]?.state).toEqual(Float32Array.of(7, 1, 2, 8, 3, 4, 9, 5, 6));
    expect([stateNames, actionNames]).toEqual([
      ['g', 'a', 'b'],
      ['act[0]', 'act[1]'],
    ]);
    expect(notes).toEqual(['the state is read from gripper and arm', 'the action is read from act']);
  });

  it('that are joined and have labels in common are told apart by the number of the dimension', async () => {
    const files = filesWith({ left: two, right: two, act: one }, { left: ['x', 'y'], right: ['x', 'z'] });
    const { stateNames } = await read(files, { columns: { state: ['left', 'right'], action: ['act'] } });
    expect(stateNames).toEqual(['x[0]', 'y', 'x[2]', 'z']);
  });

  it('joining the parts of a state gives the state, however it is parted', async () => {
    const whole = fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(whole, fc.constantFrom(1, 2), async (rows, cut) => {
        const parts = {
          first: rows.map((row) => row.slice(0, cut)),
          rest: rows.map((row) => row.slice(cut)),
          all: rows,
        };
        const columns = { state: ['first', 'rest'], action: ['all'] };
        const { episodes } = await read(filesWith(parts), { columns });
        expect(episodes[0]?.state).toEqual(Float32Array.from(rows.flat()));
        expect(episodes[0]?.state).toEqual(episodes[0]?.action);
      }),
      { numRuns: 10 },
    );
  });

  it('that are not there are named with those that are', async () => {
    const error = left(await readDataset(onDisk(filesWith({ joints: two, act: one })))());
    expect(showDataError(error)).toBe(
      'meta/info.json: no feature observation.state, which the state would be read from. Say which is (columns.state); the dataset has: timestamp, frame_index, episode_index, task_index, joints, act.',
    );
    const asked = { columns: { state: ['joints', 'finger'], action: ['act'] } };
    expect(left(await readDataset(onDisk(filesWith({ joints: two, act: one })), asked)())).toMatchObject({
      _tag: 'MissingFeature',
      role: 'state',
      feature: 'finger',
    });
  });
});
