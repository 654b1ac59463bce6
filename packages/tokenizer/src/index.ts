export { mapActionTokens } from './action-tokens.js';
export { withActionTokens } from './action-vocabulary.js';
export { binningTokenizer } from './binning/tokenizer.js';
export { embeddedTokenizer } from './embedded/tokenizer.js';
export type { TokenizerError } from './error.js';
export { showTokenizerError } from './error.js';
export type { BytePairs } from './fast/byte-pairs.js';
export type { Split } from './fast/bytes.js';
export type { ActionTokenError } from './fast/error.js';
export type { FastFiles, SavedFastFiles } from './fast/files.js';
export { readFast, saveFast } from './fast/files.js';
export type { FitOptions } from './fast/fit.js';
export { fitFast } from './fast/fit.js';
export type { FastProcessor } from './fast/processor.js';
export type { RangeOptions } from './fast/tokenizer.js';
export { fastTokenizer } from './fast/tokenizer.js';
export type { ExtractOptions, FastExample } from './fast-sequence.js';
export { extractActions, fastSequence } from './fast-sequence.js';
export type { FsqCodebook } from './fsq/codebook.js';
export { fsqBins, fsqCodebook } from './fsq/codebook.js';
export type { FsqNetwork } from './fsq/tokenizer.js';
export { fsqTokenizer } from './fsq/tokenizer.js';
export type {
  ActionChunk,
  ActionTokenizer,
  CountedTokens,
  CountingActionTokenizer,
  Marks,
  TextTokenizer,
} from './interfaces.js';
export { pi0Prompt, pi05Prompt } from './prompt.js';
export { type RoundTrip, roundTrip } from './round-trip.js';
export type { FastSequence, SequenceOptions, TokenSequence } from './sequence.js';
export { stateBins } from './state-bins.js';
export type { TaskOptions } from './task-text.js';
export { sentencePieceTokenizer } from './text/sentence-piece.js';
export type { MarkNames } from './text/tokenizer-json.js';
export { tokenizerJson } from './text/tokenizer-json.js';
export type { Truncation } from './truncation.js';
export { checkTruncation, countTruncation, noTruncation } from './truncation.js';
export { checkVocabulary } from './vocabulary.js';
