/** Below this many bytes a loop beats the call into the engine's block copy. */
const blockCopy = 32;

/**
 * Decompresses one Snappy block. Written here because pages of recorded joints are mostly long literals and long
 * copies, which block copies move several times faster than a byte loop.
 *
 * @param out - memory of at least `size` bytes to decompress into; fresh memory without it.
 * @throws `Error` on a malformed block, as the parquet library's own decompressors do; the reader turns it into a value.
 * @source Snappy format description, google/snappy `format_description.txt`
 */
export const decompressSnappy = (
  input: Uint8Array,
  size: number,
  out: Uint8Array = new Uint8Array(size),
): Uint8Array => {
  const block: Block = { input, out, size, pos: lengthOfHeader(input), at: 0 };
  while (block.pos < input.length) {
    const tag = input[block.pos++] ?? 0;
    if ((tag & 3) === 0) takeLiteral(block, tag);
    else takeCopy(block, tag);
  }
  if (block.at !== size || block.pos !== input.length) throw new Error('snappy: block ended early');
  return out.length === size ? out : out.subarray(0, size);
};

/** A block half decompressed: read up to `pos`, written up to `at`. */
type Block = {
  readonly input: Uint8Array;
  readonly out: Uint8Array;
  readonly size: number;
  pos: number;
  at: number;
};

/** Bytes of the header, a varint with the decompressed length, which the page header has told already. */
const lengthOfHeader = (input: Uint8Array): number => {
  const last = input.findIndex((byte) => byte < 0x80);
  if (last < 0 || last > 4) throw new Error('snappy: bad length');
  return last + 1;
};

const takeLiteral = (block: Block, tag: number): void => {
  const { input, out, size, at } = block;
  let length = (tag >>> 2) + 1;
  if (length > 60) {
    const bytes = length - 60;
    length = readLittleEndian(input, block.pos, bytes) + 1;
    block.pos += bytes;
  }
  const { pos } = block;
  if (pos + length > input.length || at + length > size) throw new Error('snappy: literal out of range');
  copyLiteral(input, pos, out, at, length);
  block.pos = pos + length;
  block.at = at + length;
};

/** Bytes of a copy's offset after its tag, by the tag's kind. */
const offsetBytes = [0, 1, 2, 4];

const takeCopy = (block: Block, tag: number): void => {
  const { input, out, size, pos, at } = block;
  const near = (tag & 3) === 1;
  const length = near ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
  const bytes = offsetBytes[tag & 3] ?? 0;
  const low = readLittleEndian(input, pos, bytes);
  const offset = near ? ((tag & 0xe0) << 3) | low : low;
  if (offset === 0 || offset > at || at + length > size) throw new Error('snappy: copy out of range');
  copyBack(out, at, offset, length);
  block.pos = pos + bytes;
  block.at = at + length;
};

const readLittleEndian = (input: Uint8Array, at: number, bytes: number): number => {
  let value = 0;
  for (let i = 0; i < bytes; i++) value += (input[at + i] ?? 0) * 2 ** (8 * i);
  return value;
};

const copyLiteral = (input: Uint8Array, from: number, out: Uint8Array, to: number, length: number): void => {
  if (length >= blockCopy) out.set(input.subarray(from, from + length), to);
  else for (let i = 0; i < length; i++) out[to + i] = input[from + i] ?? 0;
};

/** A copy may overlap its own output (a run), and then must go forwards byte by byte. */
const copyBack = (out: Uint8Array, to: number, offset: number, length: number): void => {
  if (length >= blockCopy && offset >= length) out.copyWithin(to, to - offset, to - offset + length);
  else for (let i = 0; i < length; i++) out[to + i] = out[to - offset + i] ?? 0;
};
