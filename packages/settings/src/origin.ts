/** Where a value came from; layers are applied in this order, later ones win. */
export type Origin =
  | { readonly _tag: 'Default' }
  /** What a circumstance calls for, in words. */
  | { readonly _tag: 'Circumstance'; readonly what: string }
  | { readonly _tag: 'Preset'; readonly name: string }
  | { readonly _tag: 'File'; readonly path: string }
  /** One `path=value`, and the flag that it was given by. */
  | { readonly _tag: 'Setting'; readonly flag: string; readonly text: string }
  | { readonly _tag: 'Flag'; readonly flag: string };

/** The origin as a reader of an error message knows it. */
export const showOrigin = (origin: Origin): string => {
  switch (origin._tag) {
    case 'Default':
      return 'the defaults';
    case 'Circumstance':
      return origin.what;
    case 'Preset':
      return `preset ${origin.name}`;
    case 'File':
      return origin.path;
    case 'Setting':
      return `${origin.flag} ${origin.text}`;
    case 'Flag':
      return origin.flag;
  }
};
