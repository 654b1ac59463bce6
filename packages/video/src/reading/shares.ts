/**
 * Splits a list into as many consecutive shares as are worth a thread each: of `least` or more, equal but for one.
 *
 * @law the shares, one after another, are the list.
 */
export const shares = <A>(items: readonly A[], threads: number, least: number): readonly (readonly A[])[] => {
  const count = Math.max(1, Math.min(threads, Math.floor(items.length / least)));
  const cut = (share: number): number => Math.floor((share * items.length) / count);
  return items.length === 0 ? [] : Array.from({ length: count }, (_, i) => items.slice(cut(i), cut(i + 1)));
};
