import { gatherBatch, samplesOf } from '@torsor/data';
import type { ScoredMethod } from '@torsor/evaluation';
import { describe, expect, it } from 'vitest';
import type { HeldOutLosses } from '../../src/evaluation/held-out-loss.js';
import type { Sampled } from '../../src/evaluation/held-out-windows.js';
import type { Outcome, PolicyEvaluation } from '../../src/evaluation/outcome.js';
import { lossNumbers, outcomeNotices, shownWindows, showOutcome } from '../../src/evaluation/show-outcome.js';
import { recordedDataset } from '../recorded-dataset.js';
import { right } from '../right.js';

const samples = right(samplesOf(recordedDataset([2, 4, 3]), [0, 2]));
const recorded = right(gatherBatch(samples, { actionHorizon: 2 }, [0, 1, 2, 3, 4]));

// Only what is printed of an evaluation.
const evaluation = { source: { samples }, units: 'rad' } as unknown as PolicyEvaluation;

const scored = (name: string, baseline: boolean, mae: number): ScoredMethod => ({
  name,
  baseline,
  errors: {
    mae,
    rmse: mae,
    maePerJoint: { shoulder: mae, elbow: mae },
    rmsePerJoint: {},
    maePerHorizonStep: [],
    countedSteps: 1,
    paddedSteps: 0,
  },
});

const policy = scored('1 sample', false, 0.5);
const methods = [policy, scored('hold last state', true, 2), scored('mean chunk', true, 0.4)];

const losses: HeldOutLosses = { live: { loss: 0.123456, token_accuracy: 0.25 }, ema: null };

const ends = { tokens: 4, failure: null };
const fails = { tokens: 5, failure: 'no end' };

const outcome = (decoded: Sampled['decoded'], more: Partial<Outcome> = {}): Outcome => ({
  losses,
  methods,
  sampled: { recorded, samples: [recorded.actions, recorded.actions.map((x) => -x)], decoded },
  ...more,
});

/** How wide the columns of the table are is its own affair. */
const lines = (of: Outcome): readonly string[] =>
  showOutcome(evaluation, of)
    .split('\n')
    .map((line) => line.trimEnd().replaceAll(/ {2,}/g, '  ').replace(/^-+$/, '---'));

describe('showOutcome', () => {
  it('tells the loss, the windows, the errors in their unit, and how the policy compares with the baselines', () => {
    expect(lines(outcome(null))).toEqual([
      'held-out loss 0.1235; 5 windows of 2 held-out episodes (0, 2)',
      '',
      'MAE per joint  unit  1 sample  hold last state  mean chunk',
      '---',
      'shoulder  rad  0.500  2.00  0.400*',
      'elbow  rad  0.500  2.00  0.400*',
      '---',
      'all: MAE  rad  0.500  2.00  0.400*',
      'all: RMSE  rad  0.500  2.00  0.400*',
      '',
      "1 sample: MAE 0.5000, 75.0 % below the baseline 'hold last state' (2.0000)",
      "1 sample: MAE 0.5000, 25.0 % ABOVE the baseline 'mean chunk' (0.4000)",
    ]);
  });

  it('tells the loss of the averages beside it, and an even error as 0 % below', () => {
    const even = outcome(null, {
      losses: { ...losses, ema: { loss: 0.1, token_accuracy: 0.5 } },
      methods: [policy, scored('mean chunk', true, 0.5)],
    });
    expect(lines(even)[0]).toBe(
      'held-out loss 0.1235, 0.1000 with averaged parameters (EMA); 5 windows of 2 held-out episodes (0, 2)',
    );
    expect(lines(even).at(-1)).toBe("1 sample: MAE 0.5000, 0.0 % below the baseline 'mean chunk' (0.5000)");
  });

  it('tells of tokens that the averages find likely, and that all chunks are actions', () => {
    const found = outcome([ends, { ...ends, tokens: 5 }], {
      losses: { ...losses, ema: { loss: 0.1, token_accuracy: 0.5 } },
    });
    expect(lines(found).slice(1, 4)).toEqual([
      'tokens: 50.0 % of the held-out ones are the most likely; 4.5 decoded per chunk',
      'decoding: all 2 chunks are actions',
      '',
    ]);
    expect(lines(outcome([ends]))[1]).toContain('tokens: 25.0 %');
    expect(lines(outcome([ends])).at(-1)).toContain("ABOVE the baseline 'mean chunk'");
    expect(lines(outcome([ends], { losses: { live: { loss: 1 }, ema: null } }))[1]).toContain('tokens: NaN %');
  });

  it('compares nothing where a chunk was no action', () => {
    const found = lines(outcome([ends, fails]));
    expect(found[2]).toBe(
      'decoding: 1 of 2 chunks are NO actions and are scored as the normalized zeros that openpi would execute (no end)',
    );
    expect(found.at(-1)).toBe("no comparison with the baselines: 1 of 2 chunks are not the policy's own");
    expect(found.join('\n')).not.toContain('the baseline ');
  });

  it('compares nothing where no policy was scored', () => {
    expect(lines(outcome(null, { methods: methods.slice(1) })).slice(-2)).toEqual([
      expect.stringContaining('all: RMSE'),
      '',
    ]);
  });
});

describe('outcomeNotices', () => {
  it('are there only where a chunk was no action', () => {
    expect(outcomeNotices(outcome(null))).toEqual([]);
    expect(outcomeNotices(outcome([ends]))).toEqual([]);
    expect(outcomeNotices(outcome([fails]))).toHaveLength(2);
    expect(outcomeNotices(outcome([fails]))[1]).toContain('1 of 1 chunks are NO actions');
  });
});

describe('lossNumbers', () => {
  it('are the losses of both, and the accuracy of the averages where there are any', () => {
    expect(lossNumbers(outcome(null))).toEqual({ live: 0.123456, ema: null, tokenAccuracy: 0.25 });
    const averaged: HeldOutLosses = { ...losses, ema: { loss: 0.1, token_accuracy: 0.5 } };
    expect(lossNumbers(outcome(null, { losses: averaged }))).toEqual({ live: 0.123456, ema: 0.1, tokenAccuracy: 0.5 });
    expect(lossNumbers(outcome(null, { losses: { live: { loss: 1 }, ema: null } })).tokenAccuracy).toBeNull();
  });
});

describe('shownWindows', () => {
  const { sampled } = outcome(null);

  it('are evenly spread, each with what was recorded, its padding and its samples', () => {
    expect(shownWindows(sampled, 2)).toEqual([
      {
        title: 'episode 0, frame 1',
        recorded: Float32Array.of(2, -1, 2, -1),
        isPad: Uint8Array.of(0, 1),
        samples: [Float32Array.of(2, -1, 2, -1), Float32Array.of(-2, 1, -2, 1)],
      },
      {
        title: 'episode 2, frame 1',
        recorded: Float32Array.of(2, 3, 3, 2),
        isPad: Uint8Array.of(0, 0),
        samples: [Float32Array.of(2, 3, 3, 2), Float32Array.of(-2, -3, -3, -2)],
      },
    ]);
  });

  it('are all where more are asked for', () => {
    const all = shownWindows(sampled, 9).map(({ title }) => title);
    expect(all).toEqual([
      'episode 0, frame 0',
      'episode 0, frame 1',
      'episode 2, frame 0',
      'episode 2, frame 1',
      'episode 2, frame 2',
    ]);
  });
});
