/**
 * Why metrics were refused: `NotJson`, `NotAnObject` a line; `NoStep` its `step` is not a count; `UnknownMetric` a name that is
 * not declared; `BadValue` a value that is neither a number nor "NaN", "Infinity" or "-Infinity"; `DuplicateMetric` a
 * declaration of a name that is taken; `BadState` an interval of a checkpoint that the declared metrics cannot continue.
 */
export type MetricsError =
  | { readonly _tag: 'NotJson'; readonly line: string }
  | { readonly _tag: 'NotAnObject'; readonly line: string }
  | { readonly _tag: 'NoStep'; readonly line: string }
  | { readonly _tag: 'UnknownMetric'; readonly name: string }
  | { readonly _tag: 'BadValue'; readonly name: string; readonly value: string }
  | { readonly _tag: 'DuplicateMetric'; readonly name: string }
  | { readonly _tag: 'BadState'; readonly at: string; readonly reason: string };

/** One line for a `MetricsError`: what was found and what was expected. */
export const showMetricsError = (error: MetricsError): string => {
  switch (error._tag) {
    case 'NotJson':
      return `metrics line is not JSON (cut short?): ${error.line.slice(0, 80)}`;
    case 'NotAnObject':
      return `metrics line is not a JSON object: ${error.line.slice(0, 80)}`;
    case 'NoStep':
      return `metrics line has no "step" that is an integer of at least 0: ${error.line.slice(0, 80)}`;
    case 'UnknownMetric':
      return `metrics line names '${error.name}', which no metric declares: declare it`;
    case 'BadValue':
      return `metric '${error.name}' is ${error.value}; expected a number, "NaN", "Infinity" or "-Infinity"`;
    case 'DuplicateMetric':
      return `a metric is named '${error.name}', and that name is taken: give it another`;
    case 'BadState':
      return `the saved interval cannot be continued: ${error.at}: ${error.reason}; declare the metrics that the run had`;
  }
};
