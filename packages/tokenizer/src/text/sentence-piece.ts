import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TokenizerError } from '../error.js';
import type { TextTokenizer } from '../interfaces.js';
import { withMarks } from './marks.js';
import { readModelProto } from './model-proto.js';

const libraryName = '@sctg/sentencepiece-js';

/** What is used of the library, which wraps the official implementation compiled to WebAssembly. */
type Processor = {
  readonly loadFromB64StringModel: (model: string) => Promise<void>;
  readonly encodeIds: (text: string) => readonly number[];
  readonly decodeIds: (ids: Int32Array) => unknown;
};

// A 4 MB package that only a user with a .model file needs.
const openLibrary: TE.TaskEither<TokenizerError, Processor> = TE.tryCatch(
  async () => {
    const { SentencePieceProcessor } = await import('@sctg/sentencepiece-js');
    return new SentencePieceProcessor();
  },
  (cause) => ({ _tag: 'MissingLibrary', library: libraryName, reason: String(cause) }),
);

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const base64 = (bytes: Uint8Array): string => {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] ?? 0, bytes[i + 1], bytes[i + 2]];
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    const digits = [18, 12, 6, 0].map((shift) => alphabet[(word >> shift) & 63] ?? '');
    parts.push(
      b === undefined
        ? `${digits[0]}${digits[1]}==`
        : c === undefined
          ? `${digits.slice(0, 3).join('')}=`
          : digits.join(''),
    );
  }
  return parts.join('');
};

const refusal = (reason: string): TokenizerError => ({
  _tag: 'BadVocabulary',
  reason: `SentencePiece refuses the model: ${reason}`,
});

// The library does not say that loading failed; it then has no ids for anything.
const load = (processor: Processor, model: Uint8Array): TE.TaskEither<TokenizerError, readonly number[]> =>
  pipe(
    TE.tryCatch(
      async () => {
        await processor.loadFromB64StringModel(base64(model));
        return processor.encodeIds('a');
      },
      (cause) => refusal(String(cause)),
    ),
    TE.filterOrElse(
      (ids) => ids.length > 0,
      () => refusal('it has no ids for the letter a'),
    ),
  );

/**
 * The text tokenizer of a SentencePiece `.model` file, PaliGemma's among them, by the official implementation.
 *
 * Given the bytes of the file. A mark spelled out in a text is text; user-defined pieces such as `<loc0001>` are single tokens.
 *
 * @errors `BadVocabulary` for bytes that are no model; `MissingLibrary` where `@sctg/sentencepiece-js` is not installed.
 * @source openpi `models/tokenizer.py`, which reads `paligemma_tokenizer.model` (15a9616)
 */
export const sentencePieceTokenizer = (model: Uint8Array): TE.TaskEither<TokenizerError, TextTokenizer> =>
  pipe(
    TE.Do,
    TE.bind('proto', () => TE.fromEither(readModelProto(model))),
    TE.bindW('processor', () => openLibrary),
    TE.tap(({ processor }) => load(processor, model)),
    TE.flatMapEither(({ proto, processor }) => {
      const { vocabSize, bos, eos, control, unknown, hasBytes } = proto;
      const plain = {
        encode: processor.encodeIds.bind(processor),
        decode: (ids: readonly number[]) => String(processor.decodeIds(Int32Array.from(ids))),
      };
      return E.right(
        withMarks(plain, vocabSize, { bos, eos, silent: control, unknown: hasBytes ? undefined : unknown }),
      );
    }),
  );
