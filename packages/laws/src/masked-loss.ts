import type { Expr } from '@torsor/tensor';
import fc from 'fast-check';
import { nested, permutation, pick, smallNumber } from './arbitrary.js';
import { gradientOf, holdDerivative } from './derivative.js';
import { type Law, type LawOptions, lawsOf, type Statement, statement } from './law.js';
import { ExactTensor, type FunctionOf, type Nested, numbersOf, type Tensors, tensor } from './numbers.js';
import { hold, holdEqual } from './refutation.js';

/** Logits `[b, l, v]`, targets `[b, l]` in `[0, v)` and a mask `[b, l]` of 0 and 1, as nested arrays. */
export type TokenBatch = {
  readonly logits: readonly (readonly Nested[])[];
  readonly targets: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
};

const rowsOf = <A>(element: fc.Arbitrary<A>, b: number, l: number): fc.Arbitrary<readonly (readonly A[])[]> =>
  fc.array(fc.array(element, { minLength: l, maxLength: l }), { minLength: b, maxLength: b });

/** Small batches of tokens: 1 to 3 examples of 1 to 3 tokens over 2 to 4 words. */
export const tokenBatch: fc.Arbitrary<TokenBatch> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 4 }))
  .chain(([b, l, v]) =>
    fc.record({
      logits: rowsOf(nested([v]), b, l),
      targets: rowsOf(fc.integer({ min: 0, max: v - 1 }), b, l),
      mask: rowsOf(fc.integer({ min: 0, max: 1 }), b, l),
    }),
  );

/** A loss per example: from logits `f32[b, l, v]`, targets `i32[b, l]` and mask `bool[b, l]` to `f32[b]`. */
export type MaskedLoss = (logits: Expr, targets: Expr, mask: Expr) => Expr;

type Names = 'logits' | 'targets' | 'mask';

const tensors = ({ logits, targets, mask }: TokenBatch): Tensors<Names> => ({
  logits: tensor(logits),
  targets: tensor(targets, 'i32'),
  mask: tensor(mask, 'bool'),
});

const inputsOf =
  (loss: MaskedLoss): FunctionOf<Names> =>
  ({ logits, targets, mask }) =>
    loss(logits, targets, mask);

const losses = (loss: MaskedLoss, batch: TokenBatch): Float64Array => numbersOf(tensors(batch), inputsOf(loss));

const gradient = (loss: MaskedLoss, batch: TokenBatch): Float64Array =>
  gradientOf(inputsOf(loss), tensors(batch), 'logits');

/** The tokens of one batch inside the mask, those of another outside. */
const outsideReplaced = <A>(
  inside: readonly (readonly A[])[],
  outside: A,
  mask: TokenBatch['mask'],
): readonly (readonly A[])[] => inside.map((row, b) => row.map((token, l) => (mask[b]?.[l] === 1 ? token : outside)));

const vocabulary = ({ logits }: TokenBatch): number => tensor(logits).type.shape[2] ?? 0;

const perExample = statement('there is one finite loss of at least 0 for each example', (loss: MaskedLoss) =>
  fc.property(tokenBatch, (batch) => {
    const found = losses(loss, batch);
    const b = batch.mask.length;
    hold(found.length === b, `expected a loss for each of b = ${b} examples, got ${found.length}`);
    hold(
      found.every((x) => x >= 0 && Number.isFinite(x)),
      `the losses are [${found.join(', ')}]`,
    );
  }),
);

const garbage = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, 5);

const ignoresLogits = statement(
  'a logit outside the mask changes neither loss nor gradient, not even NaN or an infinity',
  (loss: MaskedLoss) =>
    fc.property(tokenBatch, garbage, (batch, junk) => {
      const token: Nested = Array.from({ length: vocabulary(batch) }, () => junk);
      const changed = { ...batch, logits: outsideReplaced(batch.logits, token, batch.mask) };
      holdEqual(`loss with ${junk} in the logits outside the mask`, losses(loss, changed), losses(loss, batch));
      const found = gradient(loss, changed);
      holdEqual(`gradient with ${junk} in the logits outside the mask`, found, gradient(loss, batch));
    }),
);

const ignoresTargets = statement('a target outside the mask changes neither loss nor gradient', (loss: MaskedLoss) =>
  fc.property(tokenBatch, fc.constantFrom(-1, 0, 1, 1000), (batch, target) => {
    const changed = { ...batch, targets: outsideReplaced(batch.targets, target, batch.mask) };
    holdEqual(`loss with the target ${target} outside the mask`, losses(loss, changed), losses(loss, batch));
    holdEqual(`gradient with the target ${target} outside the mask`, gradient(loss, changed), gradient(loss, batch));
  }),
);

const gradientInside = statement('the gradient is 0 outside the mask', (loss: MaskedLoss) =>
  fc.property(tokenBatch, (batch) => {
    const v = vocabulary(batch);
    const mask = tensor(batch.mask).data;
    const outside = gradient(loss, batch).filter((_, i) => mask[Math.floor(i / v)] === 0);
    holdEqual('gradient of the logits outside the mask', outside, new Float64Array(outside.length), 0);
  }),
);

const emptyMask = statement('an empty mask gives 0, never NaN', (loss: MaskedLoss) =>
  fc.property(tokenBatch, (batch) => {
    const empty = { ...batch, mask: batch.mask.map((row) => row.map(() => 0)) };
    const [found, slope] = [losses(loss, empty), gradient(loss, empty)];
    holdEqual(
      'loss with an empty mask',
      found,
      found.map(() => 0),
      0,
    );
    holdEqual(
      'gradient with an empty mask',
      slope,
      slope.map(() => 0),
      0,
    );
  }),
);

const shiftInvariant = statement('adding a constant to the logits of a token changes nothing', (loss: MaskedLoss) =>
  fc.property(tokenBatch, smallNumber, (batch, by) => {
    const { logits, ...rest } = tensors(batch);
    const shifted = {
      ...rest,
      logits: new ExactTensor(
        logits.type,
        logits.data.map((x) => x + by),
      ),
    };
    holdEqual(`loss with ${by} added to all logits`, numbersOf(shifted, inputsOf(loss)), losses(loss, batch));
  }),
);

const uniform = statement('equal logits cost ln v for each token', (loss: MaskedLoss) =>
  fc.property(tokenBatch, smallNumber, (batch, logit) => {
    const token: Nested = Array.from({ length: vocabulary(batch) }, () => logit);
    const logits = batch.logits.map((row) => row.map(() => token));
    const expected = batch.mask.map((row) => (row.includes(1) ? Math.log(vocabulary(batch)) : 0));
    holdEqual('loss with equal logits', losses(loss, { ...batch, logits }), expected);
  }),
);

const permutedBatch = tokenBatch.chain((batch) =>
  fc.record({ batch: fc.constant(batch), order: permutation(batch.mask.length) }),
);

const permutes = statement('permuting the batch permutes the losses', (loss: MaskedLoss) =>
  fc.property(permutedBatch, ({ batch, order }) => {
    const permuted = {
      logits: pick(batch.logits, order),
      targets: pick(batch.targets, order),
      mask: pick(batch.mask, order),
    };
    const expected = pick([...losses(loss, batch)], order);
    holdEqual(`losses of the examples in the order ${order.join(', ')}`, losses(loss, permuted), expected);
  }),
);

const differentiates = statement('the gradient is the central difference', (loss: MaskedLoss) =>
  fc.property(tokenBatch, (batch) => {
    const at = tensors(batch);
    holdDerivative(
      inputsOf(loss),
      at,
      'logits',
      at.logits.data.map((_, i) => 1 - (i % 3) / 2),
    );
  }),
);

const statements: ReadonlyArray<Statement<MaskedLoss>> = [
  perExample,
  ignoresLogits,
  ignoresTargets,
  gradientInside,
  emptyMask,
  shiftInvariant,
  uniform,
  permutes,
  differentiates,
];

/**
 * What every cross-entropy over masked tokens must satisfy: what is outside the mask does not exist, an empty mask is
 * no loss, and the loss is one of probabilities.
 *
 * @param loss - from logits `f32[b, l, v]`, targets `i32[b, l]` and mask `bool[b, l]` to one loss per example `f32[b]`.
 * @example runLaws(maskedLossLaws(myLoss), it)
 */
export const maskedLossLaws = (loss: MaskedLoss, options?: LawOptions): readonly Law[] =>
  lawsOf(statements, loss, options);
