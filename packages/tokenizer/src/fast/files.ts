import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { BytePairs } from './byte-pairs.js';
import type { ActionTokenError } from './error.js';
import type { JsonValue } from './json-value.js';
import { integer, integerOrNull, member, parseJson, unexpected } from './json-value.js';
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

const readScale = (json: JsonValue): E.Either<ActionTokenError, number> =>
  typeof json.value === 'number' && Number.isFinite(json.value) && json.value > 0
    ? E.right(json.value)
    : unexpected(json, 'a number above 0');

/**
 * A FAST tokenizer read from its files: one saved here, or the published one.
 *
 * @errors `BadProcessor` naming file, place and what was expected there.
 * @law never throws, whatever the texts.
 */
export const readFast = (files: FastFiles): E.Either<ActionTokenError, FastProcessor> =>
  pipe(
    E.Do,
    E.bind('config', () => parseJson('processor_config.json', files['processor_config.json'])),
    E.bind('tokenizer', () => parseJson('tokenizer.json', files['tokenizer.json'])),
    E.bind('scale', ({ config }) => readScale(member(config, 'scale'))),
    E.bind('vocabSize', ({ config }) => integer(member(config, 'vocab_size'), 1)),
    E.bind('minToken', ({ config }) => integer(member(config, 'min_token'), -(2 ** 31))),
    E.bind('timeHorizon', ({ config }) => integerOrNull(member(config, 'time_horizon'), 1)),
    E.bind('actionDim', ({ config }) => integerOrNull(member(config, 'action_dim'), 1)),
    E.bind('bytePairs', ({ tokenizer }) => readBytePairs(tokenizer)),
    E.filterOrElse(
      ({ bytePairs, vocabSize }) => bytePairs.vocab.length <= vocabSize,
      ({ bytePairs }): ActionTokenError => ({
        _tag: 'BadProcessor',
        file: 'processor_config.json',
        path: 'vocab_size',
        expected: `at least ${bytePairs.vocab.length}, the ids of tokenizer.json`,
      }),
    ),
    E.map(({ config: _config, tokenizer: _tokenizer, ...processor }) => processor),
  );
