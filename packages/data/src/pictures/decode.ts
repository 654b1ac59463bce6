import { decode as decodeJpeg } from '@cwasm/jpeg-turbo';
import { convertIndexedToRgb, decode as decodePng } from 'fast-png';
import * as E from 'fp-ts/lib/Either.js';
import type { PictureHeader } from './header.js';

/** RGB of pixels of `channels` bytes: grey thrice, opacity left out. */
const rgbOf = (pixels: ArrayLike<number>, channels: number, count: number): Uint8Array => {
  const out = new Uint8Array(count * 3);
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  for (let i = 0; i < count; i++) {
    const from = i * channels;
    out[i * 3] = pixels[from] ?? 0;
    out[i * 3 + 1] = pixels[from + green] ?? 0;
    out[i * 3 + 2] = pixels[from + blue] ?? 0;
  }
  return out;
};

const ofPng = (bytes: Uint8Array): Uint8Array => {
  const png = decodePng(bytes, { checkCrc: true });
  const count = png.width * png.height;
  if (png.palette !== undefined) {
    return rgbOf(convertIndexedToRgb(png), png.palette[0]?.length ?? 3, count);
  }
  if (png.depth !== 8) throw new Error(`${png.depth} bits a channel, where 8 are read`);
  if (png.data.length < count * png.channels) throw new Error('its pixels end too early');
  if (png.channels === 3 && png.data instanceof Uint8Array) return png.data.subarray(0, count * 3);
  return rgbOf(png.data, png.channels, count);
};

const ofJpeg = (bytes: Uint8Array): Uint8Array => {
  const { data, width, height } = decodeJpeg(bytes);
  return rgbOf(data, 4, width * height);
};

/**
 * The pixels of an encoded picture: PNG of 8 bits a channel or with a palette, or JPEG as libjpeg-turbo decodes it, the
 * bytes that Pillow gives.
 *
 * @returns bytes `[h, w, 3]`; the left says what is wrong.
 */
export const decodePicture = (bytes: Uint8Array, { format }: PictureHeader): E.Either<string, Uint8Array> =>
  E.tryCatch(
    () => (format === 'png' ? ofPng(bytes) : ofJpeg(bytes)),
    (thrown) => `damaged ${format.toUpperCase()}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  );
