/** Decoded pictures that are kept, so that one that is needed again is not decoded again. */
export type PictureCache = {
  readonly get: (name: string) => Uint8Array | undefined;
  readonly put: (name: string, picture: Uint8Array) => void;
};

/**
 * A cache that holds at most so many bytes; what was used longest ago goes first.
 *
 * @law what `get` gives is what was `put` under the name last, or nothing.
 */
export const pictureCache = (maxBytes: number): PictureCache => {
  // A map keeps the order in which its keys were set: the first is the one used longest ago.
  const kept = new Map<string, Uint8Array>();
  let bytes = 0;
  const drop = (name: string): void => {
    bytes -= kept.get(name)?.byteLength ?? 0;
    kept.delete(name);
  };
  return {
    get: (name) => {
      const picture = kept.get(name);
      if (picture === undefined) return undefined;
      kept.delete(name);
      kept.set(name, picture);
      return picture;
    },
    put: (name, picture) => {
      drop(name);
      if (picture.byteLength > maxBytes) return;
      kept.set(name, picture);
      bytes += picture.byteLength;
      for (const oldest of kept.keys()) {
        if (bytes <= maxBytes) break;
        drop(oldest);
      }
    },
  };
};
