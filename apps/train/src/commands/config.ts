import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import { fileJsonSchema } from '../config/json-schema.js';
import { presets } from '../config/presets.js';
import type { Failure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import { loadConfig } from './configuration.js';

type ConfigCommand = Extract<Command, { readonly _tag: 'Config' }>;

/** `torsor config`: the resolved configuration and the JSON schema of a configuration file, or one of the two. */
export const runConfig = ({ config, only }: ConfigCommand): TE.TaskEither<Failure, Event> =>
  pipe(
    loadConfig(config),
    TE.map((resolved): Event => {
      const schema = fileJsonSchema(presets.map((preset) => preset.name));
      const parts: Readonly<Record<string, unknown>> = { config: resolved, schema };
      const data = only === null ? parts : parts[only];
      return { _tag: 'Result', text: JSON.stringify(data, null, 2), data };
    }),
  );
