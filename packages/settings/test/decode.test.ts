import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decodeLayers, flagLayer, type Layer, parseSetting, showSettingsError, type Values } from '../src/index.js';

const optimizer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('adamw'), b1: z.number().lt(1).default(0.9) }),
  z.strictObject({ kind: z.literal('sgd'), momentum: z.number().default(0.5) }),
]);

const schema = z
  .strictObject({
    batchSize: z.int().min(1).default(4),
    parts: z.int().default(1),
    names: z.union([z.literal('all'), z.array(z.string())]).default('all'),
    text: z.string().min(2).max(3).default('ab'),
    even: z.int().multipleOf(2).default(2),
    optimizer: optimizer.prefault({ kind: 'adamw' }),
  })
  .superRefine(({ batchSize, parts }, context) => {
    if (batchSize % parts === 0) return;
    const params = { disagrees: true };
    context.addIssue({ code: 'custom', path: ['parts'], message: `does not divide ${batchSize}`, params });
  });

const decode = decodeLayers(schema, {
  aliases: { beta: 'optimizer.b1' },
  ignored: (path) => (path.at(-1) === 'lr' ? 'it is nowhere used' : null),
  isInconsistency: (issue) => issue.code === 'custom',
});

const file = (values: Values): Layer => ({ origin: { _tag: 'File', path: 'a.json' }, values });

const set = (...texts: readonly string[]): readonly Layer[] =>
  texts.flatMap((text) => {
    const layer = parseSetting('--set')(text);
    return E.isRight(layer) ? [layer.right] : [];
  });

const decoded = (...layers: readonly Layer[]) => {
  const result = decode(layers);
  if (E.isLeft(result)) throw new Error(result.left.map(showSettingsError).join('\n'));
  return result.right;
};

const errors = (...layers: readonly Layer[]): readonly string[] => {
  const result = decode(layers);
  return E.isLeft(result) ? result.left.map(showSettingsError) : [];
};

describe('layers', () => {
  it('the last one that says something is heard, object by object', () => {
    const below = file({ batchSize: 7, optimizer: { kind: 'adamw', b1: 0.3 } });
    expect(decoded(below, ...set('batchSize=8'))).toMatchObject({
      batchSize: 8,
      optimizer: { kind: 'adamw', b1: 0.3 },
    });
    expect(decoded(below, flagLayer('--b', ['optimizer', 'b1'], 0.1)).optimizer).toEqual({ kind: 'adamw', b1: 0.1 });
  });

  it('another kind drops the fields of the old one, whatever the order of the settings', () => {
    const below = file({ optimizer: { kind: 'adamw', b1: 0.3 } });
    const settings = ['optimizer.momentum=0.25', 'optimizer.kind=sgd'];
    const sgd = { kind: 'sgd', momentum: 0.25 };
    expect(decoded(below, ...set(...settings)).optimizer).toEqual(sgd);
    expect(decoded(below, ...set(...settings.toReversed())).optimizer).toEqual(sgd);
  });

  it('decoding a decoded value changes nothing', () => {
    const once = decoded(...set('batchSize=6', 'parts=3', 'names=["x"]'));
    expect(decoded(file(once))).toEqual(once);
  });
});

describe('errors', () => {
  it.each([
    ['batchSize=0', 'batchSize: expected at least 1, received 0 (--set batchSize=0)'],
    ['batchSize=x', 'batchSize: expected a number, received "x" (--set batchSize=x)'],
    ['batchSize=1.5', 'batchSize: expected a whole number, received 1.5 (--set batchSize=1.5)'],
    ['optimizer.b1=1', 'optimizer.b1: expected below 1, received 1 (--set optimizer.b1=1)'],
    [
      'optimizer.kind=adam',
      'optimizer.kind: expected one of "adamw", "sgd", received "adam" (--set optimizer.kind=adam)',
    ],
    ['names=3', 'names: expected one of "all" or a list, received 3 (--set names=3)'],
    ['names=[3]', 'names: expected one of "all" or a list of text, received [3] (--set names=[3])'],
    ['text=a', 'text: expected at least 2 characters, received "a" (--set text=a)'],
    ['text=abcd', 'text: expected at most 3 characters, received "abcd" (--set text=abcd)'],
    ['even=3', 'even: expected a multiple of 2, received 3 (--set even=3)'],
    ['parts=3', 'parts: does not divide 4 (--set parts=3)'],
    ['bacthSize=3', 'bacthSize: unknown key (--set bacthSize=3); did you mean batchSize?'],
    ['b1=0.5', 'b1: unknown key (--set b1=0.5); did you mean optimizer.b1?'],
    ['beta=0.5', 'beta: unknown key (--set beta=0.5); did you mean optimizer.b1?'],
    ['optimizer.zzzzzz=1', 'optimizer.zzzzzz: unknown key (--set optimizer.zzzzzz=1); known here: kind, b1'],
    ['optimizer.lr=1', 'optimizer.lr: would be ignored (--set optimizer.lr=1); it is nowhere used'],
  ])('%s', (text, error) => {
    expect(errors(file({ optimizer: { kind: 'adamw' } }), ...set(text))).toEqual([error]);
  });

  it('any JSON value is decoded or refused in words', () => {
    fc.assert(
      fc.property(fc.constantFrom('batchSize', 'names', 'optimizer', 'other'), fc.jsonValue(), (key, value) => {
        for (const error of errors(file({ [key]: value }))) expect(error).toContain(key);
      }),
    );
  });

  it.each([
    ['steps', 'has no ='],
    ['=1', 'has an empty key'],
    ['a..b=1', 'has an empty key'],
  ])('%j is no setting', (text, reason) => {
    const bad = parseSetting('--set')(text);
    expect(E.isLeft(bad) ? showSettingsError(bad.left) : '').toBe(
      `--set ${text}: ${reason}; write --set path=value, for example --set optimizer.b1=0.9`,
    );
  });
});
