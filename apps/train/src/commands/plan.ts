import { type DoesNotFit, type Plan, showPlan } from '@torsor/planning';
import { plannedVocabulary, readTextTokenizer } from '@torsor/policy';
import { fittingUpdate, type PlanError, type PlanPlace, plannedUpdate } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, planFailure, trainingFailure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import { loadConfig } from './configuration.js';

type PlanCommand = Extract<Command, { readonly _tag: 'Plan' }>;

const planIn = (
  config: TrainConfig,
  place: PlanPlace,
  memory: number | null,
): E.Either<PlanError | DoesNotFit, Plan> =>
  memory === null ? plannedUpdate(config, place) : fittingUpdate(config, { ...place, memory, devices: null });

/** `torsor plan`: what an update needs of each device, and whether it fits; nothing is allocated. */
export const runPlan = ({ config: given, memory, compute }: PlanCommand): TE.TaskEither<Failure, Event> =>
  pipe(
    TE.Do,
    TE.bind('config', () => loadConfig(given)),
    TE.bind('text', ({ config }) => pipe(readTextTokenizer(config.data.tokenizer), TE.mapLeft(trainingFailure))),
    TE.let('vocabulary', ({ config, text }) => plannedVocabulary(config, text)),
    TE.flatMapEither(({ config, vocabulary }) =>
      E.mapLeft(planFailure)(planIn(config, { vocabulary, compute }, memory)),
    ),
    TE.map((plan): Event => ({ _tag: 'Result', text: showPlan(plan, memory), data: { ...plan, memory } })),
  );
