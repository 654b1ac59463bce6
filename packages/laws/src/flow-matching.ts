import type { Expr } from '@torsor/tensor';
import fc from 'fast-check';
import { nested, permutation, pick, smallNumber } from './arbitrary.js';
import { gradientOf, holdDerivative } from './derivative.js';
import { type Law, type LawOptions, lawsOf, type Statement, statement } from './law.js';
import { ExactTensor, type FunctionOf, type Nested, numbersOf, type Tensors, tensor } from './numbers.js';
import { hold, holdEqual } from './refutation.js';

/** A predicted and a target velocity, `[b, ah, ad]` each, as nested arrays. */
export type VelocityBatch = {
  readonly v_t: readonly (readonly Nested[])[];
  readonly u_t: readonly (readonly Nested[])[];
};

/** Small batches of velocities: 1 to 3 samples, 1 or 2 actions of 1 to 3 dimensions. */
export const velocityBatch: fc.Arbitrary<VelocityBatch> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }))
  .chain(([b, ah, ad]) => {
    const action = nested([ad]);
    const chunk = fc.array(action, { minLength: ah, maxLength: ah });
    const velocities = fc.array(chunk, { minLength: b, maxLength: b });
    return fc.record({ v_t: velocities, u_t: velocities });
  });

/** A loss per predicted action: from `v_t` and `u_t`, `f32[b, ah, ad]` each, to `f32[b, ah]`. */
export type FlowMatchingLoss = (v_t: Expr, u_t: Expr) => Expr;

type Names = 'v_t' | 'u_t';

const tensors = ({ v_t, u_t }: VelocityBatch): Tensors<Names> => ({ v_t: tensor(v_t), u_t: tensor(u_t) });

const inputsOf =
  (loss: FlowMatchingLoss): FunctionOf<Names> =>
  ({ v_t, u_t }) =>
    loss(v_t, u_t);

const losses = (loss: FlowMatchingLoss, batch: VelocityBatch): Float64Array =>
  numbersOf(tensors(batch), inputsOf(loss));

/** The losses of each sample. */
const rows = (loss: FlowMatchingLoss, batch: VelocityBatch): readonly Float64Array[] => {
  const all = losses(loss, batch);
  const ah = batch.v_t[0]?.length ?? 0;
  return batch.v_t.map((_, i) => all.slice(i * ah, (i + 1) * ah));
};

const permutedBatch = velocityBatch.chain((batch) =>
  fc.record({ batch: fc.constant(batch), order: permutation(batch.v_t.length) }),
);

const perAction = statement('there is one finite loss of at least 0 for each action', (loss: FlowMatchingLoss) =>
  fc.property(velocityBatch, (batch) => {
    const expected = batch.v_t.length * (batch.v_t[0]?.length ?? 0);
    const found = losses(loss, batch);
    hold(found.length === expected, `expected a loss for each of b · ah = ${expected} actions, got ${found.length}`);
    hold(
      found.every((x) => x >= 0 && Number.isFinite(x)),
      `the losses are [${found.join(', ')}]`,
    );
  }),
);

const zeroAtTarget = statement('the loss is 0 where v_t = u_t', (loss: FlowMatchingLoss) =>
  fc.property(velocityBatch, ({ u_t }) => {
    const found = losses(loss, { v_t: u_t, u_t });
    holdEqual(
      'loss where v_t = u_t',
      found,
      found.map(() => 0),
      0,
    );
  }),
);

const offTarget = fc.record({ batch: velocityBatch, element: fc.nat(), by: smallNumber.filter((x) => x !== 0) });

const positiveElsewhere = statement(
  'the loss of an action is above 0 where its v_t differs from u_t, and only there',
  (loss: FlowMatchingLoss) =>
    fc.property(offTarget, ({ batch: { u_t }, element, by }) => {
      const target = tensor(u_t);
      const data = target.data.slice();
      const wrong = element % data.length;
      data[wrong] = (data[wrong] ?? 0) + by;
      const action = Math.floor(wrong / (target.type.shape[2] ?? 1));
      const found = numbersOf({ v_t: new ExactTensor(target.type, data), u_t: target }, inputsOf(loss));
      const off = `v_t is off by ${by} in element ${wrong}`;
      hold((found[action] ?? 0) > 0, `${off}: the loss of action ${action} is ${found[action]}, expected above 0`);
      holdEqual(
        `${off}: the other losses`,
        found.filter((_, i) => i !== action),
        new Float64Array(found.length - 1),
        0,
      );
    }),
);

const permutes = statement('permuting the batch permutes the losses', (loss: FlowMatchingLoss) =>
  fc.property(permutedBatch, ({ batch, order }) => {
    const permuted = losses(loss, { v_t: pick(batch.v_t, order), u_t: pick(batch.u_t, order) });
    const expected = pick(rows(loss, batch), order).flatMap((row) => [...row]);
    holdEqual(`losses of the samples in the order ${order.join(', ')}`, permuted, expected);
  }),
);

const alone = statement('the loss of a sample is that of the sample alone', (loss: FlowMatchingLoss) =>
  fc.property(velocityBatch, (batch) => {
    const together = rows(loss, batch);
    together.forEach((expected, i) => {
      const single = losses(loss, { v_t: batch.v_t.slice(i, i + 1), u_t: batch.u_t.slice(i, i + 1) });
      holdEqual(`loss of sample ${i} alone (expected: in the batch)`, single, expected);
    });
  }),
);

const stationary = statement('the gradient is 0 where v_t = u_t', (loss: FlowMatchingLoss) =>
  fc.property(velocityBatch, ({ u_t }) => {
    const gradient = gradientOf(inputsOf(loss), tensors({ v_t: u_t, u_t }), 'v_t');
    holdEqual(
      'gradient where v_t = u_t',
      gradient,
      gradient.map(() => 0),
      0,
    );
  }),
);

const differentiates = statement('the gradient is the central difference', (loss: FlowMatchingLoss) =>
  fc.property(velocityBatch, (batch) => {
    const { v_t, u_t } = tensors(batch);
    // Off the lattice of the numbers, so that a kink of the loss (a tie, the knee of Huber's) is not hit.
    const data = v_t.data.map((x, i) => x + 0.031 + i / 1000);
    holdDerivative(
      inputsOf(loss),
      { v_t: new ExactTensor(v_t.type, data), u_t },
      'v_t',
      data.map((_, i) => 1 - (i % 3) / 2),
    );
  }),
);

const statements: ReadonlyArray<Statement<FlowMatchingLoss>> = [
  perAction,
  zeroAtTarget,
  positiveElsewhere,
  permutes,
  alone,
  stationary,
  differentiates,
];

/**
 * What every flow-matching loss must satisfy, whatever its formula (squared error, Huber, …): 0 where v_t = u_t and
 * only there, each action and each sample by itself, and a gradient that is its derivative.
 *
 * @param loss - from `v_t` and `u_t` `f32[b, ah, ad]` to one loss per action `f32[b, ah]`.
 * @example runLaws(flowMatchingLaws(myLoss), it)
 */
export const flowMatchingLaws = (loss: FlowMatchingLoss, options?: LawOptions): readonly Law[] =>
  lawsOf(statements, loss, options);
