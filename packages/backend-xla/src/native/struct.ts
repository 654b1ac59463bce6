import koffi from 'koffi';

/** An address in native memory. */
export type Address = bigint;

/** The address of memory that JavaScript owns; it holds as long as the memory is referenced. */
export const addressOf = (memory: NodeJS.TypedArray): Address => koffi.address(memory);

/** What memory points to, as long as it lives: the collector sees no addresses. */
const pointees = new WeakMap<NodeJS.TypedArray, readonly NodeJS.TypedArray[]>();

/** The kinds of fields that the argument structs of the PJRT C API are made of. */
export type FieldKind = 'pointer' | 'size' | 'int64' | 'int32' | 'bool';

/** The fields of a struct after `struct_size` and `extension_start`, which every one begins with, in header order. */
export type Fields = Readonly<Record<string, FieldKind>>;

type Field = {
  readonly kind: FieldKind;
  readonly offset: number;
};

/** Where the fields of a struct lie, by C's rules of alignment. */
export type Layout<F extends Fields> = {
  readonly fields: { readonly [K in keyof F]: Field };
  /** Bytes up to the end of the last field, as the header's own `STRUCT_SIZE` counts. */
  readonly size: number;
};

const extents: { readonly [K in FieldKind]: number } = { pointer: 8, size: 8, int64: 8, int32: 4, bool: 1 };

const headerSize = 16;

/**
 * Zeros behind each struct. A newer plugin takes what it finds behind the fields that this header knows for fields of its
 * own, and zero means "not given" for all of them.
 */
const slack = 128;

/** The layout of a struct. */
export const layout = <F extends Fields>(fields: F): Layout<F> => {
  let size = headerSize;
  const placed = Object.fromEntries(
    Object.entries(fields).map(([name, kind]) => {
      const offset = Math.ceil(size / extents[kind]) * extents[kind];
      size = offset + extents[kind];
      return [name, { kind, offset }];
    }),
  );
  // `fromEntries` forgets the names that the entries came with.
  return { fields: placed as Layout<F>['fields'], size };
};

/** Addresses and counts as they are; memory of JavaScript's for its address, kept alive by the struct. */
export type FieldValue = bigint | number | boolean | NodeJS.TypedArray;

/** The values to begin with; what is absent is zero. */
export type FieldValues<F extends Fields> = { readonly [K in keyof F]?: FieldValue };

/** A struct in memory of its own, outside the JavaScript heap, so that its address never changes. */
export class Struct<F extends Fields> {
  readonly bytes: Buffer;
  readonly #layout: Layout<F>;

  constructor(of: Layout<F>, values: FieldValues<F> = {}) {
    this.#layout = of;
    this.bytes = stableBytes(of.size + slack);
    this.bytes.writeBigUInt64LE(BigInt(of.size + slack), 0);
    const memory: NodeJS.TypedArray[] = [];
    for (const [name, value] of Object.entries<FieldValue | undefined>(values)) {
      if (value === undefined) continue;
      if (typeof value === 'object') memory.push(value);
      this.#write(of.fields[name], typeof value === 'object' ? addressOf(value) : value);
    }
    pointees.set(this.bytes, memory);
  }

  /** A field as an address or a count. */
  read(name: keyof F): bigint {
    const { kind, offset } = this.#layout.fields[name];
    if (kind === 'bool') return BigInt(this.bytes.readUInt8(offset));
    if (kind === 'int32') return BigInt(this.bytes.readInt32LE(offset));
    return kind === 'int64' ? this.bytes.readBigInt64LE(offset) : this.bytes.readBigUInt64LE(offset);
  }

  /** A field as a number: sizes and counts are far below 2⁵³. */
  number(name: keyof F): number {
    return Number(this.read(name));
  }

  #write(field: Field | undefined, value: bigint | number | boolean): void {
    if (field === undefined) return;
    if (field.kind === 'bool') this.bytes.writeUInt8(Number(value), field.offset);
    else if (field.kind === 'int32') this.bytes.writeInt32LE(Number(value), field.offset);
    else this.bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)), field.offset);
  }
}

/** Zeroed memory outside the JavaScript heap and outside Node's pool, for addresses that must last. */
export const stableBytes = (size: number): Buffer => Buffer.from(new ArrayBuffer(Math.max(size, 8)));

/** An array of addresses or 64-bit integers in such memory. */
export const stableWords = (words: readonly (bigint | number)[]): Buffer => {
  const bytes = stableBytes(8 * words.length);
  words.forEach((word, i) => {
    bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(word)), 8 * i);
  });
  return bytes;
};

/** An array of the addresses of memory, which lives as long as the array. */
export const stablePointers = (memory: readonly NodeJS.TypedArray[]): Buffer => {
  const bytes = stableWords(memory.map(addressOf));
  pointees.set(bytes, memory);
  return bytes;
};

/** A copy in such memory. */
export const stableCopy = (bytes: Uint8Array): Buffer => {
  const copy = stableBytes(bytes.length).subarray(0, bytes.length);
  copy.set(bytes);
  return copy;
};
