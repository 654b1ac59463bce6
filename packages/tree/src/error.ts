/** Why trees could not be built or combined. Paths join keys with `/`. */
export type TreeError =
  | { readonly _tag: 'StructureMismatch'; readonly path: string; readonly left: string; readonly right: string }
  | { readonly _tag: 'DuplicatePath'; readonly path: string }
  | { readonly _tag: 'LeafIsNode'; readonly path: string };

const at = (path: string): string => (path === '' ? 'the root' : `'${path}'`);

/** A sentence that names the path, what was found and what was expected. */
export const showTreeError = (error: TreeError): string => {
  switch (error._tag) {
    case 'StructureMismatch':
      return `trees differ at ${at(error.path)}: the left has ${error.left}, the right has ${error.right}; both must have the same keys`;
    case 'DuplicatePath':
      return `the path ${at(error.path)} occurs twice; every leaf needs a path of its own`;
    case 'LeafIsNode':
      return `${at(error.path)} is both a leaf and the parent of other leaves; rename one of them`;
  }
};
