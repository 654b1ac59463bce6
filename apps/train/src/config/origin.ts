/** Where a configuration value came from; layers are applied in this order, later ones win. */
export type Origin =
  | { readonly _tag: 'Default' }
  | { readonly _tag: 'Sample' }
  | { readonly _tag: 'Preset'; readonly name: string }
  | { readonly _tag: 'File'; readonly path: string }
  | { readonly _tag: 'Setting'; readonly text: string }
  | { readonly _tag: 'Flag'; readonly flag: string };

/** The origin as a reader of an error message knows it. */
export const showOrigin = (origin: Origin): string => {
  switch (origin._tag) {
    case 'Default':
      return 'the defaults';
    case 'Sample':
      return 'the settings of the embedded sample';
    case 'Preset':
      return `preset ${origin.name}`;
    case 'File':
      return origin.path;
    case 'Setting':
      return `--set ${origin.text}`;
    case 'Flag':
      return origin.flag;
  }
};
