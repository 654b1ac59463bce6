import {
  abs,
  add,
  broadcastInDim,
  convert,
  div,
  type Expr,
  gather,
  literal,
  logSoftmax,
  maximum,
  mean,
  mul,
  neg,
  oneHot,
  reduceSum,
  select,
  softmax,
  square,
  stopGradient,
  sub,
  withType,
  zerosLike,
} from '@torsor/tensor';
import { describe, expect, it } from 'vitest';
import { flowMatchingLaws, flowMatchingPathLaws, maskedLossLaws, runLaws } from '../src/index.js';
import { refutations } from './lawful.js';

const meanSquare = (v: Expr, u: Expr): Expr => mean(square(sub(v, u)), [-1]);

describe('the mean square', () => runLaws(flowMatchingLaws(meanSquare), it));
describe('the mean absolute error', () =>
  runLaws(
    flowMatchingLaws((v, u) => mean(abs(sub(v, u)), [-1])),
    it,
  ));

/** Losses that break exactly what their name says. */
const brokenFlowLosses: ReadonlyArray<readonly [string, (v: Expr, u: Expr) => Expr, string]> = [
  ['a loss per element', (v, u) => square(sub(v, u)), 'one finite loss'],
  ['a signed error', (v, u) => mean(sub(v, u), [-1]), 'at least 0'],
  ['an offset', (v, u) => add(meanSquare(v, u), 1), 'is 0 where v_t = u_t'],
  ['a batch mean', (v, u) => add(mul(meanSquare(v, u), 0), mean(square(sub(v, u)))), 'and only there'],
  [
    'a loss that looks at the first sample',
    (v, u) => mul(meanSquare(v, u), add(square(mean(gather(v, literal([0], 'i32')))), 1)),
    'that of the sample alone',
  ],
  ['a gradient that is stopped', (v, u) => mul(meanSquare(v, u), stopGradient(meanSquare(v, u))), 'central difference'],
];

describe.each(brokenFlowLosses)('%s', (_, loss, law) => {
  it('is refuted by the law it breaks', () => {
    const names = [...refutations(flowMatchingLaws(loss, { seed: 1 })).keys()];
    expect(names.join('\n')).toContain(law);
  });
});

it('a counterexample is printed in small numbers, with what was found', () => {
  const refuted = refutations(flowMatchingLaws((v, u) => add(meanSquare(v, u), 1), { seed: 1 }));
  const message = refuted.get('the loss is 0 where v_t = u_t') ?? '';
  expect(message).toContain('Counterexample: [{"v_t":[[[0]]],"u_t":[[[0]]]}]');
  expect(message).toContain('loss where v_t = u_t: got [1], expected [0]');
});

describe('flowMatchingPathLaws', () => {
  const path = (a: Expr, e: Expr, t: Expr, sign = 1) => {
    const weight = withType(a, ({ shape }) => broadcastInDim(t, shape, [0]));
    return { x_t: add(mul(weight, e), mul(sub(1, weight), a)), u_t: mul(sub(e, a), sign) };
  };
  runLaws(
    flowMatchingPathLaws((a, e, t) => path(a, e, t)),
    it,
  );

  it('refute a path run backwards and a velocity of the wrong sign', () => {
    const backwards = refutations(flowMatchingPathLaws((a, e, t) => path(e, a, t, -1)));
    expect([...backwards.keys()]).toEqual(['x_0 = a and x_1 = ε', '∂x_t/∂t = u_t']);
    const wrongSign = refutations(flowMatchingPathLaws((a, e, t) => path(a, e, t, -1)));
    expect([...wrongSign.keys()]).toEqual(['u_t = ε − a', '∂x_t/∂t = u_t']);
  });
});

/** −Σ log p(target) · mask / max(Σ mask, 1), each step replaceable. */
const crossEntropy =
  ({ guard = true, floor = 1, scale = 1 }) =>
  (logits: Expr, targets: Expr, mask: Expr): Expr =>
    withType(logits, ({ shape }) => {
      const inside = broadcastInDim(mask, shape, [0, 1]);
      const seen = guard ? select(inside, logits, zerosLike(logits)) : logits;
      const chosen = mul(logSoftmax(seen), oneHot(targets, shape[2] ?? 0));
      const weights = convert(mask, 'f32');
      const total = reduceSum(mul(neg(reduceSum(chosen, [2])), weights), [1]);
      const count = reduceSum(weights, [1]);
      return mul(div(total, floor > 0 ? maximum(count, floor) : count), scale);
    });

describe('a guarded cross-entropy', () => runLaws(maskedLossLaws(crossEntropy({})), it));

const brokenMaskedLosses: ReadonlyArray<readonly [string, (x: Expr, t: Expr, m: Expr) => Expr, string]> = [
  ['multiplying by the mask', crossEntropy({ guard: false }), 'not even NaN or an infinity'],
  ['dividing by an empty mask', crossEntropy({ floor: 0 }), 'an empty mask gives 0, never NaN'],
  ['bits for nats', crossEntropy({ scale: 1 / Math.LN2 }), 'equal logits cost ln v'],
  ['one loss for all', (x, t, m) => reduceSum(crossEntropy({})(x, t, m)), 'for each example'],
  ['a square of logits', (x, t, m) => add(crossEntropy({})(x, t, m), mean(square(x), [1, 2])), 'adding a constant'],
  [
    'a mean over all examples',
    (x, t, m) => add(mul(crossEntropy({})(x, t, m), 0), mean(mul(softmax(x), 0))),
    'equal logits cost',
  ],
];

describe.each(brokenMaskedLosses)('%s', (_, loss, law) => {
  it('is refuted by the law it breaks', () => {
    const names = [...refutations(maskedLossLaws(loss, { seed: 1 })).keys()];
    expect(names.join('\n')).toContain(law);
  });
});
