import { Tokenizer } from '@huggingface/tokenizers';
import * as E from 'fp-ts/lib/Either.js';
import type { TokenizerError } from '../error.js';
import type { Marks, TextTokenizer } from '../interfaces.js';
import vocabulary from './vocabulary.json' with { type: 'json' };

// Gemma's ids of the same marks; the fourth is its unknown token, which bytes never need.
const EOS = 1;
const BOS = 2;
const FIRST_TEXT_ID = 4;

const load = (json: object): E.Either<TokenizerError, Tokenizer> =>
  E.tryCatch(
    () => new Tokenizer(json, {}),
    (cause): TokenizerError => ({ _tag: 'BadVocabulary', reason: String(cause) }),
  );

const encode =
  (model: Tokenizer) =>
  (text: string, { addBos, addEos }: Marks): E.Either<TokenizerError, readonly number[]> => {
    if (/\p{Surrogate}/u.test(text)) {
      return E.left({ _tag: 'NotTokenisable', text, reason: 'it has half of a surrogate pair and no UTF-8 form' });
    }
    const { ids } = model.encode(text, { add_special_tokens: false });
    return E.right([...(addBos ? [BOS] : []), ...ids, ...(addEos ? [EOS] : [])]);
  };

const decode =
  (model: Tokenizer, vocabSize: number) =>
  (tokens: readonly number[]): E.Either<TokenizerError, string> => {
    const token = tokens.find((t) => !Number.isSafeInteger(t) || t < 0 || t >= vocabSize);
    if (token !== undefined) return E.left({ _tag: 'TokenOutOfRange', token, vocabSize });
    const text = tokens.filter((t) => t >= FIRST_TEXT_ID);
    return E.right(text.length === 0 ? '' : model.decode(text, { clean_up_tokenization_spaces: false }));
  };

/**
 * The small byte-pair tokenizer that comes with this package: 512 ids, trained on robot instructions, complete over bytes, so that
 * every well-formed text has tokens. Ids 0 padding, 1 end, 2 beginning, 3 unused, as Gemma's.
 *
 * @errors `BadVocabulary` when the embedded file is damaged; its `encode` gives `NotTokenisable` for half of a surrogate pair.
 * @law `decode(encode(text)) = text` for every well-formed text; a mark spelled out in a text is text.
 */
export const embeddedTokenizer = (): E.Either<TokenizerError, TextTokenizer> => {
  const vocabSize = Object.keys(vocabulary.model.vocab).length;
  const model = load(vocabulary);
  return E.isLeft(model)
    ? model
    : E.right({ vocabSize, encode: encode(model.right), decode: decode(model.right, vocabSize) });
};
