import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import { Inflater } from '../orbax/inflater.js';
import type { Value } from '../orbax/tree-node.js';
import type { OrbaxStore } from './orbax-store.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

// Zeros inflate to 32,768 times their size.
const pieceBytes = 2 ** 14;

const lengthOf = (value: Value): number => (value._tag === 'File' ? value.length : value.bytes.length);

/** A chunk of any size, read front to back: reading before where it stands begins again. Memory holds a piece and what it inflates to. */
export class OrbaxChunk {
  private inflater = new Inflater();
  /** Compressed bytes read, and bytes given. */
  private at = 0;
  private given = 0;
  private readonly store: OrbaxStore;
  private readonly value: Value;
  private readonly damaged: (reason: string) => CheckpointError;

  constructor(store: OrbaxStore, value: Value, damaged: (reason: string) => CheckpointError) {
    this.store = store;
    this.value = value;
    this.damaged = damaged;
  }

  private async inflate(): Result<void> {
    const length = lengthOf(this.value);
    if (this.at >= length) return E.left(this.damaged('it holds fewer elements than its shape says'));
    const piece = new Uint8Array(Math.min(pieceBytes, length - this.at));
    const read = await this.store.read(this.value, this.at, piece);
    if (E.isLeft(read)) return read;
    this.at += piece.length;
    return E.mapLeft(this.damaged)(this.inflater.push(piece, this.at >= length));
  }

  /** Takes or drops bytes from where it stands. */
  private async pass(count: number, target?: Uint8Array): Result<void> {
    for (let done = 0; done < count; ) {
      const more = this.inflater.waiting > 0 ? E.right(undefined) : await this.inflate();
      if (E.isLeft(more)) return more;
      done += this.inflater.take(count - done, target?.subarray(done));
    }
    this.given += count;
    return E.right(undefined);
  }

  async read(offset: number, target: Uint8Array): Result<void> {
    if (offset < this.given) [this.inflater, this.at, this.given] = [new Inflater(), 0, 0];
    const skipped = await this.pass(offset - this.given);
    return E.isLeft(skipped) ? skipped : this.pass(target.length, target);
  }
}
