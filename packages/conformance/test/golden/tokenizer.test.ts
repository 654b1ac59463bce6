import type { ActionChunk } from '@torsor/tokenizer';
import { extractActions, fastSequence, pi0Prompt, pi05Prompt, stateBins } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { describeGolden } from './describe-golden.js';
import { number, numbers, object, objects, text } from './json.js';
import { characters, hundredths } from './stub-tokenizers.js';

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
        clamped: 0,
      }),
    );
  });

  it.each(fast.filter((c) => c['extract'] !== undefined))('π0-FAST $tag, $max_len tokens, back to actions', (c) => {
    const { tokens, action_horizon, action_dim, actions, error } = object(c['extract']);
    const shape = [number(action_horizon), number(action_dim)] as const;
    const extracted = extractActions(tokenizer, hundredths, shape)(numbers(tokens));
    // No action token of the golden file has an id of '|', so that both ways see the same.
    expect(extractActions(tokenizer, hundredths, shape, { by: 'ids' })(numbers(tokens))).toEqual(extracted);
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
