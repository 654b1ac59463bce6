import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { showTokenizerError, tokenizerJson } from '../../src/index.js';
import json from '../fixtures/text/gemma-like.json' with { type: 'json' };
import encodings from '../fixtures/text/gemma-like-encodings.json' with { type: 'json' };
import { right } from '../right.js';

const plain = { addBos: false, addEos: false };
const text = JSON.stringify(json);

describe('tokenizerJson', () => {
  const tokenizer = right(tokenizerJson(text));

  it.each(encodings)('has the ids and the text of the official library for $text', (c) => {
    expect(tokenizer.encode(c.text, plain)).toEqual(E.right(c.ids));
    expect(tokenizer.decode(c.ids)).toEqual(E.right(c.decoded));
  });

  it('knows its size and marks, and takes a mark that is spelled out for text', () => {
    expect(tokenizer.vocabSize).toBe(601);
    expect(tokenizer.encode('', { addBos: true, addEos: true })).toEqual(E.right([2, 1]));
    expect(tokenizer.decode([2, 0, 1])).toEqual(E.right(''));
    const ids = right(tokenizer.encode('<eos>', plain));
    expect(ids.every((id) => id > 3)).toBe(true);
    expect(tokenizer.decode(ids)).toEqual(E.right('<eos>'));
  });

  it('never cuts or pads, whatever the file asks for', () => {
    const cutting = { ...json, truncation: { max_length: 1, strategy: 'LongestFirst', stride: 0, direction: 'Right' } };
    expect(right(tokenizerJson(JSON.stringify(cutting))).encode('pick up', plain)).toEqual(
      tokenizer.encode('pick up', plain),
    );
  });
});

describe('refuses', () => {
  it.each([
    ['{', 'tokenizer.json: expected JSON'],
    ['[]', 'tokenizer.json: expected an object'],
    ['{}', 'tokenizer.json: model: expected an object with vocab'],
    ['{"model": {"vocab": 3}}', 'tokenizer.json: model.vocab: expected a record of ids, or a list of pairs'],
    ['{"model": {"vocab": {"b": 0, "a": -1}}}', 'tokenizer.json: model.vocab.a: expected an id, an integer from 0'],
    ['{"model": {"vocab": {"a": 16777216}}}', 'tokenizer.json: model.vocab.a: expected an id below 16777216'],
    ['{"model": {"vocab": [["a", 0], "b"]}}', 'tokenizer.json: model.vocab[1]'],
    ['{"model": {"vocab": {}}, "added_tokens": [{"content": "a"}]}', 'added_tokens[0].id: expected an id'],
    ['{"model": {"vocab": {}}}', 'has no token "<bos>"'],
    ['{"model": {"vocab": {"a": 0}}}', 'has no token "<bos>"'],
    ['{"model": {"type": "none", "vocab": {"<bos>": 0, "<eos>": 1}}}', ''],
  ])('%s', (damaged, message) => {
    const refused = tokenizerJson(damaged);
    expect(refused).toMatchObject(E.left({ _tag: 'BadVocabulary' }));
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toContain(message);
  });

  it('a text that it has no tokens for', () => {
    const few = {
      ...json,
      model: {
        ...json.model,
        byte_fallback: false,
        vocab: { '<pad>': 0, '<eos>': 1, '<bos>': 2, '<unk>': 3, a: 4 },
        merges: [],
      },
    };
    const tokenizer = right(tokenizerJson(JSON.stringify({ ...few, added_tokens: [] })));
    expect(tokenizer.encode('a', plain)).toEqual(E.right([4]));
    expect(tokenizer.encode('b', plain)).toMatchObject(E.left({ _tag: 'NotTokenisable', text: 'b' }));
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.json(), fc.jsonValue(), (any, value) => {
        tokenizerJson(any);
        tokenizerJson(JSON.stringify({ ...json, model: value }));
        tokenizerJson(JSON.stringify({ ...json, added_tokens: value, pre_tokenizer: value }));
      }),
    );
  });
});
