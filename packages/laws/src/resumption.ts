import fc from 'fast-check';
import { type AsyncLaw, type AsyncStatement, asyncLawsOf, asyncStatement, type LawOptions } from './law.js';
import { hold } from './refutation.js';

/** A line of metrics: the number of updates done, and values by name. */
export type TrainingLine = { readonly step: number } & { readonly [metric: string]: number };

/** What a run, or a part of one, left behind. */
export type RunPart<Saved> = {
  /** The lines of metrics that it wrote, `checkpoint_step` lines too. */
  readonly lines: readonly TrainingLine[];
  /** What the next part goes on from: the state as it comes back from where it was saved. */
  readonly saved: Saved;
  /** The whole state at its end, as plain data that is equal where the states are. */
  readonly state: unknown;
};

/** A trainer that can be interrupted. */
export type ResumableTrainer<Saved> = {
  /** Updates of a whole run, at least 2. */
  readonly steps: number;
  /**
   * Runs from the beginning (`null`) or from what another part saved, to the end (`null`) or until an interrupt after so many
   * updates in all, at which it saves.
   */
  readonly run: (from: Saved | null, stopAt: number | null) => Promise<RunPart<Saved>>;
};

/** How two runs are compared. */
export type ResumptionLawOptions = LawOptions & {
  /** Metrics that differ between any two runs; times, rates and memory by default. */
  readonly timed?: readonly string[];
};

type Subject<Saved> = { readonly trainer: ResumableTrainer<Saved>; readonly timed: readonly string[] };

const usuallyTimed = ['time_per_step', 'data_time', 'samples_per_second', 'peak_memory_bytes'];

const untimed = (lines: readonly TrainingLine[], timed: readonly string[]): readonly string[] =>
  lines.map((line) => fc.stringify(Object.entries(line).filter(([name]) => !timed.includes(name))));

/** The lines of an uninterrupted run with the line of a save at `step`, in its place. */
const savedAt = (lines: readonly TrainingLine[], step: number): readonly TrainingLine[] => {
  if (lines.some((line) => line['checkpoint_step'] === step)) return lines;
  const later = lines.findIndex((line) => line.step > step);
  const place = later < 0 ? lines.length : later;
  return [...lines.slice(0, place), { step, checkpoint_step: step }, ...lines.slice(place)];
};

const holdSameLines = (found: readonly string[], expected: readonly string[]): void => {
  const at = Array.from({ length: Math.max(found.length, expected.length) }).findIndex(
    (_, i) => found[i] !== expected[i],
  );
  hold(at < 0, `line ${at + 1} is ${found[at] ?? 'missing'}, expected ${expected[at] ?? 'none'}`);
};

const inParts = async <Saved>(
  { run }: ResumableTrainer<Saved>,
  stops: readonly number[],
): Promise<{ readonly lines: readonly TrainingLine[]; readonly state: unknown }> => {
  let from: Saved | null = null;
  const lines: TrainingLine[] = [];
  for (const stop of stops) {
    const part: RunPart<Saved> = await run(from, stop);
    lines.push(...part.lines);
    from = part.saved;
  }
  const { lines: rest, state } = await run(from, null);
  return { lines: [...lines, ...rest], state };
};

const uninterrupted = <Saved>(): AsyncStatement<Subject<Saved>> =>
  asyncStatement('interrupted and continued is uninterrupted: lines and state', ({ trainer, timed }) => {
    const stops = fc
      .uniqueArray(fc.integer({ min: 1, max: trainer.steps - 1 }), { minLength: 1, maxLength: 3 })
      .map((steps) => steps.toSorted((a, b) => a - b));
    return fc.asyncProperty(stops, async (at) => {
      const [parts, whole] = [await inParts(trainer, at), await trainer.run(null, null)];
      holdSameLines(untimed(parts.lines, timed), untimed(at.reduce(savedAt, whole.lines), timed));
      const [found, expected] = [fc.stringify(parts.state), fc.stringify(whole.state)];
      hold(found === expected, `the state at the end is ${found}, expected ${expected}`);
    });
  });

/**
 * What makes a trainer survive an interrupt: stopped after any updates and continued each time from what it saved, it writes the
 * lines of a run that was not, with one `checkpoint_step` line more for each stop, in its place; and it ends in the same state,
 * bit for bit.
 *
 * @example runLaws(resumptionLaws({ steps: 6, run }), it)
 */
export const resumptionLaws = <Saved>(
  trainer: ResumableTrainer<Saved>,
  { timed = usuallyTimed, ...options }: ResumptionLawOptions = {},
): readonly AsyncLaw[] => asyncLawsOf([uninterrupted<Saved>()], { trainer, timed }, options);
