import fc from 'fast-check';
import { type AsyncLaw, type AsyncStatement, asyncLawsOf, asyncStatement, type LawOptions } from './law.js';
import { hold, holdEqual } from './refutation.js';
import type { Schedule } from './schedule.js';

/** What a law asks of a training run. Everything else (data, model, seed) is the trainer's own and the same in every run. */
export type TrainingWish = {
  /** Updates to make. */
  readonly steps: number;
  /** The learning rate of the update that follows `count` others. */
  readonly schedule: Schedule;
  /** The global norm that gradients are clipped to; `null` for no clipping. */
  readonly clip: number | null;
  /** The decay of averaged parameters; `null` for no averages. */
  readonly averageDecay: number | null;
  /** Whether held-out data is evaluated after every update. */
  readonly evaluate: boolean;
};

/** A training state as plain numbers, in an order of the trainer's choice. */
export type TrainingNumbers = {
  /** Those that are trained. */
  readonly parameters: ArrayLike<number>;
  /** Of the parameters, in their order; empty without averages. */
  readonly averages: ArrayLike<number>;
  /** The optimizer's: moments, counts. */
  readonly optimizer: ArrayLike<number>;
};

/** What an update left behind. */
export type TrainedUpdate = TrainingNumbers & {
  /** By the names of the metrics: `loss`, `grad_norm`, `param_norm`, `learning_rate`. No times: they are never equal. */
  readonly measured: { readonly [name: string]: number };
};

/** The state before the first update, and what each update left. */
export type TrainedRun = { readonly first: TrainingNumbers; readonly updates: readonly TrainedUpdate[] };

/** A trainer as its laws see it: a run from the beginning, each time the same but for what is wished. */
export type Trainer = (wish: TrainingWish) => Promise<TrainedRun>;

const usual: TrainingWish = { steps: 2, schedule: () => 2 ** -6, clip: null, averageDecay: null, evaluate: false };

const steps = fc.integer({ min: 1, max: 4 });

/** Whether two arrays hold the same numbers, bit for bit but for the sign of 0. */
const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((x, i) => x === b[i] || (Number.isNaN(x) && Number.isNaN(b[i])));

const sameState = (a: TrainingNumbers, b: TrainingNumbers): boolean =>
  same(a.parameters, b.parameters) && same(a.averages, b.averages) && same(a.optimizer, b.optimizer);

const measuredOf = (update: TrainedUpdate | undefined, name: string): number => {
  const value = update?.measured[name];
  hold(value !== undefined, `the update measured no '${name}': {${Object.keys(update?.measured ?? {}).join(', ')}}`);
  return value ?? Number.NaN;
};

const holdMade = ({ updates }: TrainedRun, wished: number): void =>
  hold(updates.length === wished, `${wished} updates were wished, ${updates.length} made`);

/** Powers of two times what is measured, so that a clip is well above or well below it. */
const factors = fc.integer({ min: 1, max: 6 }).map((n) => 2 ** n);

const normBeforeClipping = asyncStatement('the gradient norm does not depend on the clip', (train: Trainer) =>
  fc.asyncProperty(factors, async (factor) => {
    const [free] = (await train({ ...usual, steps: 1 })).updates;
    const norm = measuredOf(free, 'grad_norm');
    const [clipped] = (await train({ ...usual, steps: 1, clip: norm / factor })).updates;
    const what = `grad_norm under a clip of ${norm / factor} (expected: without a clip)`;
    holdEqual(what, [measuredOf(clipped, 'grad_norm')], [norm], 1e-6);
  }),
);

const clips = asyncStatement('a clip acts where the gradient norm is above it, and only there', (train: Trainer) =>
  fc.asyncProperty(factors, async (factor) => {
    const [free] = (await train({ ...usual, steps: 1 })).updates;
    const norm = measuredOf(free, 'grad_norm');
    const under = async (clip: number): Promise<boolean> => {
      const [update] = (await train({ ...usual, steps: 1, clip })).updates;
      return free !== undefined && update !== undefined && sameState(free, update);
    };
    hold(norm > 0, 'the first gradient is 0: these laws need data from which there is something to learn');
    // Close to the norm, and anywhere.
    for (const by of [9 / 8, factor]) {
      hold(await under(norm * by), `the norm is ${norm}: a clip of ${norm * by} changed the update`);
      hold(!(await under(norm / by)), `the norm is ${norm}: a clip of ${norm / by} changed nothing`);
    }
  }),
);

const reportsRate = asyncStatement(
  'the learning rate reported of an update is that of the schedule',
  (train: Trainer) =>
    fc.asyncProperty(steps, async (n) => {
      // Different at every count, and exact in every floating-point dtype.
      const schedule: Schedule = (count) => (count + 1) * 2 ** -10;
      const run = await train({ ...usual, steps: n, schedule });
      holdMade(run, n);
      run.updates.forEach((update, count) => {
        const what = `learning_rate of the update after ${count} others`;
        holdEqual(what, [measuredOf(update, 'learning_rate')], [schedule(count)], 0);
      });
    }),
);

const once = fc.record({ steps: fc.integer({ min: 2, max: 4 }), at: fc.nat({ max: 3 }) });

/** A schedule that is 0 but at one count. */
const onceAt =
  (at: number): Schedule =>
  (count) =>
    count === at ? 2 ** -6 : 0;

const appliesRate = asyncStatement('parameters move where the schedule is not 0, and only there', (train: Trainer) =>
  fc.asyncProperty(once, async ({ steps: n, at }) => {
    const run = await train({ ...usual, steps: n, schedule: onceAt(at % n) });
    holdMade(run, n);
    let before = run.first.parameters;
    run.updates.forEach(({ parameters }, count) => {
      const moved = !same(before, parameters);
      const expected = count === at % n;
      const rate = expected ? 'not 0' : '0';
      hold(
        moved === expected,
        `at count ${count} the schedule is ${rate}, and the parameters ${moved ? 'moved' : 'stayed'}`,
      );
      before = parameters;
    });
  }),
);

const normOfUpdated = asyncStatement('the parameter norm is that of the updated parameters', (train: Trainer) =>
  fc.asyncProperty(fc.integer({ min: 0, max: 2 }), async (at) => {
    // The update after the only one that moves the parameters leaves them as they are, and so their norm, but for digits that a
    // backend may keep inside a program and not in the state.
    const { updates } = await train({ ...usual, steps: at + 2, schedule: onceAt(at) });
    const [moving, resting] = updates.slice(at).map((update) => measuredOf(update, 'param_norm'));
    const what = `param_norm of the update after ${at} others (expected: of the next, which moves nothing)`;
    holdEqual(what, [moving ?? Number.NaN], [resting ?? Number.NaN], 1e-6);
  }),
);

const decays = fc.constantFrom(0.5, 0.75, 0.875);

const averages = asyncStatement('averages are decay · averages + (1 − decay) · parameters', (train: Trainer) =>
  fc.asyncProperty(steps, decays, async (n, decay) => {
    const run = await train({ ...usual, steps: n, averageDecay: decay });
    holdMade(run, n);
    holdEqual(
      'averages before the first update (expected: the parameters)',
      run.first.averages,
      run.first.parameters,
      0,
    );
    let before = Array.from(run.first.averages);
    run.updates.forEach(({ parameters, averages: found }, count) => {
      before = before.map((average, i) => decay * average + (1 - decay) * (parameters[i] ?? Number.NaN));
      holdEqual(`averages after update ${count + 1} with decay ${decay}`, found, before, 1e-6);
      // The recurrence is held step by step, so that rounding does not add up.
      before = Array.from(found);
    });
  }),
);

const onlyWatches = asyncStatement('averages change no update', (train: Trainer) =>
  fc.asyncProperty(steps, decays, async (n, averageDecay) => {
    const [without, having] = [await train({ ...usual, steps: n }), await train({ ...usual, steps: n, averageDecay })];
    without.updates.forEach(({ parameters }, i) => {
      const found = having.updates[i]?.parameters ?? [];
      holdEqual(`parameters after update ${i + 1} with averages (expected: without)`, found, parameters, 0);
    });
  }),
);

const difference = (a: TrainedRun, b: TrainedRun): number =>
  a.updates.findIndex((update, i) => {
    const other = b.updates[i];
    if (other === undefined || !sameState(update, other)) return true;
    const names = Object.keys(update.measured);
    const values = (of: TrainedUpdate): readonly number[] => names.map((name) => of.measured[name] ?? Number.NaN);
    return names.length !== Object.keys(other.measured).length || !same(values(update), values(other));
  });

const repeats = asyncStatement('a run made again is the same run, bit for bit', (train: Trainer) =>
  fc.asyncProperty(steps, async (n) => {
    const found = difference(await train({ ...usual, steps: n }), await train({ ...usual, steps: n }));
    hold(found < 0, `update ${found + 1} differs between two runs of the same options`);
  }),
);

const evaluation = asyncStatement('evaluation changes nothing', (train: Trainer) =>
  fc.asyncProperty(steps, fc.option(decays), async (n, averageDecay) => {
    const wish = { ...usual, steps: n, averageDecay };
    const found = difference(await train(wish), await train({ ...wish, evaluate: true }));
    hold(found < 0, `update ${found + 1} differs between a run without evaluation and one with it`);
  }),
);

/**
 * What a trainer's gradient norm and clipping must satisfy: the norm is that before clipping, and the clip acts.
 *
 * @law `grad_norm` of the first update does not depend on the clip; its state does where the clip is below the norm, and only there.
 */
export const clippingLaws = (trainer: Trainer, options?: LawOptions): readonly AsyncLaw[] =>
  asyncLawsOf([normBeforeClipping, clips], trainer, options);

/**
 * What a trainer's learning rate must satisfy: the update after n others reports and applies `schedule(n)`; and its parameter
 * norm is that of the parameters as updated.
 */
export const learningRateLaws = (trainer: Trainer, options?: LawOptions): readonly AsyncLaw[] =>
  asyncLawsOf([reportsRate, appliesRate, normOfUpdated], trainer, options);

/** What a trainer's averaged parameters must satisfy: they begin as the parameters, follow their recurrence, and only watch. */
export const averagingLaws = (trainer: Trainer, options?: LawOptions): readonly AsyncLaw[] =>
  asyncLawsOf([averages, onlyWatches], trainer, options);

/** What a trainer's evaluation must satisfy: a run with it is the run without, bit for bit. */
export const evaluationLaws = (trainer: Trainer, options?: LawOptions): readonly AsyncLaw[] =>
  asyncLawsOf([repeats, evaluation], trainer, options);

/**
 * Every law of a trainer's updates: clipping, learning rate, averages, evaluation.
 *
 * @example runLaws(trainingLaws(myTrainer), it)
 */
export const trainingLaws = (trainer: Trainer, options?: LawOptions): readonly AsyncLaw[] => {
  const statements: ReadonlyArray<AsyncStatement<Trainer>> = [
    normBeforeClipping,
    clips,
    reportsRate,
    appliesRate,
    normOfUpdated,
    averages,
    onlyWatches,
    repeats,
    evaluation,
  ];
  return asyncLawsOf(statements, trainer, options);
};
