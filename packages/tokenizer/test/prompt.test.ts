import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { pi0Prompt, pi05Prompt, showTokenizerError } from '../src/index.js';
import { characters } from './stub.js';

const options = { maxTokenLen: 60 };
const word = fc.stringMatching(/^[a-zA-Z]{1,8}$/);

const decoded = (tokens: Int32Array): unknown => characters.decode([...tokens]);

describe('pi0Prompt', () => {
  it('holds the cleaned task and a line end, and the mask is true exactly there', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.constantFrom('_', '\n', ' '), (words, gap) => {
        const result = pi0Prompt(characters, options)(` ${words.join(gap)}\n `);
        if (E.isLeft(result)) throw new Error(showTokenizerError(result.left));
        const { tokens, tokenMask, truncated } = result.right;
        expect(decoded(tokens)).toEqual(E.right(`${words.join(' ')}\n`));
        expect([...tokenMask]).toEqual([...tokens].map((t) => (t === 0 ? 0 : 1)));
        expect([tokens.length, tokens[0], truncated]).toEqual([60, 2, 0]);
      }),
    );
  });

  it('refuses what does not fit, with the counts', () => {
    expect(pi0Prompt(characters, { maxTokenLen: 5 })('lift')).toEqual(
      E.left({ _tag: 'TooLong', task: 'lift', maxTokenLen: 5, length: 6, prefixLength: 6, postfixLength: 0 }),
    );
  });

  it('truncates only on request, and counts', () => {
    const result = pi0Prompt(characters, { maxTokenLen: 3, onTooLong: 'truncate' })('lift');
    expect(result).toMatchObject(E.right({ tokens: Int32Array.of(2, 111, 108), truncated: 3 }));
  });

  it.each(['', '  ', '\n\t'])('refuses an empty task %j, unless it is allowed', (task) => {
    expect(pi0Prompt(characters, options)(task)).toEqual(E.left({ _tag: 'EmptyTask', text: task }));
    expect(E.isRight(pi0Prompt(characters, { ...options, allowEmpty: true })(task))).toBe(true);
  });

  // Python 3.11: '\x1f\x85a\ufeff'.strip() == 'a\ufeff'
  it('strips as Python does', () => {
    const result = pi0Prompt(characters, options)('\u001f\u0085a\ufeff');
    expect(E.isRight(result) && decoded(result.right.tokens)).toEqual(E.right('a\ufeff\n'));
  });
});

describe('pi05Prompt', () => {
  it('writes the state in bins', () => {
    const result = pi05Prompt(characters, options)({ task: 'Lift_it', state: [-1, 0, 0.999, 2, -2] });
    expect(E.isRight(result) && decoded(result.right.tokens)).toEqual(
      E.right('Task: Lift it, State: 0 128 255 255 -1;\nAction: '),
    );
  });

  it('refuses a state that is no number', () => {
    expect(pi05Prompt(characters, options)({ task: 'a', state: [0, Number.NaN] })).toEqual(
      E.left({ _tag: 'BadState', index: 1, value: Number.NaN }),
    );
  });
});
