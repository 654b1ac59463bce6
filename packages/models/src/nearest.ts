import { distance } from 'fastest-levenshtein';

/** The candidate with the fewest edits from `name`, without regard to case; the first of equals. */
export const nearestName = (name: string, candidates: readonly string[]): string | undefined => {
  const cost = (candidate: string): number => distance(name.toLowerCase(), candidate.toLowerCase());
  return candidates.map((candidate) => ({ candidate, cost: cost(candidate) })).toSorted((a, b) => a.cost - b.cost)[0]
    ?.candidate;
};
