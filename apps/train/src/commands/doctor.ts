import { sampleDatasetPath } from '@torsor/data';
import { examine, isSafe, showFindings } from '@torsor/doctor';
import { openDecoders, showVideoError } from '@torsor/video';
import { flow, pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { Failure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import { loadConfig } from './configuration.js';
import type { CommandEnv } from './environment.js';

type DoctorCommand = Extract<Command, { readonly _tag: 'Doctor' }>;

/** `torsor doctor`: what is wrong with a dataset, and with a run of it where one is named. */
export const runDoctor = ({ config }: DoctorCommand, env: CommandEnv): TE.TaskEither<Failure, Event> =>
  pipe(
    loadConfig(config),
    TE.flatMapTask((run) => {
      const settings = config.base === null ? null : run;
      const { describe } = openDecoders();
      const describeVideo = flow(describe, TE.mapLeft(showVideoError));
      const options = { read: run.data, settings, memory: env.totalMemory(), describeVideo };
      return examine(run.data.dir ?? sampleDatasetPath(), options);
    }),
    TE.flatMap((found) => {
      const result: Event = { _tag: 'Result', text: showFindings(found.findings, found), data: found };
      if (isSafe(found.findings)) return TE.right(result);
      env.report(result);
      return TE.left<Failure>({ exit: 'data', messages: ['the dataset is not safe to train on'] });
    }),
  );
