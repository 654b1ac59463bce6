import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CheckpointContents,
  fromTypedArray,
  heldTensors,
  type JsonObject,
  type ManifestFields,
  type SafetensorsTensor,
  saveCheckpoint,
} from '@torsor/checkpoint';
import type { TensorValue } from '@torsor/tensor';
import { flatten, type Tree } from '@torsor/tree';
import { afterAll, beforeAll } from 'vitest';
import { storedDTypes } from '../src/index.js';
import { right } from './right.js';

/** A folder of runs for the tests of a file, gone after them. */
export const runFolder = (): { readonly fresh: () => Promise<string> } => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'torsor-policy-'));
  });
  afterAll(() => rm(dir, { recursive: true }));
  return { fresh: () => mkdtemp(join(dir, 'run-')) };
};

/** Values by their paths, as a checkpoint keeps them. */
export const stored = (tree: Tree<TensorValue>): ReadonlyMap<string, SafetensorsTensor> =>
  new Map(
    flatten(tree).map(({ path, leaf: { type, data } }) => [
      path,
      fromTypedArray(storedDTypes[type.dtype], type.shape, data),
    ]),
  );

const manifest: ManifestFields = {
  createdBy: 'test',
  step: 20,
  config: {},
  normalisation: { mode: 'mean_std', statistics: {} },
  dataset: { id: 'none', splitHash: '-' },
  position: { epoch: 0, offset: 0 },
  key: [0, 1],
};

/** Makes a checkpoint of tensors by file, and other files; its path. */
export const save = (
  run: string,
  tensors: { readonly [file: string]: ReadonlyMap<string, SafetensorsTensor> },
  more: {
    readonly files?: { readonly [file: string]: Uint8Array };
    readonly config?: JsonObject;
    readonly statistics?: JsonObject;
  } = {},
): Promise<string> => {
  const named = Object.entries(tensors).map(([file, held]) => [file, heldTensors({ tensors: held, metadata: {} })]);
  const { config = {}, statistics = {}, files = {} } = more;
  const contents: CheckpointContents = {
    manifest: { ...manifest, config, normalisation: { mode: 'mean_std', statistics } },
    files: { ...Object.fromEntries(named), ...files },
  };
  return saveCheckpoint(run, contents)().then(right);
};
