import { type Luck, MemoryDisk } from '@torsor/files';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { latestCheckpoint, listCheckpoints, pruneCheckpoints, saveCheckpoint } from '../../src/index.js';
import { contents } from '../contents.js';
import { load } from './load.js';

const run = 'runs/one';

const runs = async <L, A>(effect: () => Promise<E.Either<L, A>>): Promise<A> => {
  const result = await effect();
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

/** Every visible checkpoint loads; the steps they have. */
const wholeSteps = async (disk: MemoryDisk): Promise<readonly number[]> => {
  const { checkpoints } = await runs(listCheckpoints(run, disk));
  for (const { path, step } of checkpoints) {
    const loaded = await runs(load(path, {}, disk));
    expect(loaded.manifest.step).toBe(step);
  }
  return checkpoints.map(({ step }) => step);
};

const diskWith = async (...steps: readonly number[]): Promise<MemoryDisk> => {
  const disk = new MemoryDisk();
  for (const step of steps) await runs(saveCheckpoint(run, contents(step), disk));
  disk.operations = 0;
  return disk;
};

const saveOperations = await (async () => {
  const disk = await diskWith(1);
  await runs(saveCheckpoint(run, contents(2), disk));
  return disk.operations;
})();

const lucks: readonly [string, Luck | undefined][] = [
  ['the process dies', undefined],
  ['the power fails and nothing unsynced survives', () => false],
  ['the power fails and everything survives', () => true],
];

const points = Array.from({ length: saveOperations }, (_, n) => n);

describe.each(lucks)('a save interrupted at every operation: %s', (_, luck) => {
  it.each(points)('operation %i', async (n) => {
    const disk = await diskWith(1);
    disk.failAt(n, true);
    const interrupted = await saveCheckpoint(run, contents(2), disk)();
    expect(E.isLeft(interrupted)).toBe(true);
    disk.restart();
    if (luck !== undefined) disk.cutPower(luck);
    const steps = await wholeSteps(disk);
    expect([[1], [1, 2]]).toContainEqual(steps);
    if (steps.length === 1) await runs(saveCheckpoint(run, contents(2), disk));
    expect(await wholeSteps(disk)).toEqual([1, 2]);
  });
});

it('a save or a prune cut off anywhere, any luck: what is visible is whole, what was promised is there', async () => {
  const script = fc.record({ at: fc.nat(60), coins: fc.infiniteStream(fc.boolean()) });
  await fc.assert(
    fc.asyncProperty(script, async ({ at, coins }) => {
      const disk = new MemoryDisk();
      disk.failAt(at, true);
      const promised: number[] = [];
      for (const step of [1, 2, 3]) {
        if (E.isRight(await saveCheckpoint(run, contents(step), disk)())) promised.push(step);
      }
      const pruned = E.isRight(await pruneCheckpoints(run, { keep: 1 }, disk)());
      disk.restart();
      disk.cutPower(() => coins.next().value);
      const steps = await wholeSteps(disk);
      const newest = promised.at(-1);
      if (newest !== undefined) expect(steps).toContain(newest);
      if (pruned) expect(steps).toEqual([3]);
    }),
    { numRuns: 300 },
  );
});

it.each(points)('a disk that is full at operation %i gives its path and leaves the old checkpoint alone', async (n) => {
  const disk = await diskWith(1);
  disk.failAt(n, false);
  const failed = await saveCheckpoint(run, contents(2), disk)();
  expect(failed).toMatchObject(E.left({ _tag: 'CannotWrite', code: 'ENOSPC' }));
  expect(E.isLeft(failed) && 'path' in failed.left && failed.left.path).toContain('runs');
  const latest = await runs(latestCheckpoint(run, disk));
  expect(latest.leftovers).toEqual([]);
  expect(await wholeSteps(disk)).toContain(1);
});
