import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { ActionChunk, FastSequence } from '../src/index.js';
import { extractActions, fastSequence, mapActionTokens, showTokenizerError } from '../src/index.js';
import { characters, hundredths } from './stub.js';

const maxLength = 120;
const make = fastSequence(characters, hundredths, { maxTokenLen: maxLength });

const unit = fc.integer({ min: -50, max: 50 }).map((n) => n / 50);
const chunk: fc.Arbitrary<ActionChunk> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([ah, ad]) =>
    fc
      .array(unit, { minLength: ah * ad, maxLength: ah * ad })
      .map((a) => ({ shape: [ah, ad] as const, data: Float64Array.from(a) })),
  );
const example = fc.record({
  task: fc.stringMatching(/^[a-z][a-z ]{0,20}$/),
  state: fc.array(unit, { maxLength: 5 }),
  actions: chunk,
});

const right = (result: E.Either<Parameters<typeof showTokenizerError>[0], FastSequence>): FastSequence => {
  if (E.isLeft(result)) throw new Error(showTokenizerError(result.left));
  return result.right;
};

describe('laws', () => {
  it('tokens, then padding; prefix 0 and postfix 1; the loss mask is the postfix and lies inside the token mask', () => {
    fc.assert(
      fc.property(example, (e) => {
        const { tokens, tokenMask, tokenArMask, tokenLossMask } = right(make(e));
        const prompt = right(make({ task: e.task, state: e.state }));
        const prefix = prompt.tokenMask.indexOf(0);
        const end = tokenMask.indexOf(0);
        for (let i = 0; i < maxLength; i += 1) {
          const [isToken, isPostfix] = [Number(i < end), Number(i >= prefix && i < end)];
          expect([tokenMask[i], tokenArMask[i], tokenLossMask[i]]).toEqual([isToken, isPostfix, isPostfix]);
        }
        expect(tokens.slice(end).every((t) => t === 0)).toBe(true);
        expect(tokens[end - 1]).toBe(1);
      }),
    );
  });

  it('the prefix does not depend on the actions, and alone it has no target', () => {
    fc.assert(
      fc.property(example, (e) => {
        const prompt = right(make({ task: e.task, state: e.state }));
        const prefix = prompt.tokenMask.indexOf(0);
        expect(right(make(e)).tokens.slice(0, prefix)).toEqual(prompt.tokens.slice(0, prefix));
        expect(prompt.tokenLossMask.some((m) => m === 1)).toBe(false);
      }),
    );
  });

  it('more room is more padding and nothing else', () => {
    const roomy = fastSequence(characters, hundredths, { maxTokenLen: maxLength + 30 });
    fc.assert(
      fc.property(example, (e) => {
        const [narrow, wide] = [right(make(e)), right(roomy(e))];
        for (const part of ['tokens', 'tokenMask', 'tokenArMask', 'tokenLossMask'] as const) {
          expect([...wide[part]]).toEqual([...narrow[part], ...Array.from({ length: 30 }, () => 0)]);
        }
      }),
    );
  });

  it('the postfix gives the actions back, by text and by ids', () => {
    fc.assert(
      fc.property(example, (e) => {
        const { tokens, tokenLossMask } = right(make(e));
        const postfix = [...tokens].filter((_, i) => tokenLossMask[i] === 1);
        const expected = { shape: e.actions.shape, data: e.actions.data.map((a) => Math.round((a + 1) * 50) / 50 - 1) };
        for (const by of ['text', 'ids'] as const) {
          const extracted = extractActions(characters, hundredths, e.actions.shape, { by })(postfix);
          expect(extracted).toEqual(E.right(expected));
        }
      }),
    );
  });

  it('mapping action tokens twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(895)), (tokens) => {
        const map = mapActionTokens(1024);
        expect(E.flatMap(map)(map(tokens))).toEqual(E.right(tokens));
      }),
    );
  });
});

describe('refusals', () => {
  it('an action token without an id', () => {
    expect(mapActionTokens(512)([0, 384])).toEqual(E.left({ _tag: 'TokenOutOfRange', token: 384, vocabSize: 384 }));
  });

  it('a sequence that does not fit, with its parts counted', () => {
    const short = fastSequence(characters, hundredths, { maxTokenLen: 10 });
    const actions = { shape: [1, 2] as const, data: Float64Array.of(0, 1) };
    expect(short({ task: 'a', state: [0], actions })).toMatchObject(
      E.left({ _tag: 'TooLong', length: 34, prefixLength: 22, postfixLength: 12, maxTokenLen: 10 }),
    );
  });

  it('an empty task and a state that is no number', () => {
    expect(make({ task: ' ', state: [] })).toMatchObject(E.left({ _tag: 'EmptyTask' }));
    expect(make({ task: 'a', state: [Number.POSITIVE_INFINITY] })).toMatchObject(
      E.left({ _tag: 'BadState', index: 0 }),
    );
  });

  it('generated text without actions', () => {
    expect(extractActions(characters, hundredths, [1, 1])([100])).toEqual(
      E.left({ _tag: 'NoActionMarker', text: 'a' }),
    );
  });
});
