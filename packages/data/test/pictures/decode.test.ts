import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../src/pictures/decode.js';
import { pictureHeader } from '../../src/pictures/header.js';

type Case = { readonly file: string; readonly rgb: string };

// The file is ours; its `origin` says where the numbers are from.
const pillow = JSON.parse(readFileSync(new URL('pillow.json', import.meta.url), 'utf8')) as {
  readonly height: number;
  readonly width: number;
  readonly cases: { readonly [name: string]: Case };
};

const right = <A>(either: E.Either<string, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left);
  return either.right;
};

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

describe.each(Object.entries(pillow.cases))('%s', (_, { file, rgb }) => {
  const { height, width } = pillow;

  it('has the size and the bytes that Pillow finds', () => {
    const header = right(pictureHeader(bytesOf(file)));
    expect(header).toMatchObject({ height, width });
    expect(right(decodePicture(bytesOf(file), header))).toEqual(bytesOf(rgb));
  });

  it('is refused wherever it is cut short', () => {
    const whole = bytesOf(file);
    for (const share of [0.01, 0.2, 0.5, 0.9, 0.99]) {
      const cut = whole.subarray(0, Math.floor(share * whole.length));
      const decoded = pipe(
        pictureHeader(cut),
        E.flatMap((header) => decodePicture(cut, header)),
      );
      expect(decoded).toMatchObject({ _tag: 'Left' });
    }
  });
});
