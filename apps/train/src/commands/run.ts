import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { Failure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import { runBackends } from './backends.js';
import { runConfig } from './config.js';
import { runConvert } from './convert.js';
import type { CommandEnv } from './environment.js';
import { runEval } from './eval.js';
import { runFitFast } from './fit-fast.js';
import { runInspect } from './inspect.js';
import { runNormStats } from './norm-stats.js';
import { runPlan } from './plan.js';
import { runSetup, runSetupXla } from './setup.js';
import { runTrain } from './train.js';

/** Carries out a command; the event is its result. */
export const runCommand = (command: Command, env: CommandEnv): TE.TaskEither<Failure, Event> => {
  switch (command._tag) {
    case 'Config':
      return runConfig(command);
    case 'NormStats':
      return runNormStats(command);
    case 'FitFast':
      return runFitFast(command);
    case 'Inspect':
      return runInspect(command);
    case 'Convert':
      return runConvert(command, env);
    case 'Plan':
      return runPlan(command);
    case 'Backends':
      return runBackends(command, env);
    case 'SetupXla':
      return runSetupXla(command, env);
    case 'SetupTfjsNative':
      return runSetup(command, env);
    case 'Train':
      return runTrain(command, env);
    case 'Eval':
      return runEval(command, env);
  }
};
