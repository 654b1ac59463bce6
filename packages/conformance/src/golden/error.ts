import { type SafetensorsError, showSafetensorsError } from '@torsor/checkpoint';

/**
 * Why a golden file could not be used: `Unreadable` it cannot be opened or parsed, `Malformed` its tensors cannot be decoded.
 */
export type GoldenError =
  | { readonly _tag: 'Unreadable'; readonly path: string; readonly reason: string }
  | { readonly _tag: 'Malformed'; readonly path: string; readonly error: SafetensorsError };

/** One line for a `GoldenError`, with the file and what to do. */
export const showGoldenError = (error: GoldenError): string => {
  switch (error._tag) {
    case 'Unreadable':
      return `golden file ${error.path}: ${error.reason}; set TORSOR_GOLDEN to a directory with the layout of fixtures/golden`;
    case 'Malformed':
      return `golden file ${error.path}: ${showSafetensorsError(error.error)}`;
  }
};
