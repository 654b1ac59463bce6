/** A file of which parts are read when they are needed. */
export type ByteSource = {
  readonly byteLength: number;
  /** The bytes from `start` up to `end`, which lie in the file. */
  readonly read: (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>;
};

/** Bytes in memory. */
export const sourceOfBytes = (bytes: Uint8Array<ArrayBuffer>): ByteSource => ({
  byteLength: bytes.byteLength,
  read: (start, end) => Promise.resolve(bytes.subarray(start, end)),
});

/** As the library asks for it: copies where a part is a view of something larger. */
export const asyncBufferOf = (
  source: ByteSource,
): { readonly byteLength: number; readonly slice: (start: number, end?: number) => Promise<ArrayBuffer> } => ({
  byteLength: source.byteLength,
  slice: async (start, end = source.byteLength) => {
    const part = await source.read(start, end);
    const whole = part.byteOffset === 0 && part.byteLength === part.buffer.byteLength;
    return whole ? part.buffer : part.slice().buffer;
  },
});
