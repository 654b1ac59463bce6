import { distance } from 'fastest-levenshtein';

/** The key with the fewest edits from `name`, if fewer than half of its characters differ. */
export const nearestKey = (name: string, keys: readonly string[]): string | undefined => {
  let best: string | undefined;
  let fewest = name.length / 2;
  for (const key of keys) {
    const edits = distance(name, key);
    if (edits < fewest) [best, fewest] = [key, edits];
  }
  return best;
};
