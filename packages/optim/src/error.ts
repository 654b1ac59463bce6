/**
 * Why an optimizer could not be made: `OutOfRange` a hyper-parameter; `UnusedField` a field that the optimizer would not
 * use; `NoMatch` a filter that selects no parameter.
 */
export type OptimError =
  | {
      readonly _tag: 'OutOfRange';
      readonly optimizer: string;
      readonly field: string;
      readonly value: number;
      readonly expected: string;
    }
  | { readonly _tag: 'UnusedField'; readonly optimizer: string; readonly field: string; readonly remedy: string }
  | { readonly _tag: 'NoMatch'; readonly filter: string; readonly paths: readonly string[] };

const shown = 5;

const listed = (paths: readonly string[]): string => {
  const rest = paths.length - shown;
  return `${paths.slice(0, shown).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
};

/** A sentence that names the field or filter, what was expected and what to do. */
export const showOptimError = (error: OptimError): string => {
  switch (error._tag) {
    case 'OutOfRange':
      return `${error.optimizer}: ${error.field} is ${error.value}; give ${error.expected}`;
    case 'UnusedField':
      return `${error.optimizer} does not use ${error.field}: ${error.remedy}`;
    case 'NoMatch':
      return `the filter ${error.filter} matches none of the parameters ${listed(error.paths)}; correct it or leave it out`;
  }
};
