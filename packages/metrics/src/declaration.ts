import type * as O from 'fp-ts/lib/Option.js';
import type { Reducer } from './reducer.js';

/** What one training step measured, by name. What is left out was not measured. */
export type Measured = { readonly [input: string]: number };

/** When a metric is written: every log interval, every evaluation, or when a checkpoint is durable. */
export type MetricMoment = 'log' | 'eval' | 'save';

/** What a metric makes of the steps since the last line. */
export type Reading = {
  /** The inputs, by their names in `Measured`. A step that measured only some of them has no part in the metric. */
  readonly reads: readonly string[];
  readonly reducer: Reducer<Measured, unknown, O.Option<number>>;
};

/** The reading of several inputs together. */
export const readingOf = <Input extends string, State>(
  reads: readonly Input[],
  reducer: Reducer<{ readonly [I in Input]: number }, State, O.Option<number>>,
): Reading =>
  // A step reaches the reducer only where it measured every input, and a state is made and read by its own reducer alone.
  ({ reads, reducer: reducer as unknown as Reading['reducer'] });

/** The reading of one input. */
export const reading = <State>(input: string, reducer: Reducer<number, State, O.Option<number>>): Reading =>
  readingOf([input], {
    ...reducer,
    step: (state, measured: Measured) => reducer.step(state, measured[input] ?? Number.NaN),
  });

/** A chart of a report. Metrics with charts of the same title are drawn in one. */
export type Chart = {
  readonly title: string;
  /** What the vertical axis says. */
  readonly axis: string;
};

/** How a report draws a metric over the steps of a run. */
export type Curve = {
  readonly chart: Chart;
  /** What the legend says. */
  readonly label: string;
};

/** A metric as it is declared. */
export type MetricDeclaration<Name extends string = string> = {
  /**
   * Its name in every line, file and sink. A name that ends with a word in angle brackets, as `eval/action_mae/<joint>`,
   * stands for as many names as there are texts to put there.
   */
  readonly name: Name;
  /** `1` for a plain number, `dataset` for the unit of the dataset's actions. */
  readonly unit: string;
  readonly when: MetricMoment;
  /** One line for people: what is measured, and whether the value is a mean, a sum or the last one. */
  readonly meaning: string;
  /** The kinds of the model families that have it; every family when left out or `null`. */
  readonly families?: readonly string[] | null;
  /** What it makes of the steps; left out or `null` where a value comes at once, from an evaluation or a save. */
  readonly from?: Reading | null;
  /** Left out, the report draws it in a chart of its own; `null`, in none. */
  readonly curve?: Curve | null;
};

/** A metric: one record from which the interval, the lines, the tables and the curves are made. */
export type Metric<Name extends string = string> = Required<MetricDeclaration<Name>>;

/**
 * Declares a metric.
 *
 * @example
 * metric({ name: 'grad_noise', unit: '1', when: 'log', meaning: 'mean over the interval', from: reading('noise', mean) })
 */
export const metric = <const Name extends string>(declared: MetricDeclaration<Name>): Metric<Name> => {
  const { name, unit } = declared;
  const curve = { chart: { title: name, axis: unit === '1' ? name : unit }, label: name };
  return { families: null, from: null, curve, ...declared };
};

const placeholder = /<[^<>]+>$/u;

/** The metric that a name in a line belongs to, `undefined` for none. */
export const metricNamed = (metrics: readonly Metric[], name: string): Metric | undefined =>
  metrics.find((declared) => {
    const prefix = declared.name.replace(placeholder, '');
    return prefix === declared.name ? name === prefix : name.startsWith(prefix) && name.length > prefix.length;
  });
