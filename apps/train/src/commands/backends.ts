import { probeTfjs } from '@torsor/backend-tfjs';
import {
  type Attempt,
  automatic,
  type BackendName,
  explainChoice,
  hasNvidiaGpu,
  tryBackend,
  wantedOf,
} from '@torsor/backends';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { Failure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import type { CommandEnv } from './environment.js';

type BackendsCommand = Extract<Command, { readonly _tag: 'Backends' }>;

const reference: Attempt = { kind: 'reference', available: true, detail: 'float64 on the host, for tests' };

const tried = (asked: BackendName, all: readonly Attempt[]): readonly Attempt[] => {
  if (asked !== 'auto') return all.filter(({ kind }) => kind === asked);
  const until = automatic.findIndex((kind) => all.some((attempt) => attempt.kind === kind && attempt.available));
  const kinds = until < 0 ? automatic : automatic.slice(0, until + 1);
  return kinds.flatMap((kind) => all.filter((attempt) => attempt.kind === kind));
};

const line = ({ kind, available, detail }: Attempt): string =>
  `${available ? 'yes' : 'no '}  ${kind.padEnd(14)}${detail.replaceAll('\n', '\n     ')}`;

/** `torsor backends`: every backend, whether it can be used here, the choice, and why. */
export const runBackends = (
  { backend }: BackendsCommand,
  { env, project, typed }: CommandEnv,
): TE.TaskEither<Failure, Event> =>
  pipe(
    TE.fromTask<readonly Attempt[], Failure>(async () => {
      const xla = await tryBackend('xla', { env, project })();
      return [xla.attempt, ...(await probeTfjs({ env, project })), reference];
    }),
    TE.map((all): Event => {
      const wanted = wantedOf(backend ?? 'auto', { env });
      const choice = explainChoice(wanted, tried(wanted, all), { gpu: hasNvidiaGpu(), typed });
      return {
        _tag: 'Result',
        text: [...all.map(line), '', ...choice].join('\n'),
        data: { backends: all, choice },
      };
    }),
  );
