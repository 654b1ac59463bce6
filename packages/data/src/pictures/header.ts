import * as E from 'fp-ts/lib/Either.js';

/** What an encoded picture says of itself before anything of it is decoded. */
export type PictureHeader = {
  readonly format: 'png' | 'jpeg';
  /** Pixels. */
  readonly height: number;
  readonly width: number;
};

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const headerChunk = 0x49_48_44_52; // "IHDR"

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const pngHeader = (bytes: Uint8Array): E.Either<string, PictureHeader> => {
  const view = viewOf(bytes);
  return bytes.length < 24 || view.getUint32(12) !== headerChunk
    ? E.left('a PNG without its header')
    : E.right({ format: 'png', width: view.getUint32(16), height: view.getUint32(20) });
};

/** Markers of JPEG frames: all of C0 to CF but those of tables and arithmetic coding's. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

const jpegHeader = (bytes: Uint8Array): E.Either<string, PictureHeader> => {
  const view = viewOf(bytes);
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1] ?? 0;
    if (isFrame(marker))
      return E.right({ format: 'jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) });
    // A marker may be preceded by any number of filling bytes.
    if (marker === 0xff) at += 1;
    else at += isAlone(marker) ? 2 : 2 + view.getUint16(at + 2);
  }
  return E.left('a JPEG without a frame');
};

/** The format and the size of an encoded picture; the left says what is wrong with it. */
export const pictureHeader = (bytes: Uint8Array): E.Either<string, PictureHeader> => {
  if (pngSignature.every((byte, i) => bytes[i] === byte)) return pngHeader(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegHeader(bytes);
  return E.left(bytes.length === 0 ? 'it has no bytes' : 'it is neither PNG nor JPEG');
};
