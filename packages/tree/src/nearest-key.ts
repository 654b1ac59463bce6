import { distance } from 'fastest-levenshtein';

const folded = (key: string): string => key.toLowerCase().replaceAll(/[_-]/g, '');

const allowance = (key: string): number => (key.length < 4 ? 1 : Math.max(2, Math.floor(key.length / 3)));

/**
 * The candidate that was probably meant: the one with the fewest edits from `key`, compared without case, `_` and `-` (so
 * `batch_size` finds `batchSize`); the first of equals, `undefined` when all differ in more than a third of the key.
 *
 * @param part - what of a key is compared, for example the last segment of a path; all of it unless given.
 * @law a candidate equal to the key is found, unless one before it differs in case, `_` and `-` alone.
 */
export const nearestKey = (
  key: string,
  candidates: readonly string[],
  part: (key: string) => string = (whole) => whole,
): string | undefined => {
  const wanted = folded(part(key));
  let nearest: string | undefined;
  let fewest = allowance(part(key)) + 1;
  for (const candidate of candidates) {
    const edits = distance(wanted, folded(part(candidate)));
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
};
