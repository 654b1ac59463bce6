import { type Buffer, referenceBackend } from '@torsor/backend';
import { firstPosition } from '@torsor/data';
import { placementOn } from '@torsor/policy';
import { toFloat64 } from '@torsor/tensor';
import { leaves, type Tree } from '@torsor/tree';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { heldOutLosses } from '../../src/evaluation/held-out-loss.js';
import {
  beginRun,
  compileLoss,
  compileUpdate,
  type DataSource,
  optimizerOf,
  prefetching,
  recipeOn,
  type UpdateSettings,
  updater,
} from '../../src/index.js';
import { batchAt, firstKernel, line, lineSettings, lineTrainer, source } from '../line-trainer.js';
import { right } from '../right.js';

/** The mean of (w·x − y)², and its gradient by w, written out. */
const byHand = (w: readonly number[], step: number): { loss: number; gradient: readonly number[] } => {
  const { x, y } = batchAt(step);
  const [inputs, targets] = [toFloat64(x as never), toFloat64(y as never)];
  let loss = 0;
  const gradient = [0, 0];
  for (const [i, target] of targets.entries()) {
    const off = (w[0] ?? 0) * (inputs[2 * i] ?? 0) + (w[1] ?? 0) * (inputs[2 * i + 1] ?? 0) - target;
    loss += off ** 2 / targets.length;
    for (const d of [0, 1]) gradient[d] = (gradient[d] ?? 0) + (2 * off * (inputs[2 * i + d] ?? 0)) / targets.length;
  }
  return { loss, gradient };
};

const opened = async (settings: UpdateSettings) => {
  const backend = referenceBackend();
  const placement = placementOn(backend, 0);
  const recipe = right(await recipeOn(backend, settings, line)());
  const programs = right(await compileUpdate(placement, recipe, line)());
  const loss = right(await compileLoss(placement, recipe, line)());
  const numbers = async (tree: Tree<Buffer>): Promise<readonly number[]> => {
    const values: number[] = [];
    for (const leaf of leaves<Buffer>(tree)) values.push(...toFloat64(right(await backend.get(leaf)())));
    return values;
  };
  return { programs, loss, numbers, first: right(await beginRun({ programs }, firstKernel)()) };
};

describe('an update', () => {
  it('follows the gradient of the loss, not of what else is measured', async () => {
    const { updates, first } = await lineTrainer({
      steps: 1,
      schedule: () => 2 ** -6,
      clip: null,
      averageDecay: null,
      evaluate: false,
    });
    const { loss, gradient } = byHand([0.5, -0.25], 0);
    const [update] = updates;
    expect(update?.measured['loss']).toBeCloseTo(loss, 6);
    expect(update?.measured['grad_norm']).toBeCloseTo(Math.hypot(...gradient), 6);
    // The first step of Adam is the learning rate against the sign of the gradient.
    const moved = Array.from(update?.parameters ?? [], (w, i) => w - (first.parameters[i] ?? 0));
    for (const [i, step] of moved.entries()) expect(step).toBeCloseTo(-(2 ** -6) * Math.sign(gradient[i] ?? 0), 6);
  });

  it('measures each batch and the time that it took to make it', async () => {
    const { programs, first } = await opened(lineSettings(1, null));
    let seconds = 100;
    const update = updater({
      programs,
      source: (at) => {
        seconds += 5;
        return pipe(
          source(at),
          TE.tapIO(() => () => {
            seconds += 2;
          }),
        );
      },
      schedule: () => 0,
      clock: () => seconds,
      memory: () => 123,
    });
    const { measured, samples } = right(await update(first.device, first.host)());
    expect(measured).toMatchObject({ data_time: 7, samples: 4, peak_memory_bytes: 123, learning_rate: 0 });
    expect(samples()).toEqual(['step 0']);
  });

  it('is refused with what its data source says, before anything runs', async () => {
    const { programs, first } = await opened(lineSettings(1, null));
    const refused = { _tag: 'Defect', reason: 'no such sample' } as const;
    const update = updater({ programs, source: () => TE.left(refused), schedule: () => 0, clock: () => 0 });
    expect(await update(first.device, { ...first.host, position: firstPosition })()).toEqual(E.left(refused));
  });
});

/*
 * Two steps of AdamW by hand (Loshchilov and Hutter 2019, algorithm 2, without the schedule): m, v with bias correction, and the
 * decay λ of the parameter before the step.
 */
const adamwByHand = (b1: number, b2: number, eps: number, decay: number, rate: number): readonly number[] => {
  let w = [0.5, -0.25];
  let [m, v] = [
    [0, 0],
    [0, 0],
  ];
  for (const step of [0, 1]) {
    const { gradient } = byHand(w, step);
    m = m.map((x, i) => b1 * x + (1 - b1) * (gradient[i] ?? 0));
    v = v.map((x, i) => b2 * x + (1 - b2) * (gradient[i] ?? 0) ** 2);
    const corrected = m.map(
      (x, i) => x / (1 - b1 ** (step + 1)) / (Math.sqrt((v[i] ?? 0) / (1 - b2 ** (step + 1))) + eps),
    );
    w = w.map((x, i) => x - rate * ((corrected[i] ?? 0) + decay * x));
  }
  return w;
};

describe('optimizerOf', () => {
  it.each([
    [0.9, 0.95, 1e-8, 0.5],
    [0.5, 0.75, 1e-2, 0.25],
  ])('takes every number of its settings: b1 %d, b2 %d, eps %d, weight decay %d', async (b1, b2, eps, weightDecay) => {
    const optimizer = optimizerOf({ kind: 'adamw', b1, b2, eps, weightDecay, clipGradientNorm: null });
    const { programs, numbers, first } = await opened({ ...lineSettings(null, null), optimizer });
    const update = updater({ programs, source, schedule: () => 0.125, clock: () => 0 });
    let { device, host } = first;
    for (const step of [0, 1]) {
      device = right(await update(device, { ...host, step })()).state;
    }
    const expected = adamwByHand(b1, b2, eps, weightDecay, 0.125);
    for (const [i, w] of (await numbers(device.params)).entries()) expect(w).toBeCloseTo(expected[i] ?? NaN, 5);
  });

  it('of SGD takes momentum and its Nesterov form', async () => {
    const moved = async (momentum: number, nesterov: boolean): Promise<readonly number[]> => {
      const optimizer = optimizerOf({ kind: 'sgd', momentum, nesterov });
      const { programs, numbers, first } = await opened({ ...lineSettings(null, null), optimizer });
      const update = updater({ programs, source, schedule: () => 0.125, clock: () => 0 });
      let { device } = first;
      for (const step of [0, 1]) device = right(await update(device, { ...first.host, step })()).state;
      return numbers(device.params);
    };
    const sgd = (momentum: number, nesterov: boolean): readonly number[] => {
      let w = [0.5, -0.25];
      let trace = [0, 0];
      for (const step of [0, 1]) {
        const { gradient } = byHand(w, step);
        trace = trace.map((x, i) => momentum * x + (gradient[i] ?? 0));
        const by = nesterov ? trace.map((x, i) => momentum * x + (gradient[i] ?? 0)) : trace;
        w = w.map((x, i) => x - 0.125 * (by[i] ?? 0));
      }
      return w;
    };
    for (const [momentum, nesterov] of [
      [0, false],
      [0.5, false],
      [0.5, true],
    ] as const) {
      const expected = sgd(momentum, nesterov);
      for (const [i, w] of (await moved(momentum, nesterov)).entries()) expect(w).toBeCloseTo(expected[i] ?? NaN, 5);
    }
  });
});

describe('heldOutLosses', () => {
  it('are of the parameters as trained, and of the averages where there are any', async () => {
    const { programs, loss, numbers, first } = await opened(lineSettings(null, 0.75));
    const update = updater({ programs, source, schedule: () => 0.25, clock: () => 0 });
    const { state } = right(await update(first.device, first.host)());
    const heldOut = [() => TE.right({ inputs: batchAt(100), real: 4 })];
    const { live, ema } = right(await heldOutLosses(loss, heldOut, state)());
    expect(live.loss).toBeCloseTo(byHand(await numbers(state.params), 100).loss, 6);
    expect(ema?.loss).toBeCloseTo(byHand(await numbers(state.ema), 100).loss, 6);
    expect(ema?.loss).not.toBeCloseTo(live.loss, 3);
  });

  it('are means over the samples that count, in whatever batches', async () => {
    const { loss, first } = await opened(lineSettings(null, null));
    const batch = (step: number, real: number) => () => TE.right({ inputs: batchAt(step), real });
    const one = async (step: number, real: number) =>
      right(await heldOutLosses(loss, [batch(step, real)], first.device)()).live.loss;
    const both = right(await heldOutLosses(loss, [batch(7, 4), batch(9, 1)], first.device)());
    expect(both.ema).toBeNull();
    expect(both.live.loss).toBeCloseTo((4 * (await one(7, 4)) + (await one(9, 1))) / 5, 6);
  });
});

describe('prefetching', () => {
  const at = (step: number) => ({ step, position: { epoch: 0, offset: 4 * step } });

  it('gives what the source gives, in whatever order it is asked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5)), async (steps) => {
        const fetch = prefetching(source, () => 0);
        for (const step of steps) {
          const { batch } = right(await fetch(at(step))());
          const expected = right(await source(at(step))());
          expect({ ...batch, samples: batch.samples() }).toEqual({ ...expected, samples: expected.samples() });
        }
      }),
    );
  });

  it('makes the next batch while the last one is used, and waits for nothing then', async () => {
    const asked: number[] = [];
    let seconds = 0;
    const slow: DataSource = (place) => () => {
      asked.push(place.step);
      return source(place)().finally(() => {
        seconds += 3;
      });
    };
    const fetch = prefetching(slow, () => seconds);
    const first = right(await fetch(at(0))());
    expect([asked, first.seconds]).toEqual([[0, 1], 3]);
    await new Promise((resume) => setTimeout(resume));
    expect(right(await fetch(at(1))()).seconds).toBe(0);
    expect(asked).toEqual([0, 1, 2]);
  });

  it('stops for no batch that nobody asks for', async () => {
    const ends: DataSource = (place) =>
      place.step < 2 ? source(place) : TE.left({ _tag: 'Defect', reason: 'no more' });
    const fetch = prefetching(ends, () => 0);
    expect(E.isRight(await fetch(at(0))())).toBe(true);
    expect(E.isRight(await fetch(at(1))())).toBe(true);
    expect(await fetch(at(2))()).toMatchObject({ left: { reason: 'no more' } });
  });
});
