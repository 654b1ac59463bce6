// As in `ActionChunk`, whose own file needs these errors.

/**
 * Why actions could not become action tokens, action tokens no actions, or a FAST tokenizer could not be fitted or read.
 *
 * `BadAction` a value that is not finite; `BadActionShape` a chunk of another shape; `CoefficientOutOfRange` a coefficient that the
 * alphabet lacks; `ActionOutOfRange` a value outside a quantiser's range; `BadActionTokens` tokens that do not give `ah × ad` values;
 * `BrokenCoefficient` tokens that end inside a character; `BadFit` chunks that nothing can be fitted on; `BadProcessor` a file that is
 * not one of this tokenizer.
 */
export type ActionTokenError =
  | { readonly _tag: 'BadAction'; readonly step: number; readonly dimension: number; readonly value: number }
  | {
      readonly _tag: 'BadActionShape';
      readonly shape: readonly [actionHorizon: number, actionDim: number];
      readonly values: number;
      readonly expected: string;
    }
  | {
      readonly _tag: 'CoefficientOutOfRange';
      readonly frequency: number;
      readonly dimension: number;
      readonly coefficient: number;
      readonly lowest: number;
      readonly highest: number;
    }
  | {
      readonly _tag: 'ActionOutOfRange';
      readonly step: number;
      readonly dimension: number;
      readonly value: number;
      readonly bound: number;
    }
  | {
      readonly _tag: 'BadActionTokens';
      readonly tokens: number;
      readonly values: number;
      readonly shape: readonly [actionHorizon: number, actionDim: number];
    }
  | { readonly _tag: 'BrokenCoefficient'; readonly tokens: number }
  | { readonly _tag: 'BadFit'; readonly reason: string }
  | { readonly _tag: 'BadProcessor'; readonly file: string; readonly path: string; readonly expected: string };

/** One line in words for an `ActionTokenError`. */
export const showActionTokenError = (error: ActionTokenError): string => {
  switch (error._tag) {
    case 'BadAction':
      return `action[${error.step}, ${error.dimension}] is ${error.value}: expected a finite number; check the normalization`;
    case 'BadActionShape':
      return `a chunk of ${error.shape.join('×')} with ${error.values} values: expected ${error.expected}; fit the action tokenizer on chunks of this shape`;
    case 'CoefficientOutOfRange':
      return `coefficient ${error.coefficient} at frequency ${error.frequency} of dimension ${error.dimension} is not in the fitted alphabet (${error.lowest} to ${error.highest}): fit on data that holds such motions, or choose onOutOfRange 'clamp', which counts`;
    case 'ActionOutOfRange':
      return `action[${error.step}, ${error.dimension}] is ${error.value}: expected a value in [-${error.bound}, ${error.bound}]; check the normalization, or choose onOutOfRange 'clamp', which counts`;
    case 'BadActionTokens':
      return `${error.tokens} action tokens give ${error.values} values: expected ${error.shape.join(' × ')} = ${error.shape[0] * error.shape[1]}`;
    case 'BrokenCoefficient':
      return `${error.tokens} action tokens give bytes that are no whole coefficients: the sequence was not made by this tokenizer`;
    case 'BadFit':
      return `the action tokenizer cannot be fitted: ${error.reason}`;
    case 'BadProcessor':
      return `${error.file}${error.path === '' ? '' : `: ${error.path}`}: expected ${error.expected}`;
  }
};
