import { distance } from 'fastest-levenshtein';

/** The candidate with the fewest edits from `name`, if fewer than half of its characters differ. */
export const nearestName = (name: string, candidates: readonly string[]): string | undefined => {
  let best: string | undefined;
  let bestDistance = name.length / 2;
  for (const candidate of candidates) {
    const edits = distance(name, candidate);
    if (edits < bestDistance) [best, bestDistance] = [candidate, edits];
  }
  return best;
};
