import * as E from 'fp-ts/lib/Either.js';
import type { TokenizerError } from '../error.js';

/** What a SentencePiece model file says of its pieces. */
export type ModelProto = {
  readonly vocabSize: number;
  readonly bos: number;
  readonly eos: number;
  readonly unknown: number;
  /** Ids of control pieces: marks and padding. */
  readonly control: ReadonlySet<number>;
  /** Whether bytes are pieces, so that no text is unknown. */
  readonly hasBytes: boolean;
};

type Field = {
  readonly number: number;
  /** A whole number, or the bounds of bytes. */
  readonly value: number;
  readonly start: number;
  readonly end: number;
};

const bad = (reason: string): E.Either<TokenizerError, never> =>
  E.left({ _tag: 'BadVocabulary', reason: `the SentencePiece model is damaged or something else: ${reason}` });

// Whole numbers of up to 35 bits, which is all that ids and lengths need; longer ones keep their low bits.
const varint = (bytes: Uint8Array, at: number): readonly [value: number, next: number] | undefined => {
  let value = 0;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    if (i < 5) value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, at + i + 1];
  }
  return undefined;
};

const fixedWidths: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

const field = (bytes: Uint8Array, at: number, end: number): Field | undefined => {
  const tag = varint(bytes, at);
  if (tag === undefined) return undefined;
  const [number, wire] = [Math.floor(tag[0] / 8), tag[0] % 8];
  const fixed = fixedWidths[wire];
  if (fixed !== undefined)
    return tag[1] + fixed > end ? undefined : { number, value: 0, start: tag[1], end: tag[1] + fixed };
  const value = wire === 0 || wire === 2 ? varint(bytes, tag[1]) : undefined;
  if (value === undefined) return undefined;
  const last = wire === 0 ? value[1] : value[1] + value[0];
  return last > end ? undefined : { number, value: value[0], start: value[1], end: last };
};

// The fields of a message, `undefined` where it does not end where it says.
const fields = (bytes: Uint8Array, start: number, end: number): readonly Field[] | undefined => {
  const all: Field[] = [];
  for (let at = start; at < end; ) {
    const next = field(bytes, at, end);
    if (next === undefined) return undefined;
    all.push(next);
    at = next.end;
  }
  return all;
};

// Numbers of the fields and types in sentencepiece_model.proto.
const piecesField = 1;
const trainerField = 2;
const typeField = 3;
const unknownPiece = 2;
const controlPiece = 3;
const bytePiece = 6;
const bosId = 41;
const eosId = 42;

const numberOf = (trainer: readonly Field[], number: number, otherwise: number): number =>
  trainer.findLast((f) => f.number === number)?.value ?? otherwise;

type Read = {
  readonly types: readonly number[];
  readonly trainer: readonly Field[];
};

// Types of the pieces, and the settings of the trainer; the rest of the model is the library's business.
const readParts = (bytes: Uint8Array, top: readonly Field[]): Read | undefined => {
  const types: number[] = [];
  let trainer: readonly Field[] = [];
  for (const part of top.filter(({ number }) => number === piecesField || number === trainerField)) {
    const inner = fields(bytes, part.start, part.end);
    if (inner === undefined) return undefined;
    if (part.number === trainerField) trainer = inner;
    else types.push(numberOf(inner, typeField, 1));
  }
  return { types, trainer };
};

/**
 * Reads from a SentencePiece model file what its library does not tell, and so refuses a damaged one before the library sees it.
 *
 * @errors `BadVocabulary`.
 * @source `sentencepiece_model.proto` of SentencePiece: `ModelProto.pieces`, `TrainerSpec.bos_id`, `eos_id`
 */
export const readModelProto = (bytes: Uint8Array): E.Either<TokenizerError, ModelProto> => {
  const top = fields(bytes, 0, bytes.length);
  const read = top === undefined ? undefined : readParts(bytes, top);
  if (read === undefined || read.types.length === 0) return bad('its protocol buffer breaks off, or holds no pieces');
  const { types, trainer } = read;
  const [bos, eos, unknown] = [numberOf(trainer, bosId, 1), numberOf(trainer, eosId, 2), types.indexOf(unknownPiece)];
  if (unknown < 0) return bad('it has no unknown piece');
  if (types[bos] !== controlPiece || types[eos] !== controlPiece) {
    return bad(`pieces ${bos} and ${eos} are not its beginning and end marks`);
  }
  const control = new Set(types.flatMap((type, id) => (type === controlPiece ? [id] : [])));
  return E.right({ vocabSize: types.length, bos, eos, unknown, control, hasBytes: types.includes(bytePiece) });
};
