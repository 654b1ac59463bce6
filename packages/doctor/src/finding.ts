/** How much a finding weighs: an `error` makes a dataset unsafe to train on, a `warning` asks for a look, a `note` explains. */
export type Severity = 'note' | 'warning' | 'error';

/** Where something was found, as far as it has a place: the worst one where there are several. */
export type Place = {
  /** Relative to the dataset, or as it was named. */
  readonly file?: string;
  readonly feature?: string;
  /** Name of a dimension of a feature. */
  readonly dimension?: string;
  readonly episode?: number;
  readonly frame?: number;
};

/** One thing that was found out about a dataset; JSON as it is. */
export type Finding = {
  readonly _tag: string;
  readonly severity: Severity;
  readonly where: Place;
  /** What was measured, all finite; units stand in the names where they are not the dataset's own. */
  readonly numbers: { readonly [name: string]: number };
  /** Every episode that it is about, ascending; none where it is about all. */
  readonly episodes?: readonly number[];
  /** Every dimension that it is about. */
  readonly dimensions?: readonly string[];
  /** What is wrong, in sentences. */
  readonly message: string;
  /** A setting, a command or a file that mends it; `null` where nothing has to be done. */
  readonly remedy: string | null;
};

/** Whether nothing was found that makes training unsafe. */
export const isSafe = (findings: readonly Finding[]): boolean => findings.every(({ severity }) => severity !== 'error');

const ranks: { readonly [S in Severity]: number } = { error: 0, warning: 1, note: 2 };

/** Errors first, then warnings, then notes; in the order they were found otherwise. */
export const bySeverity = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((a, b) => ranks[a.severity] - ranks[b.severity]);
