import { gatherBatch, samplesOf } from '@torsor/data';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { runChecks } from '../../src/check.js';
import { chunks } from '../../src/checks/chunks.js';
import { datasetOf, episodesOf, subjectOf } from '../recordings.js';

const found = (lengths: readonly number[], actionHorizon: number) => {
  const settings = { model: { actionHorizon }, data: { normMode: 'mean_std' } } as const;
  return runChecks([chunks], subjectOf({}, { settings }), episodesOf({ lengths }));
};

/** The share of padding in the windows that a run is given. */
const paddedShare = (lengths: readonly number[], actionHorizon: number): number => {
  const samples = samplesOf(datasetOf({ lengths }));
  if (E.isLeft(samples)) throw new Error(samples.left._tag);
  const all = Array.from({ length: samples.right.count }, (_, i) => i);
  const batch = gatherBatch(samples.right, { actionHorizon }, all);
  if (E.isLeft(batch)) throw new Error(batch.left._tag);
  const { actionIsPad } = batch.right;
  return actionIsPad.reduce((sum, pad) => sum + pad, 0) / actionIsPad.length;
};

it('counts the padding that windows have', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 40 }), (all, horizon) => {
      const share = paddedShare(all, horizon);
      const [finding] = found(all, horizon);
      const isWorth = share >= 0.1 || all.some((length) => length < horizon);
      expect(finding?.numbers['share']).toEqual(isWorth ? expect.closeTo(share, 12) : undefined);
    }),
  );
});

it('names episodes shorter than a chunk', () => {
  expect(found([40, 12, 40], 20)).toMatchObject([
    { _tag: 'PaddedTargets', severity: 'note', where: { episode: 1 }, episodes: [1] },
  ]);
});

it('warns where most targets are padding', () => {
  expect(found([40, 40], 50)).toMatchObject([
    {
      severity: 'warning',
      numbers: { share: 0.59, shortEpisodes: 2 },
      message:
        '59 % of the targets lie beyond the end of their episode and repeat its last action; 2 episodes are shorter than a chunk of 50.',
      remedy: 'model.actionHorizon below 50',
    },
  ]);
});

it('says nothing without a run', () => {
  expect(runChecks([chunks], subjectOf({}), episodesOf({ lengths: [2] }))).toEqual([]);
});
