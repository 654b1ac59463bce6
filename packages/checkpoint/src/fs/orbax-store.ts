import { join } from 'node:path';
import { nodeFileSystem, type OpenFile, readBytes } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import type { Place } from '../orbax/data-files.js';
import { readManifest } from '../orbax/manifest.js';
import { readTreeNode, type TreeNode, type Value } from '../orbax/tree-node.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

/** Values by key, and the files that they lie in. */
export type OrbaxStore = {
  readonly values: ReadonlyMap<string, Value>;
  readonly read: (value: Value, offset: number, target: Uint8Array) => Result<void>;
  readonly close: () => Promise<void>;
};

const manifestName = 'manifest.ocdbt';

const damaged = (path: string, file: string, reason: string): CheckpointError => ({
  _tag: 'BadOrbax',
  path,
  file,
  reason,
});

/** Files below a directory, each opened once. */
class Files {
  private readonly opened = new Map<string, OpenFile>();
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async read({ file, offset }: Place, target: Uint8Array): Result<void> {
    const known = this.opened.get(file.path);
    if (known !== undefined) return known.read(offset, target)();
    const found = await nodeFileSystem.open(join(this.directory, file.path))();
    if (E.isLeft(found)) return found;
    this.opened.set(file.path, found.right);
    return found.right.read(offset, target)();
  }

  async close(): Promise<void> {
    for (const file of this.opened.values()) await file.close();
  }
}

/** A file that a damaged node names must not lie outside. */
const isInside = (path: string): boolean => !path.startsWith('/') && !path.split('/').includes('..');

type Pending = { readonly place: Place; readonly prefix: string };

const walk = async (directory: string, files: Files, root: Place): Result<ReadonlyMap<string, Value>> => {
  const values = new Map<string, Value>();
  const pending: Pending[] = [{ place: root, prefix: '' }];
  const visit = (node: TreeNode): void => {
    if (node._tag === 'Leaf') for (const [key, value] of node.entries) values.set(key, value);
    else pending.push(...node.children.map(([prefix, place]) => ({ prefix, place })));
  };
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { place, prefix } = next;
    const { path, base } = place.file;
    if (!isInside(path)) return E.left(damaged(directory, path, 'it lies outside of the checkpoint'));
    const bytes = new Uint8Array(place.length);
    const read = await files.read(place, bytes);
    if (E.isLeft(read)) return read;
    const node = readTreeNode(bytes, prefix, base);
    if (E.isLeft(node)) return E.left(damaged(directory, path, node.left));
    visit(node.right);
  }
  return E.right(values);
};

const ofDatabase = async (directory: string, files: Files): Result<ReadonlyMap<string, Value>> => {
  const bytes = await readBytes(nodeFileSystem, join(directory, manifestName))();
  if (E.isLeft(bytes)) return bytes;
  const manifest = readManifest(bytes.right);
  if (E.isLeft(manifest)) return E.left(damaged(directory, manifestName, manifest.left));
  const found = manifest.right;
  if (found._tag === 'Root') return walk(directory, files, found.place);
  return found._tag === 'Empty'
    ? E.right(new Map())
    : E.left(damaged(directory, manifestName, 'it refers to numbered manifests, which Orbax does not write'));
};

/** Arrays that are folders of their own, as Orbax writes with `use_ocdbt=False`. */
const ofFolders = async (directory: string): Result<ReadonlyMap<string, Value>> => {
  const values = new Map<string, Value>();
  const pending = [''];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    const entries = await nodeFileSystem.list(join(directory, below))();
    if (E.isLeft(entries)) return entries;
    for (const { name, isDirectory, bytes } of entries.right ?? []) {
      const path = below + name;
      if (isDirectory) pending.push(`${path}/`);
      else values.set(path, { _tag: 'File', file: { path, base: '' }, offset: 0, length: bytes });
    }
  }
  return E.right(values);
};

/**
 * Opens what Orbax saved in a directory; whoever opens it closes it.
 *
 * @errors `CannotRead`, `BadOrbax`.
 */
export const openOrbaxStore = async (directory: string, names: readonly string[]): Result<OrbaxStore> => {
  const files = new Files(directory);
  const values = await (names.includes(manifestName) ? ofDatabase(directory, files) : ofFolders(directory));
  if (E.isLeft(values)) {
    await files.close();
    return values;
  }
  return E.right({
    values: values.right,
    read: async (value, offset, target) => {
      if (value._tag === 'File') {
        if (!isInside(value.file.path))
          return E.left(damaged(directory, value.file.path, 'it lies outside of the checkpoint'));
        return files.read({ ...value, offset: value.offset + offset }, target);
      }
      target.set(value.bytes.subarray(offset, offset + target.length));
      return E.right(undefined);
    },
    close: () => files.close(),
  });
};

/** Whether the names in a directory are those of what Orbax saves. */
export const isOrbax = (names: readonly string[]): boolean =>
  names.includes(manifestName) || (names.includes('_METADATA') && names.includes('_CHECKPOINT_METADATA'));
