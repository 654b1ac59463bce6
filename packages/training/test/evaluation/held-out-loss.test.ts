import { describe, expect, it } from 'vitest';
import { heldOutLine } from '../../src/evaluation/held-out-loss.js';

describe('heldOutLine', () => {
  it('without averages: the loss, and what else is measured', () => {
    expect(heldOutLine({ live: { loss: 1, token_accuracy: 0.25 }, ema: null }, 3)).toEqual({
      step: 3,
      'eval/loss': 1,
      'eval/token_accuracy': 0.25,
    });
  });

  it('with averages: both losses, and what else is measured of the averages alone', () => {
    const losses = { live: { loss: 1, token_accuracy: 0.25 }, ema: { loss: 0.5, token_accuracy: 0.75 } };
    expect(heldOutLine(losses, 3)).toEqual({
      step: 3,
      'eval/loss': 1,
      'eval/loss_ema': 0.5,
      'eval/token_accuracy': 0.75,
    });
  });
});
