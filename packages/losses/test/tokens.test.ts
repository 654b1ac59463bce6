import { compute, maskedLossLaws, numbersOf, runLaws, type TokenBatch, tensor, tokenBatch } from '@torsor/laws';
import { convert, type Expr, isValid, reduceSum, showShapeError } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskedTokenCrossEntropy, nextTokens, tokenAccuracy } from '../src/index.js';

const tensors = ({ logits, targets, mask }: TokenBatch) => ({
  logits: tensor(logits),
  targets: tensor(targets, 'i32'),
  mask: tensor(mask, 'bool'),
});

const loss = (batch: TokenBatch): Float64Array =>
  numbersOf(tensors(batch), ({ logits, targets, mask }) => maskedTokenCrossEntropy(logits, targets, mask));

type Inputs = { readonly logits: Expr; readonly targets: Expr; readonly mask: Expr };

const failure = (build: (inputs: Inputs) => Expr): string => {
  let text = 'accepted';
  const inputs = tensors({ logits: [[[0, 0]]], targets: [[0]], mask: [[1]] });
  compute(inputs, (given) => {
    const built = build(given);
    text = isValid(built) ? 'accepted' : showShapeError(built.error);
    return given.logits;
  });
  return text;
};

describe('maskedTokenCrossEntropy', () => {
  runLaws(maskedLossLaws(maskedTokenCrossEntropy), it);

  it('is −ln of the target’s probability, meaned over the mask', () => {
    const logits = [
      [
        [Math.log(1), Math.log(3)],
        [0, 0],
        [5, 5],
      ],
    ];
    const [found] = loss({ logits, targets: [[1, 0, 1]], mask: [[1, 1, 0]] });
    expect(found).toBeCloseTo((-Math.log(3 / 4) + Math.log(2)) / 2, 12);
  });

  it('is finite where a word other than the target is impossible', () => {
    expect(loss({ logits: [[[0, Number.NEGATIVE_INFINITY]]], targets: [[0]], mask: [[1]] })[0]).toBe(0);
  });

  it.each([-1, 2])('is NaN for the target %s inside the mask of a vocabulary of 2', (target) => {
    expect(loss({ logits: [[[0, 0]]], targets: [[target]], mask: [[1]] })[0]).toBeNaN();
  });

  it('sums logits of a lower precision in f32', () => {
    const [out] = compute(tensors({ logits: [[[0, 0]]], targets: [[0]], mask: [[1]] }), ({ logits, targets, mask }) =>
      maskedTokenCrossEntropy(convert(logits, 'bf16'), targets, mask),
    );
    expect(out?.type.dtype).toBe('f32');
  });

  it('keeps f64', () => {
    const inputs = { ...tensors({ logits: [], targets: [[0]], mask: [[1]] }), logits: tensor([[[0, 0]]], 'f64') };
    const [out] = compute(inputs, (given) => maskedTokenCrossEntropy(given.logits, given.targets, given.mask));
    expect(out?.type.dtype).toBe('f64');
  });

  it('refuses other types by name', () => {
    expect(failure((x) => maskedTokenCrossEntropy(reduceSum(x.logits), x.targets, x.mask))).toContain(
      'logits must be float',
    );
    expect(failure((x) => maskedTokenCrossEntropy(x.logits, x.mask, x.mask))).toContain(
      'targets must be integers [1,1]',
    );
    expect(failure((x) => maskedTokenCrossEntropy(x.logits, x.targets, x.targets))).toContain('mask must be bool[1,1]');
    expect(failure((x) => tokenAccuracy(x.logits, x.targets, x.targets))).toContain('tokenAccuracy');
    expect(failure((x) => nextTokens(reduceSum(x.targets), x.mask).targets)).toContain('axis 1 is outside the rank 0');
  });
});

const accuracy = (batch: TokenBatch): Float64Array =>
  numbersOf(tensors(batch), ({ logits, targets, mask }) => tokenAccuracy(logits, targets, mask));

describe('tokenAccuracy', () => {
  it('is the share of right tokens inside the mask', () => {
    const logits = [
      [
        [0, 1],
        [1, 0],
        [0, 1],
        [9, 0],
      ],
    ];
    expect(accuracy({ logits, targets: [[1, 1, 1, 1]], mask: [[1, 1, 1, 0]] })[0]).toBeCloseTo(2 / 3, 12);
  });

  it('lies in [0, 1], and is 0 for an empty mask', () => {
    fc.assert(
      fc.property(tokenBatch, (batch) => {
        accuracy(batch).forEach((share, b) => {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(batch.mask[b]?.includes(1) ? 1 : 0);
        });
      }),
    );
  });
});

it('nextTokens: what follows each position', () => {
  const inputs = { tokens: tensor([[1, 2, 3]], 'i32'), mask: tensor([[0, 0, 1]], 'bool') };
  const [mask, targets] = compute(inputs, ({ tokens, mask }) => {
    const next = nextTokens(tokens, mask);
    return { mask: next.mask, targets: next.targets };
  });
  expect([...(targets?.data ?? [])]).toEqual([2, 3]);
  expect([...(mask?.data ?? [])]).toEqual([0, 1]);
});
