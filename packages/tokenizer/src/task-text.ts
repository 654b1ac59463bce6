import * as E from 'fp-ts/lib/Either.js';
import type { TokenizerError } from './error.js';

// Python's str.strip(), which unlike trim() takes the separators U+001C to U+001F and U+0085, and leaves U+FEFF.
const edge = '[\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const edges = new RegExp(`^${edge}|${edge}$`, 'g');

/** A text without the white space around it, by Python's notion of white space. */
export const strip = (text: string): string => text.replace(edges, '');

/** What may be left of a task's text. */
export type TaskOptions = {
  /** Whether a task that is empty after cleaning is taken, as openpi does; by default it is refused. */
  readonly allowEmpty?: boolean;
};

const checked = (task: string, cleaned: string, options: TaskOptions): E.Either<TokenizerError, string> =>
  cleaned === '' && options.allowEmpty !== true ? E.left({ _tag: 'EmptyTask', text: task }) : E.right(cleaned);

/** A task as π0 and π0.5 read it: case kept, underscores and line ends become spaces. */
export const pi0Task = (task: string, options: TaskOptions): E.Either<TokenizerError, string> =>
  checked(task, strip(task).replaceAll('_', ' ').replaceAll('\n', ' '), options);

/** A task as π0-FAST reads it: lower case, underscores become spaces, inner line ends stay. */
export const fastTask = (task: string, options: TaskOptions): E.Either<TokenizerError, string> =>
  checked(task, strip(task.toLowerCase()).replaceAll('_', ' '), options);
