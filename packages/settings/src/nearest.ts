import { nearestKey } from '@torsor/tree';

const lastSegment = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** The candidate that was probably meant by `name`, by the last segment of a dotted path; `null` when there is none. */
export const nearest = (name: string, candidates: readonly string[]): string | null =>
  nearestKey(name, candidates, lastSegment) ?? null;
