import type { ActionChunk, ActionTokenizer, TextTokenizer } from '@torsor/tokenizer';
import { extractActions, fastSequence, pi0Prompt, pi05Prompt, stateBins } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { describeGolden } from './describeGolden.js';
import { number, numbers, object, objects, text } from './json.js';

// The two stubs that the golden file states in words under "stubs".

const VOCAB_SIZE = 512;

const characters = (alphabet: string): TextTokenizer => {
  const idOf = (atom: string): number => {
    const literal = /^<tok(\d+)>$/.exec(atom)?.[1];
    const place = alphabet.indexOf(atom);
    return literal === undefined ? (place < 0 ? 99 : 3 + place) : Number(literal);
  };
  const atomOf = (id: number): string => (id < 3 ? '' : id <= 98 ? (alphabet[id - 3] ?? '') : `<tok${id}>`);
  return {
    vocabSize: VOCAB_SIZE,
    encode: (s, { addBos, addEos }) => {
      const ids = (s.match(/<tok\d+>|./gsu) ?? []).map(idOf);
      return E.right([...(addBos ? [2] : []), ...ids, ...(addEos ? [1] : [])]);
    },
    decode: (ids) => E.right(ids.map(atomOf).join('')),
  };
};

const halfToEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

const hundredths: ActionTokenizer = {
  encode: ({ data }) => E.right(Array.from(data, (a) => Math.min(100, Math.max(0, halfToEven(((a + 1) / 2) * 100))))),
  decode: (tokens, shape) =>
    tokens.length === shape[0] * shape[1]
      ? E.right({ shape, data: Float64Array.from(tokens, (t) => t / 50 - 1) })
      : E.left({ _tag: 'BadActions', reason: `${tokens.length} tokens do not fill ${shape.join('×')}` }),
};

const mask = (value: unknown): readonly number[] => (Array.isArray(value) ? value.map(Number) : []);

const chunk = (value: unknown): { readonly actions?: ActionChunk } => {
  if (!Array.isArray(value)) return {};
  const data = Float64Array.from(numbers(value));
  return { actions: { shape: [value.length, data.length / value.length], data } };
};

describeGolden('tokenizer', ['tokenizer/fast_tokenizer.json'], (golden) => {
  const file = object(golden.json('tokenizer/fast_tokenizer.json'));
  const tokenizer = characters(text(object(file['stubs'])['alphabet']));
  const fast = objects(file['fast_cases']);
  const paligemma = objects(file['paligemma_cases']);

  it.each(fast)('π0-FAST $tag, $max_len tokens', (c) => {
    const maxTokenLen = number(c['max_len']);
    const fits = number(c['natural_len']) <= maxTokenLen;
    const example = { task: text(c['prompt']), state: numbers(c['state']), ...chunk(c['actions']) };
    const options = { maxTokenLen, allowEmpty: true };
    // openpi truncates: ours does so only when asked, with the same tokens left.
    expect(E.isRight(fastSequence(tokenizer, hundredths, options)(example))).toBe(fits);
    const made = fastSequence(tokenizer, hundredths, { ...options, onTooLong: 'truncate' })(example);
    expect(made).toEqual(
      E.right({
        tokens: Int32Array.from(numbers(c['tokens'])),
        tokenMask: Uint8Array.from(mask(c['token_mask'])),
        tokenArMask: Int32Array.from(numbers(c['ar_mask'])),
        tokenLossMask: Uint8Array.from(mask(c['loss_mask'])),
        truncated: Math.max(0, number(c['natural_len']) - maxTokenLen),
      }),
    );
  });

  it.each(fast.filter((c) => c['extract'] !== undefined))('π0-FAST $tag, $max_len tokens, back to actions', (c) => {
    const { tokens, action_horizon, action_dim, actions, error } = object(c['extract']);
    const shape = [number(action_horizon), number(action_dim)] as const;
    const extracted = extractActions(tokenizer, hundredths, shape)(numbers(tokens));
    if (error === undefined) expect(extracted).toEqual(E.right({ shape, data: Float64Array.from(numbers(actions)) }));
    else expect(extracted).toMatchObject(E.left({ _tag: 'BadActions' }));
  });

  it('text without the marker is an error where openpi returns zeros', () => {
    const { tokens, action_horizon, action_dim } = object(file['extract_no_marker']);
    const extract = extractActions(tokenizer, hundredths, [number(action_horizon), number(action_dim)]);
    expect(extract(numbers(tokens))).toMatchObject(E.left({ _tag: 'NoActionMarker' }));
  });

  it('state bins', () => {
    const { state, bins } = object(file['digitize']);
    expect(stateBins(numbers(state))).toEqual(E.right(numbers(bins)));
  });

  describe('prompts', () => {
    it.each(paligemma)('$prompt in $max_len tokens', (c) => {
      const options = { maxTokenLen: number(c['max_len']), allowEmpty: true, onTooLong: 'truncate' } as const;
      const task = text(c['prompt']);
      const made =
        c['state'] === null
          ? pi0Prompt(tokenizer, options)(task)
          : pi05Prompt(tokenizer, options)({ task, state: numbers(c['state']) });
      expect(made).toMatchObject(
        E.right({ tokens: Int32Array.from(numbers(c['tokens'])), tokenMask: Uint8Array.from(mask(c['mask'])) }),
      );
      const decoded = tokenizer.decode(numbers(c['tokens']));
      expect(decoded).toEqual(E.right(text(c['decoded'])));
    });
  });
});
