import { type Plan, showPlan } from '@torsor/planning';
import { plannedVocabulary, readTextTokenizer } from '@torsor/policy';
import { fittingUpdate, type PlanPlace, plannedUpdate } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, planFailure, trainingFailure } from '../failure.js';
import { parseBytes } from '../plan/bytes.js';
import type { Event } from '../terminal/event.js';
import { loadConfig } from './configuration.js';

type PlanCommand = Extract<Command, { readonly _tag: 'Plan' }>;

/** The bytes that a command line says each device has. */
export const memoryOf = (memory: string): E.Either<Failure, number> =>
  E.mapLeft((reason: string): Failure => ({ exit: 'usage', messages: [`--memory ${reason}`] }))(parseBytes(memory));

const planIn = (
  config: TrainConfig,
  place: PlanPlace,
  memory: string | null,
): E.Either<Failure, { readonly plan: Plan; readonly memory: number | null }> => {
  if (memory === null) return E.bimap(planFailure, (plan: Plan) => ({ plan, memory }))(plannedUpdate(config, place));
  return pipe(
    memoryOf(memory),
    E.flatMap((bytes) =>
      pipe(
        fittingUpdate(config, { ...place, memory: bytes, devices: null }),
        E.bimap(planFailure, (plan) => ({ plan, memory: bytes })),
      ),
    ),
  );
};

/** `torsor plan`: what an update needs of each device, and whether it fits; nothing is allocated. */
export const runPlan = ({ config: given, memory, compute }: PlanCommand): TE.TaskEither<Failure, Event> =>
  pipe(
    TE.Do,
    TE.bind('config', () => loadConfig(given)),
    TE.bind('text', ({ config }) => pipe(readTextTokenizer(config.data.tokenizer), TE.mapLeft(trainingFailure))),
    TE.let('vocabulary', ({ config, text }) => plannedVocabulary(config, text)),
    TE.flatMapEither(({ config, vocabulary }) => planIn(config, { vocabulary, compute }, memory)),
    TE.map(
      ({ plan, memory: bytes }): Event => ({
        _tag: 'Result',
        text: showPlan(plan, bytes),
        data: { ...plan, memory: bytes },
      }),
    ),
  );
