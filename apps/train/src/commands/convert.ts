import { type ConversionReport, releasedHeads } from '@torsor/checkpoint';
import { showBytes } from '@torsor/planning';
import { convertPolicy, type PolicyConversion } from '@torsor/policy';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import { type Failure, trainingFailure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import { checkpointPath } from './checkpoint-path.js';
import type { CommandEnv } from './environment.js';

type ConvertCommand = Extract<Command, { readonly _tag: 'Convert' }>;

const optionsOf = (command: ConvertCommand, input: string): PolicyConversion => ({
  input,
  output: command.output,
  from: command.from ?? undefined,
  to: command.to,
  dtype: command.dtype ?? undefined,
  maxShardBytes: command.maxShard ?? undefined,
  allowNonFinite: command.allowNonFinite,
  heads: {
    headDim: command.headDim ?? releasedHeads.headDim,
    imageHeads: command.imageHeads ?? releasedHeads.imageHeads,
  },
  live: command.live,
  assetId: command.assetId ?? undefined,
});

const total = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + n, 0);

const shown = (report: ConversionReport, output: string): string => {
  const rounded = Object.values(report.rounded);
  const bytes = total(Object.values(report.files).map(({ bytes }) => bytes));
  return [
    `${report.family}: ${report.tensors} tensors, ${report.parameters} parameters, ${report.from} to ${report.to}, dtype ${report.dtype}`,
    ...(total(rounded) === 0 ? [] : [`rounded: ${total(rounded)} numbers of ${rounded.length} tensors`]),
    ...report.nonFinite.map(({ name, count: n }) => `not finite: ${n} numbers of ${name}`),
    ...(report.averaged === 0
      ? []
      : [`averaged: ${report.averaged} parameters, as evaluated; --live for those as trained`]),
    ...(report.merged.length === 0 ? [] : [`merged: low-rank factors of ${report.merged.length} weights`]),
    ...report.unread.map(({ name, why }) => `unread: ${name} (${why})`),
    ...report.renamed.map(({ why, count: n }) => `renamed: ${n} tensors, for ${why}`),
    ...report.ignored.map(({ name, why }) => `ignored: ${name} (${why})`),
    ...report.notes.map((note) => `note: ${note}`),
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
    TE.flatMap((input) =>
      pipe(
        convertPolicy(optionsOf(command, input), ({ tensor, bytesWritten, bytesTotal }) => {
          if (bytesWritten < (told + tellEvery) * bytesTotal) return;
          told = bytesWritten / bytesTotal;
          report({ _tag: 'Log', message: `${(100 * told).toFixed(0)} % (${tensor})` });
        }),
        TE.mapLeft(trainingFailure),
      ),
    ),
    TE.map((done): Event => ({ _tag: 'Result', text: shown(done, command.output), data: done })),
  );
};
