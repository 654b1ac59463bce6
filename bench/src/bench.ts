/** One comparison made in one run on one machine: our time, size or rate beside a named alternative's. */
interface Measurement {
  readonly ours: number;
  readonly reference: number;
  /** Of both numbers, for example `ms` or `rows/s`. */
  readonly unit: string;
  /** Anything a reader needs to judge the numbers: sizes, versions, repetitions. */
  readonly detail?: string;
}

/** Why a comparison could not be made on this machine. */
interface Skipped {
  readonly skipped: string;
}

/** A named comparison with the bound its ratio `ours / reference` must keep. */
export interface Bench {
  readonly name: string;
  /** What the alternative is. */
  readonly reference: string;
  readonly bound: { readonly atMost: number } | { readonly atLeast: number };
  readonly run: () => Promise<Measurement | Skipped>;
}

/** A finished comparison. */
export interface Result extends Measurement {
  readonly name: string;
  readonly against: string;
  readonly ratio: number;
  readonly bound: string;
  readonly holds: boolean;
}

/** Runs one comparison and judges its ratio. */
export const measure = async (bench: Bench): Promise<Result | (Skipped & { readonly name: string })> => {
  const measurement = await bench.run();
  if ('skipped' in measurement) return { name: bench.name, ...measurement };
  const ratio = measurement.ours / measurement.reference;
  const { bound } = bench;
  const [text, holds] =
    'atMost' in bound ? [`≤ ${bound.atMost}`, ratio <= bound.atMost] : [`≥ ${bound.atLeast}`, ratio >= bound.atLeast];
  return { ...measurement, name: bench.name, against: bench.reference, ratio, bound: text, holds };
};
