const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The candidate with the fewest edits from `name`, without regard to case; the first of equals. */
export const nearestName = (name: string, candidates: readonly string[]): string | undefined => {
  const cost = (candidate: string): number => editDistance(name.toLowerCase(), candidate.toLowerCase());
  return candidates.map((candidate) => ({ candidate, cost: cost(candidate) })).toSorted((a, b) => a.cost - b.cost)[0]
    ?.candidate;
};
