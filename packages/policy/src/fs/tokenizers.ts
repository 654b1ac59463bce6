import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  embeddedTokenizer,
  type FastFiles,
  sentencePieceTokenizer,
  type TextTokenizer,
  tokenizerJson,
} from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Effect } from '../device/compile.js';
import { type PolicyError, tokenizerError } from '../error.js';
import type { ActionTokenSettings } from '../families/family.js';
import { type ActionCodec, codecOf } from '../inputs/action-codec.js';

const read = (path: string): Effect<Uint8Array> =>
  TE.tryCatch(
    () => readFile(path),
    (cause): PolicyError => ({
      _tag: 'NotReadable',
      path,
      reason: cause instanceof Error ? cause.message : String(cause),
    }),
  );

/**
 * A text tokenizer.
 *
 * @param path - a SentencePiece model, or a `tokenizer.json`; `null`: the embedded one.
 * @errors `NotReadable`; `Tokenizer` for a file that is none.
 */
export const readTextTokenizer = (path: string | null): Effect<TextTokenizer> => {
  if (path === null) return TE.fromEither(E.mapLeft(tokenizerError)(embeddedTokenizer()));
  return pipe(
    read(path),
    TE.flatMap((bytes) =>
      pipe(
        path.endsWith('.json')
          ? TE.fromEither(tokenizerJson(new TextDecoder().decode(bytes)))
          : sentencePieceTokenizer(bytes),
        TE.mapLeft(tokenizerError),
      ),
    ),
  );
};

const readText = (path: string): Effect<string> =>
  pipe(
    read(path),
    TE.map((bytes) => new TextDecoder().decode(bytes)),
  );

/**
 * The files of a folder of a FAST tokenizer.
 *
 * @errors `NotReadable`, which names the file.
 */
export const readFastFiles = (folder: string): Effect<FastFiles> =>
  pipe(
    TE.Do,
    TE.bind('processor_config.json', () => readText(join(folder, 'processor_config.json'))),
    TE.bind('tokenizer.json', () => readText(join(folder, 'tokenizer.json'))),
  );

/**
 * The tokenizer of action chunks of a folder.
 *
 * @errors `NotReadable`; `Tokenizer` for files that are none.
 */
export const readCodec = (folder: string, settings: ActionTokenSettings): Effect<ActionCodec> =>
  pipe(
    readFastFiles(folder),
    TE.flatMapEither((files) => E.mapLeft(tokenizerError)(codecOf(files, settings))),
  );
