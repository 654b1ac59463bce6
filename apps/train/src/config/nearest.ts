import { distance } from 'fastest-levenshtein';

const fold = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '');

const lastSegment = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

const allowance = (name: string): number => (name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3)));

const cost = (name: string, candidate: string): number => {
  const edits = distance(fold(name), fold(candidate));
  return edits <= allowance(name) ? edits : Number.POSITIVE_INFINITY;
};

/**
 * The candidate closest to `name` by edit distance, compared without case, `_` and `-` (so `batch_size` finds `batchSize`), by the
 * last segment of a dotted path; `null` when all differ in more than a third of the name.
 */
export const nearest = (name: string, candidates: readonly string[]): string | null => {
  const ranked = candidates
    .map((candidate) => ({ candidate, cost: cost(lastSegment(name), lastSegment(candidate)) }))
    .filter((found) => Number.isFinite(found.cost))
    .toSorted((a, b) => a.cost - b.cost);
  return ranked[0]?.candidate ?? null;
};
