const shown = 8;

/** A list for a message: the first eight, and how many more. */
export const some = <A>(items: readonly A[], show: (item: A) => string): string => {
  const rest = items.length > shown ? ` and ${items.length - shown} more` : '';
  return items.slice(0, shown).map(show).join(', ') + rest;
};
