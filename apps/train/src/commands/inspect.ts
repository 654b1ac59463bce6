import { type InspectedHashes, inspectCheckpoint, showInspection } from '@torsor/checkpoint';
import { familyNames } from '@torsor/policy';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import { checkpointFailure, type Failure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import { checkpointPath } from './checkpoint-path.js';

type InspectCommand = Extract<Command, { readonly _tag: 'Inspect' }>;

/** `torsor inspect`: what a checkpoint, or any safetensors file or folder, holds and where it comes from. */
export const runInspect = ({ checkpoint, hashes }: InspectCommand): TE.TaskEither<Failure, Event> =>
  pipe(
    checkpointPath(checkpoint),
    TE.flatMap((path) =>
      pipe(inspectCheckpoint(path, familyNames, hashes satisfies InspectedHashes), TE.mapLeft(checkpointFailure)),
    ),
    TE.map((inspection): Event => ({ _tag: 'Result', text: showInspection(inspection), data: inspection })),
  );
