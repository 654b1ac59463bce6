import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  checkTruncation,
  checkVocabulary,
  countTruncation,
  noTruncation,
  pi0Prompt,
  showTokenizerError,
  type TokenSequence,
} from '../src/index.js';
import { right } from './right.js';
import { characters } from './stub.js';

const cut = (truncated: number): TokenSequence => ({
  tokens: new Int32Array(),
  tokenMask: new Uint8Array(),
  truncated,
});

describe('truncation', () => {
  it('is counted whole, and refused exactly above the share', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (cuts, share) => {
        const counts = cuts.reduce((sum, n, i) => countTruncation(sum, `task ${i}`, cut(n)), noTruncation);
        const truncated = cuts.filter((n) => n > 0).length;
        expect(counts).toMatchObject({ sequences: cuts.length, truncated, tokensCut: cuts.reduce((a, b) => a + b, 0) });
        expect(E.isRight(checkTruncation(counts, share))).toBe(truncated <= share * cuts.length);
      }),
    );
  });

  it('names the first task that was cut', () => {
    const options = { maxTokenLen: 6, onTooLong: 'truncate' } as const;
    const counts = ['lift', 'lift it'].reduce(
      (sum, task) => countTruncation(sum, task, right(pi0Prompt(characters, options)(task))),
      noTruncation,
    );
    const refused = checkTruncation(counts, 0.25);
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toBe(
      '1 of 2 sequences were cut (3 tokens in all; the first was of task "lift it"), more than the allowed share 0.25: raise maxTokenLen',
    );
    expect(checkTruncation(noTruncation, 0)).toEqual(E.right(noTruncation));
  });
});

describe('checkVocabulary', () => {
  it('refuses a model of another size, and more action tokens than there are ids', () => {
    expect(checkVocabulary(characters, 1024, 896)).toEqual(E.right(characters));
    const refused = checkVocabulary(characters, 257_152, 8);
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toBe(
      'the tokenizer has 1024 ids, of which 8 are for actions, and the model 257152: use the vocabulary that the checkpoint was trained with',
    );
    expect(checkVocabulary(characters, 1024, 897)).toMatchObject(E.left({ _tag: 'TokenOutOfRange' }));
  });
});
