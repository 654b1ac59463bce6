/**
 * Why the file system refused: `code` is its own word (`ENOSPC`, `EACCES`, …). `AlreadyExists` something stands where a new directory
 * was to be made.
 */
export type FileError =
  | { readonly _tag: 'CannotWrite'; readonly path: string; readonly code: string; readonly reason: string }
  | { readonly _tag: 'CannotRead'; readonly path: string; readonly code: string; readonly reason: string }
  | { readonly _tag: 'AlreadyExists'; readonly path: string };

const writeHints: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the quota is used up: free some space',
  EACCES: 'choose a directory that this user may write to',
  EPERM: 'choose a directory that this user may write to',
  EROFS: 'the disk is read-only: choose another directory',
  ENOTDIR: 'a file stands where a directory is needed: choose another directory',
};

/** One line in words for a `FileError`: the path, what was expected, what to do. */
export const showFileError = (error: FileError): string => {
  switch (error._tag) {
    case 'CannotWrite':
      return `cannot write ${error.path} (${error.reason}): ${writeHints[error.code] ?? 'what was there before is untouched'}`;
    case 'CannotRead':
      return `cannot read ${error.path} (${error.reason})`;
    case 'AlreadyExists':
      return `${error.path} exists and is never overwritten: remove it or choose another name`;
  }
};
