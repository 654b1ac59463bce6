import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import { decodeJson, type JsonMismatch, parseJson } from '../json.js';
import type { BytePairs } from './byte-pairs.js';
import type { ActionTokenError } from './error.js';
import type { FastProcessor } from './processor.js';
import { readBytePairs } from './read-byte-pairs.js';

/** The files of a FAST tokenizer's directory, by name, as text. */
export type FastFiles = {
  readonly 'processor_config.json': string;
  readonly 'tokenizer.json': string;
};

/** As `FastFiles`, with the file that names the tokenizer's class to `transformers`. */
export type SavedFastFiles = FastFiles & {
  readonly 'tokenizer_config.json': string;
};

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false } as const;

const tokenizerJson = ({ vocab, merges, split }: BytePairs): object => ({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { ...byteLevel, use_regex: split === 'words' },
  post_processor: { ...byteLevel, use_regex: true },
  decoder: { ...byteLevel, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries(vocab.map((text, id) => [text, id])),
    merges: merges.map(([left, right]) => `${vocab[left] ?? ''} ${vocab[right] ?? ''}`),
  },
});

const fileText = (json: object): string => `${JSON.stringify(json, null, 2)}\n`;

/**
 * The files of a FAST tokenizer, in the format of the published processor.
 *
 * Python's `AutoProcessor` also wants the published `processing_action_tokenizer.py` beside them; the `tokenizers` library reads
 * `tokenizer.json` alone.
 *
 * @law `readFast(saveFast(p)) = p`.
 * @source `physical-intelligence/fast`: `processor_config.json`, `tokenizer.json`, `tokenizer_config.json`
 */
export const saveFast = (processor: FastProcessor): SavedFastFiles => ({
  'processor_config.json': fileText({
    action_dim: processor.actionDim,
    auto_map: { AutoProcessor: 'processing_action_tokenizer.UniversalActionProcessor' },
    min_token: processor.minToken,
    processor_class: 'UniversalActionProcessor',
    scale: processor.scale,
    time_horizon: processor.timeHorizon,
    vocab_size: processor.vocabSize,
  }),
  'tokenizer.json': fileText(tokenizerJson(processor.bytePairs)),
  'tokenizer_config.json': fileText({
    added_tokens_decoder: {},
    clean_up_tokenization_spaces: false,
    processor_class: 'UniversalActionProcessor',
    tokenizer_class: 'PreTrainedTokenizerFast',
  }),
});

const integer = (least: number) =>
  z
    .int(`an integer from ${least}`)
    .min(least, `an integer from ${least}`)
    .max(2 ** 31 - 1, `an integer below ${2 ** 31}`);

const configSchema = z.object(
  {
    scale: z.number('a number above 0').positive('a number above 0'),
    vocab_size: integer(1),
    min_token: integer(-(2 ** 31)),
    time_horizon: integer(1).nullish(),
    action_dim: integer(1).nullish(),
  },
  'an object',
);

const inFile =
  (file: keyof FastFiles) =>
  (mismatch: JsonMismatch): ActionTokenError => ({ _tag: 'BadProcessor', file, ...mismatch });

const readFile = <A>(
  files: FastFiles,
  file: keyof FastFiles,
  read: (json: unknown) => E.Either<JsonMismatch, A>,
): E.Either<ActionTokenError, A> => pipe(parseJson(files[file]), E.flatMap(read), E.mapLeft(inFile(file)));

/**
 * A FAST tokenizer read from its files: one saved here, or the published one.
 *
 * @errors `BadProcessor` naming file, place and what was expected there.
 * @law never throws, whatever the texts.
 */
export const readFast = (files: FastFiles): E.Either<ActionTokenError, FastProcessor> =>
  pipe(
    E.Do,
    E.bind('config', () => readFile(files, 'processor_config.json', (json) => decodeJson(configSchema, json))),
    E.bind('bytePairs', () => readFile(files, 'tokenizer.json', readBytePairs)),
    E.filterOrElse(
      ({ config, bytePairs }) => bytePairs.vocab.length <= config.vocab_size,
      ({ bytePairs }) =>
        inFile('processor_config.json')({
          path: 'vocab_size',
          expected: `at least ${bytePairs.vocab.length}, the ids of tokenizer.json`,
        }),
    ),
    E.map(({ config, bytePairs }) => ({
      scale: config.scale,
      vocabSize: config.vocab_size,
      minToken: config.min_token,
      timeHorizon: config.time_horizon ?? null,
      actionDim: config.action_dim ?? null,
      bytePairs,
    })),
  );
