import * as E from 'fp-ts/lib/Either.js';
import { Decompress } from 'fzstd';

/** Decompresses a stream front to back; what was made waits until it is taken, in the order in which it was made. */
export class Inflater {
  private readonly made: Uint8Array[] = [];
  private readonly stream = new Decompress((piece) => {
    if (piece.length > 0) this.made.push(piece);
  });

  /** Bytes that wait. */
  waiting = 0;

  /** @returns left when the bytes are no zstd data. */
  push(bytes: Uint8Array, isLast: boolean): E.Either<string, void> {
    return E.tryCatch(
      () => {
        this.stream.push(bytes, isLast);
        this.waiting = this.made.reduce((sum, piece) => sum + piece.length, 0);
      },
      () => 'its zstd data are damaged',
    );
  }

  /** Moves waiting bytes into `target`, or drops as many; as many as there are. */
  take(count: number, target?: Uint8Array): number {
    let taken = 0;
    while (taken < count) {
      const [piece] = this.made;
      if (piece === undefined) break;
      const part = piece.subarray(0, count - taken);
      target?.set(part, taken);
      taken += part.length;
      if (part.length === piece.length) this.made.shift();
      else this.made[0] = piece.subarray(part.length);
    }
    this.waiting -= taken;
    return taken;
  }
}
