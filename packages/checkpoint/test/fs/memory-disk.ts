import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError, FileSystem } from '../../src/index.js';

/** A file: what a reader sees now, and what a power cut leaves. */
type FileNode = {
  bytes: Uint8Array;
  durable: Uint8Array | undefined;
};

/** A directory: names that a reader sees now, and names that a power cut leaves. */
type DirectoryNode = {
  entries: Map<string, Node>;
  durable: Map<string, Node>;
};

type Node = FileNode | DirectoryNode;

const isDirectory = (node: Node | undefined): node is DirectoryNode => node !== undefined && 'entries' in node;

const emptyDirectory = (): DirectoryNode => ({ entries: new Map(), durable: new Map() });

class Refused extends Error {}

/** Answers whether something that was never synced reached the disk all the same. */
export type Luck = () => boolean;

/**
 * A disk in memory by the rules of POSIX: bytes and names are certain only after a sync of the file and of its directory.
 *
 * `failAt(n)` refuses the n-th operation from now, a write after half of its bytes; with `crash` every later one too, as when the
 * process dies. `cutPower` then keeps of everything not synced whatever `luck` says.
 */
export class MemoryDisk implements FileSystem {
  readonly root: DirectoryNode = emptyDirectory();
  operations = 0;
  private failing: { at: number; crash: boolean } = { at: Number.POSITIVE_INFINITY, crash: false };

  failAt(n: number, crash: boolean): void {
    this.failing = { at: this.operations + n, crash };
  }

  restart(): void {
    this.failing = { at: Number.POSITIVE_INFINITY, crash: false };
  }

  cutPower(luck: Luck, directory: DirectoryNode = this.root): void {
    const names = new Set([...directory.entries.keys(), ...directory.durable.keys()]);
    const kept = new Map<string, Node>();
    for (const name of names) {
      const [live, durable] = [directory.entries.get(name), directory.durable.get(name)];
      const node = live === durable || luck() ? live : durable;
      if (node !== undefined) kept.set(name, node);
    }
    directory.entries = kept;
    directory.durable = new Map(kept);
    for (const node of kept.values()) {
      if (isDirectory(node)) this.cutPower(luck, node);
      else if (node.durable === undefined && !luck()) node.bytes = node.bytes.subarray(0, node.bytes.length >> 1);
    }
  }

  readonly makeDirectory: FileSystem['makeDirectory'] = (path) =>
    this.effect(path, () => {
      let directory = this.root;
      for (const name of path.split('/')) {
        const next = directory.entries.get(name) ?? emptyDirectory();
        if (!isDirectory(next)) throw new Refused(`${name} is a file`);
        directory.entries.set(name, next);
        directory.durable.set(name, next);
        directory = next;
      }
    });

  readonly write: FileSystem['write'] = (path, bytes) => {
    const put = (content: Uint8Array): void => {
      const [parent, name] = this.parentOf(path);
      parent.entries.set(name, { bytes: content.slice(), durable: undefined });
    };
    return this.effect(
      path,
      () => put(bytes),
      () => put(bytes.subarray(0, bytes.length >> 1)),
    );
  };

  readonly sync: FileSystem['sync'] = (path) =>
    this.effect(path, () => {
      const node = this.find(path);
      if (node === undefined) throw new Refused('absent');
      if (isDirectory(node)) node.durable = new Map(node.entries);
      else node.durable = node.bytes;
    });

  readonly rename: FileSystem['rename'] = (from, to) =>
    this.effect(to, () => {
      const node = this.find(from);
      if (node === undefined || this.find(to) !== undefined) throw new Refused('absent or taken');
      const [oldParent, oldName] = this.parentOf(from);
      const [newParent, newName] = this.parentOf(to);
      oldParent.entries.delete(oldName);
      newParent.entries.set(newName, node);
    });

  readonly remove: FileSystem['remove'] = (path) => {
    const drop = (all: boolean) => (): void => {
      const [parent, name] = this.parentOf(path);
      const node = parent.entries.get(name);
      if (isDirectory(node) && !all) node.entries.delete([...node.entries.keys()][0] ?? '');
      else parent.entries.delete(name);
    };
    return this.effect(path, drop(true), drop(false));
  };

  readonly list: FileSystem['list'] = (path) =>
    this.effect(path, () => {
      const node = this.find(path);
      if (node === undefined) return undefined;
      if (!isDirectory(node)) throw new Refused('a file');
      return [...node.entries].map(([name, child]) =>
        isDirectory(child)
          ? { name, isDirectory: true, bytes: 0 }
          : { name, isDirectory: false, bytes: child.bytes.length },
      );
    });

  readonly read: FileSystem['read'] = (path) =>
    this.effect(path, () => {
      const node = this.find(path);
      if (node === undefined || isDirectory(node)) throw new Refused('no such file');
      return node.bytes.slice();
    });

  private find(path: string): Node | undefined {
    return path === '.'
      ? this.root
      : path
          .split('/')
          .reduce<Node | undefined>(
            (node, name) => (isDirectory(node) ? node.entries.get(name) : undefined),
            this.root,
          );
  }

  private parentOf(path: string): [DirectoryNode, string] {
    const cut = path.lastIndexOf('/');
    const parent = cut < 0 ? this.root : this.find(path.slice(0, cut));
    if (!isDirectory(parent)) throw new Refused('no such directory');
    return [parent, path.slice(cut + 1)];
  }

  private effect<A>(path: string, run: () => A, half: () => void = () => undefined): TE.TaskEither<CheckpointError, A> {
    return TE.tryCatch(
      async () => {
        const now = this.operations;
        this.operations += 1;
        const { at, crash } = this.failing;
        if (now === at) half();
        if (now === at || (crash && now > at)) throw new Refused('No space left on device');
        return run();
      },
      (cause): CheckpointError => ({ _tag: 'CannotWrite', path, code: 'ENOSPC', reason: String(cause) }),
    );
  }
}
