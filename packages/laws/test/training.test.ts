import { describe, expect, it } from 'vitest';
import { averagingLaws, clippingLaws, evaluationLaws, learningRateLaws, runLaws, trainingLaws } from '../src/index.js';
import { asyncRefutations } from './lawful.js';
import { type Mistake, smallTrainer } from './small-trainer.js';

describe('a trainer without mistakes', () => runLaws(trainingLaws(smallTrainer()), it));

const norm = 'the gradient norm does not depend on the clip';
const clips = 'a clip acts where the gradient norm is above it, and only there';
const reports = 'the learning rate reported of an update is that of the schedule';
const applies = 'parameters move where the schedule is not 0, and only there';
const updated = 'the parameter norm is that of the updated parameters';
const averages = 'averages are decay · averages + (1 − decay) · parameters';
const watches = 'averages change no update';
const repeats = 'a run made again is the same run, bit for bit';
const evaluation = 'evaluation changes nothing';

/** Each mistake, and the laws that it breaks, by name: all that it breaks and no others. */
const broken: ReadonlyArray<readonly [Mistake, readonly string[]]> = [
  ['norm after clipping', [norm]],
  ['no clipping', [clips]],
  ['clips too early', [clips]],
  ['reports the next rate', [reports]],
  ['applies the next rate', [applies]],
  ['applies a constant rate', [applies, updated]],
  ['norm of the old parameters', [updated]],
  ['never averages', [averages]],
  ['averages the old parameters', [averages]],
  ['averages begin at 0', [averages]],
  ['trains the averages', [watches]],
  ['evaluation draws from the generator', [evaluation]],
  ['evaluation moves the averages', [evaluation]],
  ['depends on the clock', [norm, clips, watches, repeats, evaluation]],
  ['stops short', [norm, clips, reports, applies, updated, averages]],
  ['measures nothing', [norm, clips, reports, updated]],
];

describe.each(broken)('a trainer that makes the mistake: %s', (mistake, laws) => {
  it('is refuted by the laws it breaks, and by no others', async () => {
    const refuted = await asyncRefutations(trainingLaws(smallTrainer(mistake), { seed: 1, numRuns: 10 }));
    expect([...refuted.keys()]).toEqual(laws);
  });
});

it('the laws of all are the laws of each part', () => {
  const trainer = smallTrainer();
  const parts = [clippingLaws, learningRateLaws, averagingLaws, evaluationLaws].flatMap((laws) => laws(trainer));
  expect(parts.map(({ name }) => name)).toEqual(trainingLaws(trainer).map(({ name }) => name));
});

it('a refutation says what was found and what was expected', async () => {
  const refuted = await asyncRefutations(trainingLaws(smallTrainer('applies the next rate'), { seed: 1 }));
  expect(refuted.get(applies)).toMatch(/at count \d the schedule is (not )?0, and the parameters (moved|stayed)/);
  const silent = await asyncRefutations(clippingLaws(smallTrainer('measures nothing'), { seed: 1 }));
  expect(silent.get(norm)).toContain("the update measured no 'grad_norm': {}");
});
