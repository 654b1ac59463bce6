import { applyTransforms, type DataDict, NdArray } from '@torsor/data';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, it } from 'vitest';
import {
  families,
  fastSequences,
  pi0Sequences,
  pi05Sequences,
  type SequenceEncoder,
  type SequenceTokens,
  sequenceTokens,
} from '../../src/index.js';
import { characters, read, tenths } from '../characters.js';
import { left, right } from '../right.js';
import { tiny } from '../tiny.js';

/*
 * Expected texts are those of openpi `models/tokenizer.py` (15a9616): `PaligemmaTokenizer.tokenize` and
 * `FASTTokenizer.tokenize`, by hand; a state x is in bin floor((x + 1) · 128), 255 from 1 upwards.
 */

const text = characters(400);

type Given = {
  readonly prompts: readonly string[];
  readonly states: readonly (readonly number[])[];
  readonly actions?: readonly (readonly number[])[];
};

const dictOf = ({ prompts, states, actions }: Given): DataDict => ({
  prompt: prompts,
  state: new NdArray('float64', [states.length, states[0]?.length ?? 0], Float64Array.from(states.flat())),
  ...(actions === undefined
    ? {}
    : { actions: new NdArray('float64', [actions.length, 1, 2], Float64Array.from(actions.flat())) }),
});

const encoded = ({ transform, tokenizers }: SequenceEncoder, given: Given) =>
  pipe(dictOf(given), applyTransforms([transform], tokenizers), E.flatMap(sequenceTokens));

const rows = (flat: ArrayLike<number>, count: number): readonly (readonly number[])[] => {
  const l = flat.length / count;
  return Array.from({ length: count }, (_, i) => Array.from(flat).slice(i * l, (i + 1) * l));
};

const texts = ({ tokens }: SequenceTokens, count: number): readonly string[] => rows(tokens, count).map(read);

describe('π0', () => {
  const encoder = pi0Sequences(text, { maxTokenLen: 8 });
  const given = { prompts: ['pick', 'Lift_it', 'pick'], states: [[0.1], [5], [0.3]] };

  it('beginning, cleaned task, line end; then padding that is masked', () => {
    const { tokens, tokenMask, tokenArMask, tokenLossMask, truncated } = right(
      encoded(encoder, { prompts: ['pick', ' a_b\n'], states: [[0], [0]] }),
    );
    // p, i, c, k and the line end are 112, 105, 99, 107 and 10.
    expect(rows(tokens, 2)).toEqual([
      [2, 115, 108, 102, 110, 13, 0, 0],
      [2, 100, 35, 101, 13, 0, 0, 0],
    ]);
    expect(rows(tokenMask, 2)).toEqual([
      [1, 1, 1, 1, 1, 1, 0, 0],
      [1, 1, 1, 1, 1, 0, 0, 0],
    ]);
    expect([tokenArMask, tokenLossMask, truncated]).toEqual([new Int32Array(16), new Uint8Array(16), [0, 0]]);
  });

  it('the state is not read: another one is the same prompt', () => {
    const short = { ...given, prompts: ['go', 'at', 'go'] };
    const other = { ...short, states: [[9], [9], [9]] };
    expect(encoded(encoder, short)).toEqual(encoded(encoder, other));
  });

  it('refuses what does not fit, and cuts only where it is told to', () => {
    expect(left(encoded(encoder, given))).toEqual({
      _tag: 'TokenizerRefused',
      transform: 'TokenizePrompt',
      reason: expect.stringContaining('Lift_it'),
    });
    const cutting = right(encoded(pi0Sequences(text, { maxTokenLen: 8, onTooLong: 'truncate' }), given));
    expect(texts(cutting, 3)).toEqual(['^pick\n', '^Lift it', '^pick\n']);
    expect(cutting.truncated).toEqual([0, 1, 0]);
  });

  it('encodes each task once', () => {
    const asked: string[] = [];
    const counting = {
      ...text,
      encode: (body: string, marks: Parameters<typeof text.encode>[1]) => {
        asked.push(body);
        return text.encode(body, marks);
      },
    };
    const once = pi0Sequences(counting, { maxTokenLen: 8 });
    right(encoded(once, { prompts: ['go', 'at', 'go'], states: [[0], [0], [0]] }));
    expect(texts(right(encoded(once, { prompts: ['at', 'go'], states: [[0], [0]] })), 2)).toEqual(['^at\n', '^go\n']);
    expect(asked.toSorted()).toEqual(['\n', '\n', 'at', 'go']);
  });
});

describe('π0.5', () => {
  const encoder = pi05Sequences(text, { maxTokenLen: 48 });

  it('task and state in bins; the actions are to be written on the next line', () => {
    const given = {
      prompts: ['Pick_up\nit', 'go'],
      states: [
        [-1, 0, 0.999],
        [1, -2, 0.5],
      ],
    };
    expect(texts(right(encoded(encoder, given)), 2)).toEqual([
      '^Task: Pick up it, State: 0 128 255;\nAction: ',
      '^Task: go, State: 255 -1 192;\nAction: ',
    ]);
  });

  it('each state is in the bin that begins at or below it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (bin, inside) => {
        const state = (bin + inside) / 128 - 1;
        const [made] = texts(right(encoded(encoder, { prompts: ['go'], states: [[state]] })), 1);
        // Rounded to float32, a state next to an edge may be on it.
        const nearest = Math.floor((Math.fround(state) + 1) * 128);
        expect(made).toBe(`^Task: go, State: ${nearest};\nAction: `);
      }),
    );
  });

  it('without a state, none is told; one that is no number is refused', () => {
    const { prompt } = encoder.tokenizers;
    const { tokens } = right(prompt?.({ task: 'go', state: null }) ?? E.left('no tokenizer'));
    expect(read(tokens)).toBe('^Task: go, State: ;\nAction: ');
    expect(left(encoded(encoder, { prompts: ['go'], states: [[Number.NaN]] }))).toMatchObject({
      _tag: 'TokenizerRefused',
      reason: expect.stringContaining('NaN'),
    });
  });

  it('refuses what does not fit', () => {
    const short = pi05Sequences(text, { maxTokenLen: 30 });
    const given = { prompts: ['go'], states: [[0]] };
    // 30 characters and the beginning.
    expect(left(encoded(short, given))).toMatchObject({ _tag: 'TokenizerRefused' });
    expect(right(encoded(pi05Sequences(text, { maxTokenLen: 31 }), given)).truncated).toEqual([0]);
  });

  it('tells the state unless the settings say otherwise', () => {
    const { sequences } = families.pi05;
    if (sequences._tag !== 'Text') throw new Error("π0.5's sequences are prompts");
    const given = { prompts: ['go'], states: [[0]] };
    const options = { maxTokenLen: 48 };
    expect(texts(right(encoded(sequences.encoder(tiny.pi05(), text, options), given)), 1)).toEqual([
      '^Task: go, State: 128;\nAction: ',
    ]);
    const without = sequences.encoder(tiny.pi05({ discreteStateInput: false }), text, options);
    expect(texts(right(encoded(without, given)), 1)).toEqual(['^go\n']);
    const { sequences: ofPi0 } = families.pi0;
    if (ofPi0._tag !== 'Text') throw new Error("π0's sequences are prompts");
    expect(texts(right(encoded(ofPi0.encoder(tiny.pi0(), text, options), given)), 1)).toEqual(['^go\n']);
  });
});

describe('π0-FAST', () => {
  // Action token a has id 400 − 1 − 128 − a; read as a character, its code is 3 less.
  const action = (a: number): string => String.fromCodePoint(400 - 1 - 128 - a - 3);
  const given = {
    prompts: ['Pick_It', 'go'],
    states: [
      [0, -1],
      [0.5, 1],
    ],
    actions: [
      [0.3, 0],
      [0.1, 1.2],
    ],
  };
  const options = { maxTokenLen: 48 };
  const prefixes = ['^Task: pick it, State: 128 0;\n', '^Task: go, State: 192 255;\n'];
  const postfixes = [`Action: ${action(3)}${action(0)}|$`, `Action: ${action(1)}${action(12)}|$`];

  it('prompt with the state in bins, then the actions, which are predicted', () => {
    const made = right(encoded(fastSequences(text, tenths, options, true), given));
    expect(texts(made, 2)).toEqual([0, 1].map((i) => `${prefixes[i]}${postfixes[i]}`));
    const lengths = prefixes.map((prefix, i) => [prefix.length, prefix.length + (postfixes[i]?.length ?? 0)] as const);
    const marks = (from: (ends: readonly [number, number]) => number) =>
      lengths.map((ends) => Array.from({ length: 48 }, (_, i) => Number(i >= from(ends) && i < ends[1])));
    expect(rows(made.tokenMask, 2)).toEqual(marks(() => 0));
    expect(rows(made.tokenArMask, 2)).toEqual(marks(([prefix]) => prefix));
    expect(rows(made.tokenLossMask, 2)).toEqual(marks(([prefix]) => prefix));
    expect(made.truncated).toEqual([0, 0]);
  });

  it.each([
    ['without them it is the prompt to go on from, whatever was recorded', given, false],
    ['and so it is where none were recorded', { prompts: given.prompts, states: given.states }, true],
  ] as const)('%s', (_, samples, withActions) => {
    const made = right(encoded(fastSequences(text, tenths, options, withActions), samples));
    expect(texts(made, 2)).toEqual(prefixes);
    expect([made.tokenArMask, made.tokenLossMask]).toEqual([new Int32Array(96), new Uint8Array(96)]);
  });

  it('refuses what does not fit, and cuts and counts where it is told to', () => {
    const short = { maxTokenLen: 40 };
    expect(left(encoded(fastSequences(text, tenths, short, true), given))).toMatchObject({
      _tag: 'TokenizerRefused',
      transform: 'TokenizeFASTInputs',
    });
    const cut = right(encoded(fastSequences(text, tenths, { ...short, onTooLong: 'truncate' }, true), given));
    // 30 + 12 and 27 + 12 tokens.
    expect(cut.truncated).toEqual([2, 0]);
  });

  it("is the family's own encoder", () => {
    const { sequences } = families['pi0-fast'];
    if (sequences._tag !== 'Actions') throw new Error('π0-FAST writes actions as tokens');
    expect(texts(right(encoded(sequences.encoder(text, tenths, options, true), given)), 2)).toEqual(
      [0, 1].map((i) => `${prefixes[i]}${postfixes[i]}`),
    );
  });
});

describe('sequenceTokens', () => {
  const whole: DataDict = {
    tokenized_prompt: new NdArray('int32', [1, 2], Int32Array.of(2, 5)),
    tokenized_prompt_mask: new NdArray('bool', [1, 2], Uint8Array.of(1, 0)),
    tokens_cut: new NdArray('int32', [1], Int32Array.of(3)),
    token_ar_mask: new NdArray('int32', [1, 2], Int32Array.of(0, 1)),
    token_loss_mask: new NdArray('bool', [1, 2], Uint8Array.of(0, 1)),
  };

  it('takes what there is', () => {
    expect(right(sequenceTokens(whole))).toEqual({
      tokens: Int32Array.of(2, 5),
      tokenMask: Uint8Array.of(1, 0),
      tokenArMask: Int32Array.of(0, 1),
      tokenLossMask: Uint8Array.of(0, 1),
      truncated: [3],
    });
  });

  it.each(['tokenized_prompt', 'tokenized_prompt_mask', 'tokens_cut'])('misses %s by name', (key) => {
    const { [key]: _, ...rest } = whole;
    expect(left(sequenceTokens(rest))).toMatchObject({ _tag: 'MissingKey', key });
  });

  it.each(['token_ar_mask', 'token_loss_mask'])('refuses %s of another dtype', (key) => {
    const wrong = new NdArray('float32', [1, 2], Float32Array.of(0, 1));
    expect(left(sequenceTokens({ ...whole, [key]: wrong }))).toMatchObject({ _tag: 'WrongValue', key });
  });
});
