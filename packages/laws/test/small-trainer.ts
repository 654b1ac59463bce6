import type { ResumableTrainer, Trainer, TrainingLine, TrainingNumbers, TrainingWish } from '../src/index.js';

/** What a trainer can do wrong, one by one. */
export type Mistake =
  | 'norm after clipping'
  | 'no clipping'
  | 'clips too early'
  | 'reports the next rate'
  | 'applies the next rate'
  | 'applies a constant rate'
  | 'norm of the old parameters'
  | 'never averages'
  | 'averages the old parameters'
  | 'averages begin at 0'
  | 'trains the averages'
  | 'evaluation draws from the generator'
  | 'evaluation moves the averages'
  | 'depends on the clock'
  | 'stops short'
  | 'measures nothing';

type State = TrainingNumbers & { readonly draws: number; readonly step: number };

const norm = (x: ArrayLike<number>): number => Math.hypot(...Array.from(x));

/** A sample of the data: depends on the number of draws so far alone. */
const sample = (draws: number): readonly number[] => [1 + ((draws * 3) % 7), -2 + ((draws * 5) % 3)];

const begin = (wish: TrainingWish, wrong: (mistake: Mistake) => boolean): State => {
  const parameters = [0.5, -1.25];
  const averages = wrong('averages begin at 0') ? [0, 0] : parameters;
  return {
    parameters,
    averages: wish.averageDecay === null ? [] : averages,
    optimizer: [0, 0],
    draws: 0,
    step: 0,
  };
};

let clock = 0;

const clipped = (gradient: readonly number[], clip: number | null, wrong: (mistake: Mistake) => boolean) => {
  const length = norm(gradient);
  const limit = (clip ?? Number.POSITIVE_INFINITY) * (wrong('clips too early') ? 0.25 : 1);
  if (wrong('no clipping') || length <= limit) return gradient;
  return gradient.map((g) => (g * limit) / length);
};

const averaged = (state: State, moved: readonly number[], wish: TrainingWish, wrong: (mistake: Mistake) => boolean) => {
  const { averageDecay: decay } = wish;
  if (decay === null || wrong('never averages')) return state.averages;
  const of = wrong('averages the old parameters') ? Array.from(state.parameters) : moved;
  return Array.from(state.averages, (average, i) => decay * average + (1 - decay) * (of[i] ?? 0));
};

/** One update by momentum towards the next sample. */
const update = (state: State, wish: TrainingWish, wrong: (mistake: Mistake) => boolean) => {
  const at = wrong('trains the averages') && wish.averageDecay !== null ? state.averages : state.parameters;
  const target = sample(state.draws + (wrong('depends on the clock') ? clock++ : 0));
  const gradient = Array.from(at, (w, i) => w - (target[i] ?? 0));
  const used = clipped(gradient, wish.clip, wrong);
  const optimizer = Array.from(state.optimizer, (m, i) => 0.5 * m + (used[i] ?? 0));
  const count = state.step;
  const next = wrong('applies the next rate') ? wish.schedule(count + 1) : wish.schedule(count);
  const rate = wrong('applies a constant rate') ? 2 ** -6 : next;
  const parameters = Array.from(state.parameters, (w, i) => w - rate * (optimizer[i] ?? 0));
  const averages = averaged(state, parameters, wish, wrong);
  const measured = {
    loss: norm(gradient) ** 2,
    grad_norm: norm(wrong('norm after clipping') ? used : gradient),
    param_norm: norm(wrong('norm of the old parameters') ? state.parameters : parameters),
    learning_rate: wish.schedule(count + (wrong('reports the next rate') ? 1 : 0)),
  };
  return { parameters, averages, optimizer, draws: state.draws + 1, step: count + 1, measured };
};

const evaluated = <S extends State>(state: S, wrong: (mistake: Mistake) => boolean): S => ({
  ...state,
  draws: state.draws + (wrong('evaluation draws from the generator') ? 1 : 0),
  averages: wrong('evaluation moves the averages') ? Array.from(state.averages, (x) => x + 1) : state.averages,
});

/** A trainer of two parameters that makes one mistake, or none. */
export const smallTrainer =
  (mistake?: Mistake): Trainer =>
  (wish) => {
    const wrong = (asked: Mistake): boolean => asked === mistake;
    const first = begin(wish, wrong);
    let state = first;
    const updates = Array.from({ length: wish.steps - (wrong('stops short') ? 1 : 0) }, () => {
      const next = update(state, wish, wrong);
      const after = wish.evaluate ? evaluated(next, wrong) : next;
      state = after;
      return wrong('measures nothing') ? { ...after, measured: {} } : after;
    });
    return Promise.resolve({ first, updates });
  };

/** What a trainer can lose when it is interrupted. */
export type Loss =
  | 'the position in the data'
  | 'the optimizer'
  | 'the averages'
  | 'the interval'
  | 'the line of the save'
  | 'an update'
  | 'the line order';

type Saved = { readonly state: State; readonly losses: readonly number[] };

const wish: TrainingWish = { steps: 6, schedule: (n) => 0.5 / (n + 1), clip: 1, averageDecay: 0.5, evaluate: false };

const none = (): boolean => false;

const forgotten = ({ state, losses }: Saved, lost?: Loss): Saved => ({
  losses: lost === 'the interval' ? [] : losses,
  state: {
    ...state,
    draws: lost === 'the position in the data' ? 0 : state.draws,
    optimizer: lost === 'the optimizer' ? [0, 0] : state.optimizer,
    averages: lost === 'the averages' ? state.parameters : state.averages,
    step: state.step - (lost === 'an update' ? 1 : 0),
  },
});

type Made = Saved & { readonly lines: readonly TrainingLine[] };

/** One update, and the lines that follow it: a log line every 2, a save every 3 and at the stop. */
const next = ({ state, losses }: Saved, stopAt: number | null, lost?: Loss): Made => {
  const { measured, ...updated } = update(state, wish, none);
  const { step } = updated;
  const all = [...losses, measured.loss];
  const loss = all.reduce((sum, x) => sum + x, 0) / all.length;
  const logging = step % 2 === 0;
  const saving = (step % 3 === 0 || step === stopAt) && lost !== 'the line of the save';
  const log: readonly TrainingLine[] = logging ? [{ step, loss, time_per_step: clock++ }] : [];
  const save: readonly TrainingLine[] = saving ? [{ step, checkpoint_step: step }] : [];
  const lines = lost === 'the line order' && stopAt !== null ? [...save, ...log] : [...log, ...save];
  return { state: updated, losses: logging ? [] : all, lines };
};

/** A trainer that is interrupted where it is asked to; what it saved is text, and something may be lost on the way. */
export const resumableTrainer = (lost?: Loss): ResumableTrainer<string> => ({
  steps: 6,
  run: (from, stopAt) => {
    let saved: Saved =
      from === null ? { state: begin(wish, none), losses: [] } : forgotten(JSON.parse(from) as Saved, lost);
    const lines: TrainingLine[] = [];
    while (saved.state.step < (stopAt ?? wish.steps)) {
      const { lines: more, ...made } = next(saved, stopAt, lost);
      saved = made;
      lines.push(...more);
    }
    return Promise.resolve({ lines, saved: JSON.stringify(saved), state: saved.state });
  },
});
