import { type ActionCodec, type ActionTokenSettings, actionTokensOf } from '@torsor/policy';
import { type RoundTrip, roundTrip } from '@torsor/tokenizer';
import { fitCodec, type TrainingData, trainingChunks } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, runFailure, trainingFailure } from '../failure.js';
import { writeFastFiles } from '../run/fast-files.js';
import type { Event } from '../terminal/event.js';
import { loadConfig } from './configuration.js';
import { loadData } from './dataset.js';
import type { CommandEnv } from './environment.js';

type FitFastCommand = Extract<Command, { readonly _tag: 'FitFast' }>;

const tokensOf = ({ model }: TrainConfig): E.Either<Failure, ActionTokenSettings> =>
  E.fromNullable(noTokens({ model }))(actionTokensOf(model));

const noTokens = ({ model }: Pick<TrainConfig, 'model'>): Failure => ({
  exit: 'usage',
  messages: [
    `model.kind is ${model.kind}, which has no action tokens: name a preset of pi0-fast, such as pi0-fast-tiny`,
  ],
});

const shown = (name: string, fit: RoundTrip): readonly string[] => [
  `${name}: ${fit.chunks} chunks, ${fit.tokensPerChunk.toFixed(1)} tokens each (longest ${fit.longest}), ${fit.compression.toFixed(1)} numbers for a token; there and back: RMSE ${fit.rmse.toFixed(4)}, at most ${fit.worst.toFixed(4)} in normalized units`,
  ...(fit.refused === 0
    ? []
    : [
        `${name}: ${fit.refused} chunks have no tokens (${fit.example}); model.fast.onOutOfRange=clamp takes the nearest`,
      ]),
];

const judged = (
  config: TrainConfig,
  data: TrainingData,
  codec: ActionCodec,
): E.Either<Failure, { readonly train: RoundTrip; readonly heldOut: RoundTrip }> =>
  pipe(
    E.Do,
    E.bind('train', () => trainingChunks(config, data.train, data.stats)),
    E.bind('heldOut', () => (data.heldOut === null ? E.right([]) : trainingChunks(config, data.heldOut, data.stats))),
    E.bimap(trainingFailure, ({ train, heldOut }) => ({
      train: roundTrip(codec.tokenizer, train),
      heldOut: roundTrip(codec.tokenizer, heldOut),
    })),
  );

/** `torsor fit-fast`: a FAST tokenizer fitted on the training chunks, and how well it does on those and on held-out ones. */
export const runFitFast = (
  { config: given, output }: FitFastCommand,
  { typed }: CommandEnv,
): TE.TaskEither<Failure, Event> =>
  pipe(
    TE.Do,
    TE.bind('config', () => loadConfig(given)),
    TE.bind('tokens', ({ config }) => TE.fromEither(tokensOf(config))),
    TE.bind('data', ({ config }) => loadData(config, null, false)),
    TE.bind('codec', ({ config, tokens, data }) =>
      TE.fromEither(E.mapLeft(trainingFailure)(fitCodec(config, tokens, data))),
    ),
    TE.bind('fits', ({ config, data, codec }) => TE.fromEither(judged(config, data, codec))),
    TE.tap(({ codec }) => pipe(writeFastFiles(output, codec.files), TE.mapLeft(runFailure))),
    TE.map(({ config, codec, fits, data }): Event => {
      const text = [
        `FAST with ${codec.tokenizer.vocabSize} tokens`,
        ...shown('training', fits.train),
        ...(data.heldOut === null ? [] : shown('held out', fits.heldOut)),
        '',
        `written to ${output}: train with: ${typed('train', config.name, '--set', `model.fast.path=${output}`)}`,
      ];
      return { _tag: 'Result', text: text.join('\n'), data: { output, vocabSize: codec.tokenizer.vocabSize, ...fits } };
    }),
  );
