const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The key with the fewest edits from `name`, if fewer than half of its characters differ. */
export const nearestKey = (name: string, keys: readonly string[]): string | undefined => {
  let best: string | undefined;
  let fewest = name.length / 2;
  for (const key of keys) {
    const edits = editDistance(name, key);
    if (edits < fewest) [best, fewest] = [key, edits];
  }
  return best;
};
