import * as E from 'fp-ts/lib/Either.js';
import type { TokenizerError } from './error.js';

// The last 128 ids of PaliGemma's vocabulary are its own; openpi leaves them free.
export const reservedTokens = 128;

/**
 * Ids of action tokens in the text vocabulary: counted down from its end, below 128 reserved ids. The map is its own inverse.
 *
 * @errors `TokenOutOfRange` where no id is left, which in openpi would wrap around in silence.
 * @law `mapActionTokens(v)(mapActionTokens(v)(x)) = x`.
 * @source openpi `models/tokenizer.py` `FASTTokenizer._act_tokens_to_paligemma_tokens` (15a9616)
 */
export const mapActionTokens =
  (vocabSize: number) =>
  (tokens: readonly number[]): E.Either<TokenizerError, readonly number[]> => {
    const last = vocabSize - 1 - reservedTokens;
    const token = tokens.find((t) => !Number.isSafeInteger(t) || t < 0 || t > last);
    return token === undefined
      ? E.right(tokens.map((t) => last - t))
      : E.left({ _tag: 'TokenOutOfRange', token, vocabSize: Math.max(0, last + 1) });
  };
