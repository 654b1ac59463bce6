const SHOWN = 8;

/** A list for a message: the first eight, and how many more. */
export const some = <A>(items: readonly A[], show: (item: A) => string): string => {
  const rest = items.length > SHOWN ? ` and ${items.length - SHOWN} more` : '';
  return items.slice(0, SHOWN).map(show).join(', ') + rest;
};
