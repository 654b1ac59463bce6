/**
 * Why a line of metrics was refused: `NotJson`; `NotAnObject`; `NoStep` its `step` is not a count; `UnknownMetric` a name
 * outside the table; `BadValue` a value that is neither a number nor "NaN", "Infinity" or "-Infinity".
 */
export type MetricsError =
  | { readonly _tag: 'NotJson'; readonly line: string }
  | { readonly _tag: 'NotAnObject'; readonly line: string }
  | { readonly _tag: 'NoStep'; readonly line: string }
  | { readonly _tag: 'UnknownMetric'; readonly name: string }
  | { readonly _tag: 'BadValue'; readonly name: string; readonly value: string };

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
      return `metrics line names '${error.name}', which no version of this program writes`;
    case 'BadValue':
      return `metric '${error.name}' is ${error.value}; expected a number, "NaN", "Infinity" or "-Infinity"`;
  }
};
