import { backendNames } from '@torsor/backends';
import { knownPaths } from '@torsor/settings';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import { completionScript, completionWords } from '../cli/completion.js';
import { program } from '../cli/program.js';
import { runJsonSchema } from '../config/json-schema.js';
import { presets } from '../config/presets.js';
import type { Failure } from '../failure.js';
import type { Event } from '../terminal/event.js';

type CompletionCommand = Extract<Command, { readonly _tag: 'Completion' }>;

const ignored = (): void => undefined;

/** `torsor completion`: a script that completes commands, flags, presets and the paths of settings. */
export const runCompletion = ({ shell }: CompletionCommand): TE.TaskEither<Failure, Event> => {
  const words = completionWords(program('', ignored, ignored), {
    arguments: { config: presets.map(({ name }) => name) },
    flags: { '--set': knownPaths(runJsonSchema, {}).map((path) => `${path}=`), '--backend': backendNames },
  });
  return TE.right({
    _tag: 'Result',
    text: completionScript(shell, words),
    data: { shell, words: Object.fromEntries(words) },
  });
};
