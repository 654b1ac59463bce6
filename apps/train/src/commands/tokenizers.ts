import { readFile } from 'node:fs/promises';
import { embeddedTokenizer, sentencePieceTokenizer, type TextTokenizer, tokenizerJson } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, runFailure, tokenizerFailure } from '../failure.js';
import { readFastFiles } from '../run/fast-files.js';
import { reading } from '../run/files.js';
import { runPaths } from '../run/layout.js';
import { type ActionCodec, codecOf, type FitData, fitCodec } from '../train/action-codec.js';

/**
 * The text tokenizer of a configuration.
 *
 * @errors a file that cannot be read or is no tokenizer.
 */
export const textTokenizer = ({ data }: Pick<TrainConfig, 'data'>): TE.TaskEither<Failure, TextTokenizer> => {
  const path = data.tokenizer;
  if (path === null) return TE.fromEither(E.mapLeft(tokenizerFailure)(embeddedTokenizer()));
  return pipe(
    reading(path, () => readFile(path)),
    TE.mapLeft(runFailure),
    TE.flatMap((bytes) =>
      pipe(
        path.endsWith('.json')
          ? TE.fromEither(tokenizerJson(new TextDecoder().decode(bytes)))
          : sentencePieceTokenizer(bytes),
        TE.mapLeft(tokenizerFailure),
      ),
    ),
  );
};

/** A tokenizer of action chunks from the files of a folder. */
const readCodec = (
  folder: string,
  model: Extract<TrainConfig['model'], { readonly kind: 'pi0-fast' }>,
): TE.TaskEither<Failure, ActionCodec> =>
  pipe(
    readFastFiles(folder),
    TE.mapLeft(runFailure),
    TE.flatMapEither((files) => E.mapLeft(tokenizerFailure)(codecOf(files, model))),
  );

/**
 * The tokenizer of action chunks of a run: the one that it began with, the one of the configuration, or one that is fitted on
 * the training chunks; `null` for a policy that writes no tokens.
 *
 * @errors files that cannot be read or are no such tokenizer; what the data or the fit refuses.
 */
export const actionCodec = (
  { model, data, out }: TrainConfig,
  fit: FitData,
  resumes: boolean,
): TE.TaskEither<Failure, ActionCodec | null> => {
  if (model.kind !== 'pi0-fast') return TE.right(null);
  if (resumes) return readCodec(runPaths(out).fast, model);
  return model.fast.path === null ? TE.fromEither(fitCodec({ model, data }, fit)) : readCodec(model.fast.path, model);
};
