import type { ActionTokenError } from './fast/error.js';
import { showActionTokenError } from './fast/error.js';

/**
 * Why a text, a state or actions could not become a token sequence, or tokens could not become actions.
 *
 * `NotTokenisable` the tokenizer has no tokens for the text; `EmptyTask` nothing is left of the task after cleaning; `BadState` a
 * state component is not finite; `TooLong` the sequence does not fit; `TokenOutOfRange` an id outside the vocabulary; `NoActionMarker`
 * decoded text without `Action: `; `BadActions` the action tokenizer refused; `BadVocabulary` a vocabulary that cannot be used; `VocabularyMismatch` one of another
 * size than the model's; `TooManyTruncated` more sequences cut than allowed; `MissingLibrary` an optional package that is not installed;
 * and the errors of the action tokenizers.
 */
export type TokenizerError =
  | { readonly _tag: 'NotTokenisable'; readonly text: string; readonly reason: string }
  | { readonly _tag: 'EmptyTask'; readonly text: string }
  | { readonly _tag: 'BadState'; readonly index: number; readonly value: number }
  | {
      readonly _tag: 'TooLong';
      readonly task: string;
      readonly maxTokenLen: number;
      readonly length: number;
      readonly prefixLength: number;
      readonly postfixLength: number;
    }
  | { readonly _tag: 'TokenOutOfRange'; readonly token: number; readonly vocabSize: number }
  | { readonly _tag: 'NoActionMarker'; readonly text: string }
  | { readonly _tag: 'BadActions'; readonly reason: string }
  | { readonly _tag: 'BadVocabulary'; readonly reason: string }
  | {
      readonly _tag: 'VocabularyMismatch';
      readonly tokenizer: number;
      readonly model: number;
      readonly actionTokens: number;
    }
  | {
      readonly _tag: 'TooManyTruncated';
      readonly truncated: number;
      readonly sequences: number;
      readonly tokensCut: number;
      readonly task: string;
      readonly maxShare: number;
    }
  | { readonly _tag: 'MissingLibrary'; readonly library: string; readonly reason: string }
  | ActionTokenError;

// Action tokens are characters of a private plane, and generated text has no bounds.
const readable = (text: string): string => {
  const shown = text.replaceAll(/[\u{f0000}-\u{fffff}]+/gu, (run) => `<${[...run].length} action tokens>`);
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
};

/** One line in words for a `TokenizerError`: the text or number, what was expected, what to do. */
export const showTokenizerError = (error: TokenizerError): string => {
  switch (error._tag) {
    case 'NotTokenisable':
      return `text ${JSON.stringify(error.text)} cannot be tokenised: ${error.reason}`;
    case 'EmptyTask':
      return `task text ${JSON.stringify(error.text)} is empty after cleaning: give the episode an instruction`;
    case 'BadState':
      return `state[${error.index}] is ${error.value}: expected a finite number; check the normalization`;
    case 'TooLong':
      return `task ${JSON.stringify(error.task)} takes ${error.length} tokens (prefix ${error.prefixLength}, postfix ${error.postfixLength}) and maxTokenLen is ${error.maxTokenLen}: raise it to ${error.length}`;
    case 'TokenOutOfRange':
      return `token ${error.token} is not in a vocabulary of ${error.vocabSize}: expected an integer from 0 to ${error.vocabSize - 1}`;
    case 'NoActionMarker':
      return `decoded text ${JSON.stringify(readable(error.text))} has no 'Action: ': the tokens hold no actions`;
    case 'BadActions':
      return `actions cannot be tokenised: ${error.reason}`;
    case 'BadVocabulary':
      return `vocabulary cannot be used: ${error.reason}`;
    case 'VocabularyMismatch':
      return `the tokenizer has ${error.tokenizer} ids, of which ${error.actionTokens} are for actions, and the model ${error.model}: use the vocabulary that the checkpoint was trained with`;
    case 'TooManyTruncated':
      return `${error.truncated} of ${error.sequences} sequences were cut (${error.tokensCut} tokens in all; the first was of task ${JSON.stringify(error.task)}), more than the allowed share ${error.maxShare}: raise maxTokenLen`;
    case 'MissingLibrary':
      return `the package ${error.library} cannot be loaded (${error.reason}): install it with npm install ${error.library}`;
    default:
      return showActionTokenError(error);
  }
};
