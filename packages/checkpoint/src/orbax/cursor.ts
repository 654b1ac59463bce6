/**
 * Reads a buffer from front to back. What lies behind its end reads as nothing and leaves `ended` true, which whoever reads asks once, at
 * the end.
 */
export class Cursor {
  ended = false;
  private at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  take(count: number): Uint8Array {
    if (count > this.left) {
      this.ended = true;
      return new Uint8Array();
    }
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  uint32BigEndian(): number {
    return this.take(4).reduce((value, byte) => value * 256 + byte, 0);
  }

  uint64(): number {
    return this.take(8).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  /** An unsigned integer in groups of seven bits, the lowest first. Above 2^53 it is not exact, which no size or place here is. */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte % 128) * scale;
      if (byte < 128 || this.ended || scale > 2 ** 63) return value;
    }
  }

  /** The number of things to follow, each of at least one byte. */
  count(): number {
    const count = this.varint();
    if (count <= this.left) return count;
    this.ended = true;
    return 0;
  }

  many<A>(count: number, read: () => A): readonly A[] {
    return Array.from({ length: count }, read);
  }
}
