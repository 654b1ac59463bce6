import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { expect, it } from 'vitest';
import {
  applyTransforms,
  batchDict,
  type Dataset,
  float32At,
  gatherBatch,
  samplesOf,
  showTransformError,
  type Transform,
  type TransformError,
  transformFrames,
  withPrompt,
} from '../../src/index.js';
import { datasetOf, episodeOf } from '../memory-dataset.js';
import { right as ofData } from '../right.js';

const right = <A>(result: E.Either<TransformError, A>): A => {
  if (E.isLeft(result)) throw new Error(showTransformError(result.left));
  return result.right;
};

const value = fc.double({ min: -3, max: 3, noNaN: true });

/** Episodes of ALOHA's width. */
const dataset: fc.Arbitrary<Dataset> = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
  .chain((lengths) => {
    const n = 14 * lengths.reduce((sum, length) => sum + length, 0);
    return fc.array(value, { minLength: 2 * n, maxLength: 2 * n }).map((values) => {
      const rows = (i: number, from: number) => {
        const before = 14 * lengths.slice(0, i).reduce((sum, length) => sum + length, 0);
        return values.slice(from + before, from + before + 14 * (lengths[i] ?? 0));
      };
      return datasetOf(lengths.map((length, i) => episodeOf(i, length, rows(i, 0), rows(i, n))));
    });
  });

const toPi: readonly Transform[] = [
  { kind: 'AlohaToPi', key: 'state' },
  { kind: 'AlohaToPi', key: 'actions' },
];

const windowsOf = (recorded: Dataset) => {
  const samples = ofData(samplesOf(recorded));
  return ofData(gatherBatch(samples, { actionHorizon: 3 }, [...new Array(samples.count).keys()]));
};

it('windows of transformed frames are transformed windows', () => {
  fc.assert(
    fc.property(dataset, (recorded) => {
      const windows = windowsOf(right(transformFrames(toPi)(recorded)));
      const expected = right(applyTransforms(toPi)(batchDict(windowsOf(recorded))));
      expect(windows.state).toEqual(right(float32At(expected, 'state')));
      expect(windows.actions).toEqual(right(float32At(expected, 'actions')));
      expect(windows.actionIsPad).toEqual(windowsOf(recorded).actionIsPad);
    }),
    { numRuns: 30 },
  );
});

it('no transforms leave a dataset as it is, and what they refuse is refused', () => {
  const recorded = datasetOf([episodeOf(0, 1, [1], [2])]);
  expect(right(transformFrames([])(recorded))).toBe(recorded);
  expect(pipe(recorded, transformFrames(toPi))).toMatchObject({ left: { _tag: 'WrongValue', key: 'state' } });
});

it('one prompt for every frame, and nothing else', () => {
  const recorded = {
    ...datasetOf([episodeOf(0, 2, [1, 2], [2, 3]), { ...episodeOf(1, 1, [3], [4]), taskIndex: Int32Array.of(5) }]),
    tasks: new Map([
      [0, 'pick'],
      [5, 'place'],
    ]),
  };
  expect(windowsOf(recorded).prompts).toEqual(['pick', 'pick', 'place']);
  expect(windowsOf(withPrompt(recorded, 'uncap the pen'))).toEqual({
    ...windowsOf(recorded),
    prompts: ['uncap the pen', 'uncap the pen', 'uncap the pen'],
  });
  expect({ ...withPrompt(recorded, 'go'), tasks: recorded.tasks }).toEqual(recorded);
});
