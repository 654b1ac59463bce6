import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileError } from './error.js';
import type { FileSystem, Put } from './file-system.js';

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
 * For crash tests: `failAt(n, crash)` refuses the n-th operation from now, a write after half of its bytes, and with `crash` every later
 * one too, as when the process dies. `cutPower` then keeps of everything not synced whatever `luck` says.
 */
export class MemoryDisk implements FileSystem {
  /** Operations asked for so far. */
  operations = 0;
  private readonly root: DirectoryNode = emptyDirectory();
  private failing: { at: number; crash: boolean } = { at: Number.POSITIVE_INFINITY, crash: false };

  /** Refuses the `n`-th operation from now; with `crash` every later one too. */
  failAt(n: number, crash: boolean): void {
    this.failing = { at: this.operations + n, crash };
  }

  /** Refuses nothing any more. */
  restart(): void {
    this.failing = { at: Number.POSITIVE_INFINITY, crash: false };
  }

  /** Forgets what was never synced, as far as `luck` says. */
  cutPower(luck: Luck): void {
    this.forget(luck, this.root);
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

  readonly write = <X>(
    path: string,
    fill: (put: Put) => TE.TaskEither<X, unknown>,
  ): TE.TaskEither<FileError | X, void> =>
    pipe(
      this.effect(path, () => this.create(path)),
      TE.flatMap((file): TE.TaskEither<FileError | X, unknown> => fill((bytes) => this.append(path, file, bytes))),
      TE.map(() => undefined),
    );

  readonly sync: FileSystem['sync'] = (path) =>
    this.effect(path, () => {
      const node = this.find(path);
      if (node === undefined) throw new Refused('absent');
      if (isDirectory(node)) node.durable = new Map(node.entries);
      else node.durable = node.bytes;
    });

  readonly rename: FileSystem['rename'] = (from, to) =>
    this.effect(to, () => {
      const [node, taken] = [this.find(from), this.find(to)];
      if (node === undefined) throw new Refused('absent');
      if (taken !== undefined && (isDirectory(node) || isDirectory(taken))) throw new Refused('taken');
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
          ? { name, isDirectory: true, isLink: false, bytes: 0 }
          : { name, isDirectory: false, isLink: false, bytes: child.bytes.length },
      );
    });

  readonly open: FileSystem['open'] = (path) =>
    this.effect(path, () => {
      const node = this.find(path);
      if (node === undefined || isDirectory(node)) throw new Refused('no such file');
      return {
        bytes: node.bytes.length,
        read: (offset, target) =>
          this.effect(path, () => {
            const part = node.bytes.subarray(offset, offset + target.length);
            if (part.length < target.length) throw new Refused('the file ends before');
            target.set(part);
          }),
        close: () => Promise.resolve(),
      };
    });

  private forget(luck: Luck, directory: DirectoryNode): void {
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
      if (isDirectory(node)) this.forget(luck, node);
      else if (node.durable === undefined && !luck()) node.bytes = node.bytes.subarray(0, node.bytes.length >> 1);
    }
  }

  private create(path: string): FileNode {
    const [parent, name] = this.parentOf(path);
    if (parent.entries.has(name)) throw new Refused('taken');
    const file: FileNode = { bytes: new Uint8Array(0), durable: undefined };
    parent.entries.set(name, file);
    return file;
  }

  private append(path: string, file: FileNode, bytes: Uint8Array): TE.TaskEither<FileError, void> {
    const add = (part: Uint8Array): void => {
      const longer = new Uint8Array(file.bytes.length + part.length);
      longer.set(file.bytes);
      longer.set(part, file.bytes.length);
      file.bytes = longer;
    };
    return this.effect(
      path,
      () => add(bytes),
      () => add(bytes.subarray(0, bytes.length >> 1)),
    );
  }

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

  private effect<A>(path: string, run: () => A, half: () => void = () => undefined): TE.TaskEither<FileError, A> {
    return TE.tryCatch(
      async () => {
        const now = this.operations;
        this.operations += 1;
        const { at, crash } = this.failing;
        if (now === at) half();
        if (now === at || (crash && now > at)) throw new Refused('No space left on device');
        return run();
      },
      (cause): FileError => ({ _tag: 'CannotWrite', path, code: 'ENOSPC', reason: String(cause) }),
    );
  }
}
