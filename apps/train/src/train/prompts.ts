import { pi0Prompt, type TextTokenizer, type TokenizerError, type TokenSequence } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';

/** The prompts of a batch as tokens. */
export type PromptTokens = {
  /** `i32[b, l]` */
  readonly tokens: Int32Array;
  /** `bool[b, l]` */
  readonly tokenMask: Uint8Array;
};

/** The prompts of a batch → their tokens. */
export type PromptEncoder = (prompts: readonly string[]) => E.Either<TokenizerError, PromptTokens>;

/**
 * Encodes the prompts of batches, each text once: a dataset has few.
 *
 * @errors those of `pi0Prompt`: a prompt longer than `maxTokenLen` is refused, not cut.
 */
export const promptEncoder = (tokenizer: TextTokenizer, maxTokenLen: number): PromptEncoder => {
  const encode = pi0Prompt(tokenizer, { maxTokenLen });
  const known = new Map<string, TokenSequence>();
  const sequenceOf = (prompt: string): E.Either<TokenizerError, TokenSequence> => {
    const found = known.get(prompt);
    if (found !== undefined) return E.right(found);
    const encoded = encode(prompt);
    if (E.isRight(encoded)) known.set(prompt, encoded.right);
    return encoded;
  };
  return (prompts) => {
    const tokens = new Int32Array(prompts.length * maxTokenLen);
    const tokenMask = new Uint8Array(prompts.length * maxTokenLen);
    for (const [row, prompt] of prompts.entries()) {
      const sequence = sequenceOf(prompt);
      if (E.isLeft(sequence)) return sequence;
      tokens.set(sequence.right.tokens, row * maxTokenLen);
      tokenMask.set(sequence.right.tokenMask, row * maxTokenLen);
    }
    return E.right({ tokens, tokenMask });
  };
};
