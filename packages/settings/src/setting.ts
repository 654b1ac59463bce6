import * as E from 'fp-ts/lib/Either.js';
import type { SettingsError } from './error.js';
import { isValues, type Layer, nested, type Values } from './layer.js';

/** The value of a flag or setting: JSON where it parses, else the bare string. */
export const parseValue = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const bad = (flag: string, text: string, reason: string): E.Either<SettingsError, Layer> =>
  E.left({ _tag: 'BadSetting', flag, text, reason });

const values = (path: readonly string[], value: unknown): Values => {
  const built = nested(path, value);
  return isValues(built) ? built : {};
};

/**
 * One `path=value`: a dotted key path, and a JSON value or a bare string.
 *
 * @param flag - what it was given by, as it is written.
 *
 * @errors `BadSetting` without `=`, or with an empty path segment. Whether the path exists is decided when the layers are decoded.
 */
export const parseSetting =
  (flag: string) =>
  (text: string): E.Either<SettingsError, Layer> => {
    const equals = text.indexOf('=');
    if (equals < 0) return bad(flag, text, 'has no =');
    const path = text.slice(0, equals).split('.');
    if (path.includes('')) return bad(flag, text, 'has an empty key');
    return E.right({
      origin: { _tag: 'Setting', flag, text },
      values: values(path, parseValue(text.slice(equals + 1))),
    });
  };

/** A flag that stands for one value, as a layer. */
export const flagLayer = (flag: string, path: readonly string[], value: unknown): Layer => ({
  origin: { _tag: 'Flag', flag },
  values: values(path, value),
});
