import { type Origin, showOrigin } from './origin.js';

/** Why settings are refused; `path` is the dotted key path, `''` the whole document. */
export type SettingsError =
  | {
      readonly _tag: 'UnknownKey';
      readonly path: string;
      readonly nearest: string | null;
      readonly known: readonly string[];
      readonly origin: Origin;
    }
  | { readonly _tag: 'IgnoredKey'; readonly path: string; readonly reason: string; readonly origin: Origin }
  /** A value that these settings never read. */
  | {
      readonly _tag: 'Ignored';
      readonly path: string;
      readonly reason: string;
      readonly remedy: string;
      readonly origin: Origin;
    }
  | { readonly _tag: 'MissingKey'; readonly path: string; readonly expected: string }
  | {
      readonly _tag: 'WrongType';
      readonly path: string;
      readonly expected: string;
      readonly received: string;
      readonly origin: Origin;
    }
  | {
      readonly _tag: 'OutOfBounds';
      readonly path: string;
      readonly expected: string;
      readonly received: string;
      readonly origin: Origin;
    }
  | { readonly _tag: 'Inconsistent'; readonly path: string; readonly reason: string; readonly origin: Origin }
  | {
      readonly _tag: 'UnknownPreset';
      readonly name: string;
      readonly nearest: string | null;
      readonly known: readonly string[];
      readonly origin: Origin;
    }
  | { readonly _tag: 'BadSetting'; readonly flag: string; readonly text: string; readonly reason: string }
  | { readonly _tag: 'BadFile'; readonly path: string; readonly reason: string };

const alternative = (nearest: string | null, known: readonly string[]): string =>
  nearest === null ? `known here: ${known.join(', ')}` : `did you mean ${nearest}?`;

/** One line: the key path, what was expected, what came and from where, and what to do. */
export const showSettingsError = (error: SettingsError): string => {
  switch (error._tag) {
    case 'UnknownKey':
      return `${error.path}: unknown key (${showOrigin(error.origin)}); ${alternative(error.nearest, error.known)}`;
    case 'IgnoredKey':
      return `${error.path}: would be ignored (${showOrigin(error.origin)}); ${error.reason}`;
    case 'Ignored':
      return `${error.path} is ignored (${showOrigin(error.origin)}): ${error.reason}; remove it, or ${error.remedy}`;
    case 'MissingKey':
      return `${error.path}: missing; expected ${error.expected}`;
    case 'WrongType':
    case 'OutOfBounds':
      return `${error.path}: expected ${error.expected}, received ${error.received} (${showOrigin(error.origin)})`;
    case 'Inconsistent':
      return `${error.path}: ${error.reason} (${showOrigin(error.origin)})`;
    case 'UnknownPreset':
      return `unknown preset ${JSON.stringify(error.name)} (${showOrigin(error.origin)}); ${alternative(error.nearest, error.known)}`;
    case 'BadSetting':
      return `${error.flag} ${error.text}: ${error.reason}; write ${error.flag} path=value, for example ${error.flag} optimizer.b1=0.9`;
    case 'BadFile':
      return `${error.path}: ${error.reason}`;
  }
};
