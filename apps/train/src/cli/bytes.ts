import * as E from 'fp-ts/lib/Either.js';

const units: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/**
 * Bytes from text: `80GB`, `79.6 GiB`, `16000000`.
 *
 * @errors a sentence that names the text.
 */
export const parseBytes = (text: string): E.Either<string, number> => {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/u.exec(text.trim()) ?? [];
  const size = units[unit.toUpperCase()];
  const bytes = size === undefined || digits === '' ? 0 : Number(digits) * size;
  return bytes > 0 ? E.right(bytes) : E.left(`'${text}' is not a size; write e.g. 80GB or 79.6GiB`);
};
