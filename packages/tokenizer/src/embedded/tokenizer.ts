import type { Either } from 'fp-ts/lib/Either.js';
import type { TokenizerError } from '../error.js';
import type { TextTokenizer } from '../interfaces.js';
import { ofTokenizerJson } from '../text/tokenizer-json.js';
import vocabulary from './vocabulary.json' with { type: 'json' };

/**
 * The small byte-pair tokenizer that comes with this package: 512 ids, trained on robot instructions, complete over bytes, so that
 * every well-formed text has tokens. Ids 0 padding, 1 end, 2 beginning, 3 unused, as Gemma's.
 *
 * @errors `BadVocabulary` when the embedded file is damaged; its `encode` gives `NotTokenisable` for half of a surrogate pair.
 * @law `decode(encode(text)) = text` for every well-formed text; a mark spelled out in a text is text.
 */
export const embeddedTokenizer = (): Either<TokenizerError, TextTokenizer> => ofTokenizerJson(vocabulary);
