import { type DataError, showDataError } from '../error.js';

/** Everything that a transform can refuse; each names the transform and the entry. */
export type TransformError =
  | {
      readonly _tag: 'MissingKey';
      readonly transform: string;
      readonly key: string;
      readonly present: readonly string[];
      readonly nearest: string | undefined;
    }
  | {
      readonly _tag: 'WrongCamera';
      readonly transform: string;
      readonly camera: string;
      readonly known: readonly string[];
      readonly nearest: string | undefined;
    }
  | {
      readonly _tag: 'WrongValue';
      readonly transform: string;
      readonly key: string;
      readonly expected: string;
      readonly found: string;
    }
  | {
      readonly _tag: 'ImageOutOfRange';
      readonly transform: string;
      readonly key: string;
      /** The sample of the batch; `null` in a batch of one. */
      readonly sample: number | null;
      readonly position: number;
      readonly value: number;
    }
  | { readonly _tag: 'NoPrompt'; readonly transform: string; readonly present: readonly string[] }
  | { readonly _tag: 'UnknownTaskIndex'; readonly taskIndex: number; readonly known: readonly number[] }
  | { readonly _tag: 'NoTokenizer'; readonly transform: string; readonly tokenizer: string }
  | { readonly _tag: 'TokenizerRefused'; readonly transform: string; readonly reason: string }
  | { readonly _tag: 'Refused'; readonly transform: string; readonly key: string; readonly error: DataError };

const place = (sample: number | null): string => (sample === null ? '' : ` of sample ${sample}`);

const guess = (nearest: string | undefined): string => (nearest === undefined ? '.' : `; did you mean ${nearest}?`);

/** A sentence that names what was refused, where, what was expected and what to do. */
export const showTransformError = (error: TransformError): string => {
  switch (error._tag) {
    case 'MissingKey':
      return `${error.transform}: no ${error.key}${guess(error.nearest)} The sample has: ${error.present.join(', ')}.`;
    case 'WrongCamera':
      return `${error.transform}: camera ${error.camera} is not one of ${error.known.join(', ')}${guess(error.nearest)}`;
    case 'WrongValue':
      return `${error.transform}: ${error.key} should be ${error.expected}, but it is ${error.found}.`;
    case 'ImageOutOfRange':
      return (
        `${error.transform}: ${error.key} holds ${error.value} at element ${error.position}${place(error.sample)}; ` +
        'a picture of real numbers lies in [0, 1]. Divide by 255, or give bytes.'
      );
    case 'NoPrompt':
      return `${error.transform}: no prompt. Give one with each sample, or a default prompt. The sample has: ${error.present.join(', ')}.`;
    case 'UnknownTaskIndex':
      return `task_index ${error.taskIndex} has no text; the dataset's tasks are ${error.known.join(', ')}.`;
    case 'NoTokenizer':
      return `${error.transform} needs the ${error.tokenizer} tokenizer; give it to applyTransforms.`;
    case 'TokenizerRefused':
      return `${error.transform}: ${error.reason}`;
    case 'Refused':
      return `${error.transform}, ${error.key}: ${showDataError(error.error)}`;
  }
};
