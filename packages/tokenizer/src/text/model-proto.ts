import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
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

// Numbers of the fields and types in sentencepiece_model.proto.
const piecesField = 1;
const trainerField = 2;
const typeField = 3;
const normalPiece = 1;
const unknownPiece = 2;
const controlPiece = 3;
const bytePiece = 6;
const bosId = 41;
const eosId = 42;

const bad = (reason: string): E.Either<TokenizerError, never> =>
  E.left({ _tag: 'BadVocabulary', reason: `the SentencePiece model is damaged or something else: ${reason}` });

/** The whole numbers among a message's fields, those asked for: of a field that is there twice the last. */
const integersOf = (message: Uint8Array, wanted: readonly number[]): ReadonlyMap<number, number> => {
  const reader = new BinaryReader(message);
  const found = new Map<number, number>();
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire === WireType.Varint && wanted.includes(field)) found.set(field, reader.int32());
    else reader.skip(wire, field);
  }
  return found;
};

type Read = {
  readonly types: readonly number[];
  readonly trainer: ReadonlyMap<number, number>;
};

/** Types of the pieces, and the settings of the trainer; the rest of the model is the library's business. */
const readParts = (bytes: Uint8Array): Read => {
  const reader = new BinaryReader(bytes);
  const types: number[] = [];
  let trainer: ReadonlyMap<number, number> = new Map();
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const isMessage = wire === WireType.LengthDelimited;
    if (isMessage && field === piecesField)
      types.push(integersOf(reader.bytes(), [typeField]).get(typeField) ?? normalPiece);
    else if (isMessage && field === trainerField) trainer = integersOf(reader.bytes(), [bosId, eosId]);
    else reader.skip(wire, field);
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
  const read = E.tryCatch(() => readParts(bytes), String);
  if (E.isLeft(read)) return bad(`its protocol buffer breaks off: ${read.left}`);
  const { types, trainer } = read.right;
  if (types.length === 0) return bad('it holds no pieces');
  const [bos, eos, unknown] = [trainer.get(bosId) ?? 1, trainer.get(eosId) ?? 2, types.indexOf(unknownPiece)];
  if (unknown < 0) return bad('it has no unknown piece');
  if (types[bos] !== controlPiece || types[eos] !== controlPiece) {
    return bad(`pieces ${bos} and ${eos} are not its beginning and end marks`);
  }
  const control = new Set(types.flatMap((type, id) => (type === controlPiece ? [id] : [])));
  return E.right({ vocabSize: types.length, bos, eos, unknown, control, hasBytes: types.includes(bytePiece) });
};
