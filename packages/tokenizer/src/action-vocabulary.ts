import * as E from 'fp-ts/lib/Either.js';
import { reservedTokens } from './action-tokens.js';
import type { TokenizerError } from './error.js';
import type { Marks, TextTokenizer } from './interfaces.js';

type Ids = E.Either<TokenizerError, readonly number[]>;

// A private plane of Unicode: no task is written in it.
const first = 0xf0000;
const privateUse = /[\u{f0000}-\u{fffff}]/u;
const pieces = /[\u{f0000}-\u{fffff}]|[^\u{f0000}-\u{fffff}]+/gu;

const characterOf = (token: number): string => String.fromCodePoint(first + token);

const encodePieces = (text: TextTokenizer, count: number, body: string): Ids => {
  const ids: number[] = [];
  for (const piece of body.match(pieces) ?? []) {
    const token = (piece.codePointAt(0) ?? 0) - first;
    if (token >= count) {
      return E.left({ _tag: 'NotTokenisable', text: body, reason: `it names action token ${token} of ${count}` });
    }
    const found: Ids =
      token < 0 ? text.encode(piece, { addBos: false, addEos: false }) : E.right([text.vocabSize + token]);
    if (E.isLeft(found)) return found;
    ids.push(...found.right);
  }
  return E.right(ids);
};

const marked = (text: TextTokenizer, ids: readonly number[], addEos: boolean): Ids =>
  addEos
    ? E.map((end: readonly number[]) => [...ids, ...end])(text.encode('', { addBos: false, addEos }))
    : E.right(ids);

const decodePieces = (text: TextTokenizer, tokens: readonly number[]): E.Either<TokenizerError, string> => {
  const isAction = (token: number | undefined): boolean => (token ?? 0) >= text.vocabSize;
  let decoded = '';
  for (let at = 0, end = 1; at < tokens.length; at = end, end += 1) {
    while (end < tokens.length && isAction(tokens[end]) === isAction(tokens[at])) end += 1;
    const run = tokens.slice(at, end);
    const part = isAction(run[0])
      ? E.right(run.map((token) => characterOf(token - text.vocabSize)).join(''))
      : text.decode(run);
    if (E.isLeft(part)) return part;
    decoded += part.right;
  }
  return E.right(decoded);
};

const encodeWithActions = (text: TextTokenizer, count: number, body: string, { addBos, addEos }: Marks): Ids => {
  if (!privateUse.test(body)) return text.encode(body, { addBos, addEos });
  if (addBos) {
    return E.left({ _tag: 'NotTokenisable', text: body, reason: 'it has characters that stand for action tokens' });
  }
  const ids = encodePieces(text, count, body);
  return E.isLeft(ids) ? ids : marked(text, ids.right, addEos);
};

/**
 * A text tokenizer with ids for `count` action tokens behind its own, and the reserved ones behind those: for a vocabulary that has no
 * ids to spare, as PaliGemma's has. In decoded text each action token is one character of a private plane of Unicode.
 *
 * @returns a tokenizer of `vocabSize + count + 128` ids.
 * @errors as the text tokenizer's; `NotTokenisable` for a prompt that is written with characters of that plane.
 * @law what it makes of a text is what the text tokenizer makes of it; `mapActionTokens` of its size hits the new ids alone; action tokens
 * between texts survive decoding and encoding.
 */
export const withActionTokens = (text: TextTokenizer, count: number): TextTokenizer => {
  const vocabSize = text.vocabSize + count + reservedTokens;
  return {
    vocabSize,
    encode: (body, marks) => encodeWithActions(text, count, body, marks),
    decode: (tokens) => {
      const token = tokens.find((t) => !Number.isSafeInteger(t) || t < 0 || t >= text.vocabSize + count);
      return token === undefined ? decodePieces(text, tokens) : E.left({ _tag: 'TokenOutOfRange', token, vocabSize });
    },
  };
};
