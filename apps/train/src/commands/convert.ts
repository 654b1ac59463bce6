import {
  type ConversionOptions,
  type ConversionReport,
  convertCheckpoint,
  type HeadSizes,
  releasedHeads,
} from '@torsor/checkpoint';
import { showBytes } from '@torsor/planning';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import { checkpointFailure, type Failure } from '../failure.js';
import { parseBytes } from '../plan/bytes.js';
import type { Event } from '../terminal/event.js';
import { checkpointPath } from './checkpoint-path.js';
import type { CommandEnv } from './environment.js';

type ConvertCommand = Extract<Command, { readonly _tag: 'Convert' }>;

const usage = (message: string): Failure => ({ exit: 'usage', messages: [message] });

const count = (flag: string, said: string | null, otherwise: number): E.Either<Failure, number> => {
  if (said === null) return E.right(otherwise);
  const n = Number(said);
  return Number.isSafeInteger(n) && n > 0 ? E.right(n) : E.left(usage(`${flag} ${said}: expected a positive integer`));
};

const headsOf = ({ headDim, imageHeads }: ConvertCommand): E.Either<Failure, HeadSizes> =>
  pipe(
    E.Do,
    E.bind('headDim', () => count('--head-dim', headDim, releasedHeads.headDim)),
    E.bind('imageHeads', () => count('--image-heads', imageHeads, releasedHeads.imageHeads)),
  );

const shardOf = ({ maxShard }: ConvertCommand): E.Either<Failure, number | undefined> =>
  maxShard === null
    ? E.right(undefined)
    : E.mapLeft((reason: string) => usage(`--max-shard ${reason}`))(parseBytes(maxShard));

/** Where the averaged parameters of our checkpoints are. */
const averaged = { file: 'train_state.safetensors', prefix: 'ema/' } as const;

const optionsOf = (command: ConvertCommand, input: string): E.Either<Failure, ConversionOptions> =>
  pipe(
    E.Do,
    E.bind('heads', () => headsOf(command)),
    E.bind('maxShardBytes', () => shardOf(command)),
    E.map(({ heads, maxShardBytes }) => ({
      input,
      output: command.output,
      from: command.from ?? undefined,
      to: command.to,
      dtype: command.dtype ?? undefined,
      maxShardBytes,
      allowNonFinite: command.allowNonFinite,
      heads,
      select: command.ema ? averaged : undefined,
    })),
  );

const total = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + n, 0);

const shown = (report: ConversionReport, output: string): string => {
  const rounded = Object.values(report.rounded);
  const bytes = total(Object.values(report.files).map(({ bytes }) => bytes));
  return [
    `${report.family}: ${report.tensors} tensors, ${report.parameters} parameters, ${report.from} to ${report.to}, dtype ${report.dtype}`,
    ...(total(rounded) === 0 ? [] : [`rounded: ${total(rounded)} numbers of ${rounded.length} tensors`]),
    ...report.nonFinite.map(({ name, count: n }) => `not finite: ${n} numbers of ${name}`),
    ...report.unread.map(({ name, why }) => `unread: ${name} (${why})`),
    `${Object.keys(report.files).length} files, ${showBytes(bytes)}, in ${output}; what was done is in conversion.json`,
  ].join('\n');
};

/** Told at most this often, in parts of the whole. */
const tellEvery = 0.1;

/** `torsor convert`: weights in the names of another library, or of ours. */
export const runConvert = (command: ConvertCommand, { report }: CommandEnv): TE.TaskEither<Failure, Event> => {
  let told = 0;
  return pipe(
    checkpointPath(command.input),
    TE.flatMapEither((input) => optionsOf(command, input)),
    TE.flatMap((options) =>
      pipe(
        convertCheckpoint(options, ({ tensor, bytesWritten, bytesTotal }) => {
          if (bytesWritten < (told + tellEvery) * bytesTotal) return;
          told = bytesWritten / bytesTotal;
          report({ _tag: 'Log', message: `${(100 * told).toFixed(0)} % (${tensor})` });
        }),
        TE.mapLeft(checkpointFailure),
      ),
    ),
    TE.map((done): Event => ({ _tag: 'Result', text: shown(done, command.output), data: done })),
  );
};
