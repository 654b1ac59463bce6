/** One comparison made in one run on one machine: our time, size or rate beside a named alternative's. */
export type Measurement = {
  readonly ours: number;
  readonly reference: number;
  /** Of both numbers, for example `ms` or `rows/s`. */
  readonly unit: string;
  /** Smallest and largest ratio of single rounds, where there were several. */
  readonly spread?: readonly [number, number];
  /** Anything a reader needs to judge the numbers: sizes, versions, repetitions. */
  readonly detail?: string;
};

/** Why a comparison could not be made on this machine. */
export type Skipped = {
  readonly skipped: string;
};

/** What a ratio must keep: `ours / reference`, or how many times faster ours is, `reference / ours`. */
type Bound = { readonly atMost: number } | { readonly atLeast: number } | { readonly timesFaster: number };

/** A named comparison with the bound its ratio must keep. */
export type Bench = {
  readonly name: string;
  /** What the alternative is. */
  readonly reference: string;
  readonly bound: Bound;
  readonly run: () => Promise<Measurement | Skipped>;
};

/** A finished comparison. */
export type Result = Measurement & {
  readonly name: string;
  readonly against: string;
  readonly ratio: number;
  readonly bound: string;
  readonly holds: boolean;
};

/** The ratio that a bound speaks of. */
export const ratioOf = (bound: Bound, ours: number, reference: number): number =>
  'timesFaster' in bound ? reference / ours : ours / reference;

const judge = (bound: Bound, ratio: number): readonly [string, boolean] => {
  if ('atMost' in bound) return [`≤ ${bound.atMost}`, ratio <= bound.atMost];
  const least = 'atLeast' in bound ? bound.atLeast : bound.timesFaster;
  return [`≥ ${least}`, ratio >= least];
};

/** Runs one comparison and judges its ratio. */
export const measure = async (bench: Bench): Promise<Result | (Skipped & { readonly name: string })> => {
  const measurement = await bench.run();
  if ('skipped' in measurement) return { name: bench.name, ...measurement };
  const ratio = ratioOf(bench.bound, measurement.ours, measurement.reference);
  const [text, holds] = judge(bench.bound, ratio);
  return { ...measurement, name: bench.name, against: bench.reference, ratio, bound: text, holds };
};
