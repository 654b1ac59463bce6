/** Why a run folder cannot be used. */
export type RunError =
  | { readonly _tag: 'ExistingRun'; readonly dir: string }
  | { readonly _tag: 'NoRun'; readonly dir: string }
  | { readonly _tag: 'ForeignFolder'; readonly dir: string; readonly entries: readonly string[] }
  | { readonly _tag: 'NotWritable'; readonly path: string; readonly cause: string }
  | { readonly _tag: 'NotReadable'; readonly path: string; readonly cause: string }
  | { readonly _tag: 'BadMetrics'; readonly path: string; readonly line: number; readonly reason: string }
  | { readonly _tag: 'ConfigChanged'; readonly dir: string; readonly changes: readonly string[] };

const listed = (names: readonly string[]): string =>
  names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');

/** One line: the folder or file, what is wrong with it, and what to do. */
export const showRunError = (error: RunError): string => {
  switch (error._tag) {
    case 'ExistingRun':
      return `${error.dir} holds a run: continue it with --resume, replace it with --overwrite, or name another folder with --out`;
    case 'NoRun':
      return `${error.dir} holds no run to resume: leave out --resume, or name the run's folder with --out`;
    case 'ForeignFolder':
      return `${error.dir} is neither empty nor a run (it holds ${listed(error.entries)}): name another folder with --out`;
    case 'NotWritable':
      return `${error.path} cannot be written (${error.cause}): name another folder with --out`;
    case 'NotReadable':
      return `${error.path} cannot be read (${error.cause})`;
    case 'BadMetrics':
      return `${error.path}, line ${error.line}: ${error.reason}: repair or remove the file to resume`;
    case 'ConfigChanged':
      return `${error.dir} was trained with another configuration: ${error.changes.join('; ')}: give the same to resume, or name another folder with --out`;
  }
};
