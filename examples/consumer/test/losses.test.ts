import { flowMatchingLaws, maskedLossLaws, runLaws } from '@torsor/laws';
import { maskedTokenCrossEntropy } from '@torsor/losses';
import { describe, expect, it } from 'vitest';
import { firstDimensionOnly, pseudoHuber } from '../src/losses.js';

describe('a loss of our own', () => runLaws(flowMatchingLaws(pseudoHuber), it));

describe('the token loss of @torsor/losses', () => runLaws(maskedLossLaws(maskedTokenCrossEntropy), it));

describe('a loss that forgets dimensions', () => {
  const refuted = flowMatchingLaws(firstDimensionOnly, { seed: 1 }).flatMap(({ name, check }) => {
    try {
      check();
      return [];
    } catch (error) {
      return [{ name, message: String(error) }];
    }
  });

  it('is refuted by the law it breaks, and by no other', () => {
    expect(refuted.map(({ name }) => name)).toEqual([
      'the loss of an action is above 0 where its v_t differs from u_t, and only there',
    ]);
  });

  it('is refuted by a counterexample that a person can read', () => {
    const message = refuted[0]?.message ?? '';
    expect(message).toMatch(/v_t is off by -?\d+(\.\d+)? in element \d+: the loss of action 0 is 0, expected above 0/);
    expect(message).toMatch(/Counterexample: \[\{"batch":/);
  });
});
