import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { Failure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import { runBackends } from './backends.js';
import { runCompletion } from './completion.js';
import { runConfig } from './config.js';
import { runConvert } from './convert.js';
import { runDoctor } from './doctor.js';
import type { CommandEnv } from './environment.js';
import { runEval } from './eval.js';
import { runFitFast } from './fit-fast.js';
import { runInspect } from './inspect.js';
import { runNormStats } from './norm-stats.js';
import { runPlan } from './plan.js';
import { runSetup, runSetupXla } from './setup.js';
import { runTrain } from './train.js';

type Run<C> = (command: C, env: CommandEnv) => TE.TaskEither<Failure, Event>;

const runs: { readonly [T in Command['_tag']]: Run<Extract<Command, { readonly _tag: T }>> } = {
  Config: runConfig,
  Doctor: runDoctor,
  NormStats: runNormStats,
  FitFast: runFitFast,
  Inspect: runInspect,
  Convert: runConvert,
  Plan: runPlan,
  Backends: runBackends,
  SetupXla: runSetupXla,
  SetupTfjsNative: runSetup,
  Train: runTrain,
  Eval: runEval,
  Completion: runCompletion,
};

/** Carries out a command; the event is its result. */
export const runCommand: Run<Command> = (command, env) => {
  // What is found by a command's own tag takes that command.
  const run = runs[command._tag] as Run<Command>;
  return run(command, env);
};
