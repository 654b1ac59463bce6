import * as E from 'fp-ts/lib/Either.js';
import { mapActionTokens } from './action-tokens.js';
import type { TokenizerError } from './error.js';
import type { TextTokenizer } from './interfaces.js';

/**
 * The text tokenizer, where it fits a model of `modelVocabSize` ids, and has an id for each of `actionTokens` action tokens.
 *
 * @errors `VocabularyMismatch` where the sizes differ; `TokenOutOfRange` for the action tokens that find no id.
 */
export const checkVocabulary = (
  text: TextTokenizer,
  modelVocabSize: number,
  actionTokens = 0,
): E.Either<TokenizerError, TextTokenizer> => {
  if (text.vocabSize !== modelVocabSize) {
    return E.left({ _tag: 'VocabularyMismatch', tokenizer: text.vocabSize, model: modelVocabSize, actionTokens });
  }
  const last = actionTokens === 0 ? [] : [actionTokens - 1];
  return E.map(() => text)(mapActionTokens(text.vocabSize)(last));
};
