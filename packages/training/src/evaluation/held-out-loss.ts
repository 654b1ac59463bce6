import type { Buffer } from '@torsor/backend';
import type { MetricLine } from '@torsor/metrics';
import { hosted, onDevice, withValues } from '@torsor/policy';
import { type TensorValue, toFloat64 } from '@torsor/tensor';
import type { Tree, TreeNode } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Effect, LossPrograms } from '../update/compile.js';
import { actingParams, type LearnedState } from '../update/program.js';

/** A batch of held-out samples. */
export type HeldOutBatch = {
  /** Of the types that the objective says. */
  readonly inputs: TreeNode<TensorValue>;
  /** Its first samples that count; the others repeat one, so that every batch has one shape. */
  readonly real: number;
};

/** Held-out samples in batches, each made when it is needed, and always the same. */
export type HeldOutSource = readonly (() => Effect<HeldOutBatch>)[];

/** Means over samples by name: `loss`, and what else the objective measures. */
export type HeldOutMeans = { readonly loss: number; readonly [measured: string]: number };

type SampleValues = readonly (readonly [name: string, values: readonly number[]])[];

const valuesOf = (
  { placement, loss }: LossPrograms,
  params: Tree<Buffer>,
  made: HeldOutSource[number],
): Effect<SampleValues> =>
  pipe(
    made(),
    TE.flatMap(({ inputs, real }) =>
      withValues(placement, { batch: inputs })((buffers) =>
        pipe(
          onDevice(placement.backend.run(loss, { params, ...buffers })),
          TE.flatMap((outputs) => hosted(placement, outputs)),
          TE.map(
            (outputs): SampleValues =>
              Object.entries(outputs).map(([name, value]) => [name, [...toFloat64(value)].slice(0, real)]),
          ),
        ),
      ),
    ),
  );

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The means of what is measured of held-out samples, over samples, not over batches.
 *
 * @law does not depend on the batch size, nor on anything that training draws.
 */
export const heldOutMeans = (
  programs: LossPrograms,
  source: HeldOutSource,
  params: Tree<Buffer>,
): Effect<HeldOutMeans> =>
  pipe(
    source,
    TE.traverseSeqArray((made) => valuesOf(programs, params, made)),
    TE.map((batches) => {
      const all = new Map<string, number[]>();
      for (const [name, values] of batches.flat()) all.set(name, [...(all.get(name) ?? []), ...values]);
      const means = [...all].map(([name, values]) => [name, mean(values)] as const);
      return { loss: Number.NaN, ...Object.fromEntries(means) };
    }),
  );

/** Held-out means of the parameters as trained, and of the averaged ones where there are any. */
export type HeldOutLosses = {
  readonly live: HeldOutMeans;
  readonly ema: HeldOutMeans | null;
};

/** Held-out means of a state. */
export const heldOutLosses = (
  programs: LossPrograms,
  source: HeldOutSource,
  state: LearnedState<Buffer>,
): Effect<HeldOutLosses> => {
  const acting = actingParams(state);
  return pipe(
    TE.Do,
    TE.bind('live', () => heldOutMeans(programs, source, state.params)),
    TE.bind('ema', () => (acting === state.params ? TE.right(null) : heldOutMeans(programs, source, acting))),
  );
};

/** Held-out losses as a line has them: what else is measured is that of the acting parameters. */
export const heldOutLine = ({ live, ema }: HeldOutLosses, step: number): MetricLine => {
  const { loss: _, ...measured } = ema ?? live;
  const others = Object.entries(measured).map(([name, value]) => [`eval/${name}`, value] as const);
  return {
    step,
    'eval/loss': live.loss,
    ...(ema === null ? {} : { 'eval/loss_ema': ema.loss }),
    ...Object.fromEntries(others),
  };
};
