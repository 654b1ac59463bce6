/**
 * Why an evaluation was refused: `WrongLength` an array does not have the elements that its shape says; `NoSamples` a mean of
 * no samples; `DuplicateName` two dimensions share a name; `NoMatchingState` an action dimension has no state dimension of
 * its name; `NothingToScore` every recorded step is padding.
 */
export type EvaluationError =
  | { readonly _tag: 'WrongLength'; readonly what: string; readonly expected: number; readonly actual: number }
  | { readonly _tag: 'NoSamples' }
  | { readonly _tag: 'DuplicateName'; readonly name: string }
  | { readonly _tag: 'NoMatchingState'; readonly name: string; readonly stateNames: readonly string[] }
  | { readonly _tag: 'NothingToScore'; readonly what: string };

/** One line for an `EvaluationError`: what was found, what was expected, what to do. */
export const showEvaluationError = (error: EvaluationError): string => {
  switch (error._tag) {
    case 'WrongLength':
      return `${error.what} has ${error.actual} elements, expected ${error.expected} by its shape`;
    case 'NoSamples':
      return 'the mean of no samples was asked for: draw at least one';
    case 'DuplicateName':
      return `two action dimensions are named '${error.name}': their errors could not be told apart; rename one in the dataset`;
    case 'NoMatchingState':
      return `action dimension '${error.name}' has no state of that name (states: ${error.stateNames.join(', ')}): holding the last state is no baseline here`;
    case 'NothingToScore':
      return `${error.what}: every recorded step is padding; evaluate longer episodes or a shorter horizon`;
  }
};
