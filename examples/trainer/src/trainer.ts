import { openTfjs } from '@torsor/backend-tfjs';
import { maximum, metric, metrics, reading } from '@torsor/metrics';
import { abs, add, fromFloat64, matmul, sqrt, square, sub, tensorType } from '@torsor/tensor';
import { objective, optimizerOf, type TrainOptions, train } from '@torsor/training';
import * as TE from 'fp-ts/lib/TaskEither.js';

const [kernel, state, actions] = [tensorType('f32', [2, 1]), tensorType('f32', [8, 2]), tensorType('f32', [8, 1])];
/** Data of our own: a joint that follows the hand of a clock, one radian behind. */
const clock = (first: number) => {
  const angles = Array.from({ length: 8 }, (_, i) => first + i);
  const hand = angles.flatMap((angle) => [Math.sin(angle), Math.cos(angle)]);
  const joint = angles.map((angle) => Math.sin(angle - 1));
  return { state: fromFloat64(state, hand), actions: fromFloat64(actions, joint) };
};
/** A loss of our own, pseudo-Huber of a linear policy, and what a metric of our own reads. */
const pseudoHuber = objective({ kernel }, { state, actions }, (params, batch) => {
  const off = abs(sub(matmul(batch.state, params.kernel), batch.actions));
  return { loss: sub(sqrt(add(square(off), 1)), 1), measured: { off } };
});
const off = metric({ name: 'off', unit: 'rad', when: 'log', meaning: 'worst step', from: reading('off', maximum) });

/** Trains up to `steps` updates, from the newest checkpoint of `out` where there is one. */
export const trainer = (out: string, steps: number, report: TrainOptions['world']['report']) =>
  TE.flatMap(openTfjs('wasm', { env: process.env, project: process.cwd() }), (backend) =>
    train({
      backend,
      objective: pseudoHuber,
      metrics: [...metrics, off],
      settings: { optimizer: optimizerOf({ kind: 'sgd', momentum: 0.9, nesterov: false }) },
      schedule: () => 0.1,
      initParams: () => ({ kernel: fromFloat64(kernel, [0, 0]) }),
      source: ({ step, position }) => TE.right({ inputs: clock(8 * step), size: 8, position, samples: () => [] }),
      heldOut: [() => TE.right({ inputs: clock(0.5), real: 8 })],
      limits: { steps, maxMinutes: null, logInterval: 10, evalInterval: 10, saveInterval: 10 },
      retention: { out, keepLast: 2, keepPeriod: null },
      world: { clock: () => performance.now() / 1000, report },
    }),
  );
