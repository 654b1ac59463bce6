import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { foldIn, key, normal } from '@torsor/random';
import { fromFloat64, sizeOf, type TensorType, type TensorValue } from '@torsor/tensor';
import { flatten, map, type Tree, unflatten } from '@torsor/tree';
import { convertPolicy, type ModelSettings } from '../../src/index.js';
import { savePolicy } from '../acting/saved-policy.js';
import { right } from '../right.js';
import { expert, tinyModel } from '../tiny.js';

const pictures = {
  cameras: ['base_0_rgb', 'left_wrist_0_rgb', 'right_wrist_0_rgb'],
  imageSize: [32, 32],
  siglip: 'mu/16',
};

/** With the eight heads that LeRobot's attention counts on. */
const first = { ...expert, numHeads: 8 };

const second = { ...first, width: 12, mlpDim: 10 };

const attn = { rank: 2, alpha: 4 };
const ffn = { rank: 3, alpha: 6, rslora: true };

/** Policies to be exported: each is another part of what an export says. */
export const policies = {
  pi0: {
    kind: 'pi0',
    normMode: 'mean_std',
    deltaActionMask: null,
    model: {
      ...pictures,
      lora: 'openpi',
      paligemma: { ...first, lora: { attn, ffn } },
      actionExpert: { ...second, lora: { attn } },
    },
  },
  pi05: {
    kind: 'pi05',
    normMode: 'quantile',
    deltaActionMask: [true, false],
    model: { ...pictures, paligemma: first, actionExpert: { ...second, lora: { ffn } } },
  },
  'pi0-fast': {
    kind: 'pi0-fast',
    normMode: 'quantile',
    deltaActionMask: null,
    model: { ...pictures, paligemma: first },
  },
} as const;

/** One of them. */
export type PolicyName = keyof typeof policies;

/** What each camera saw; one was absent in training. */
const cameras = {
  base_0_rgb: 'observation.images.top',
  left_wrist_0_rgb: null,
  right_wrist_0_rgb: 'observation.images.wrist',
};

/** The settings of a policy. */
const settingsOf = (name: PolicyName): ModelSettings => tinyModel(policies[name].kind, policies[name].model);

/** Numbers of the size of trained ones: norms near zero, which Gemma adds to one. */
const drawn = (types: Tree<TensorType>, seed: number): Tree<TensorValue> => {
  let count = 0;
  return map<TensorType, TensorValue>(types, (type) => {
    count += 1;
    return fromFloat64(
      type,
      normal(foldIn(key(seed), count), sizeOf(type.shape)).map((x) => 0.3 * x),
    );
  });
};

const chosen = (tree: Tree<TensorValue>, wanted: (path: string) => boolean): Tree<TensorValue> =>
  right(unflatten(flatten(tree).filter(({ path }) => wanted(path))));

/** A policy as it was saved, the parameters that act, and where its export lies. */
export type ExportedPolicy = {
  readonly settings: ModelSettings;
  readonly params: Tree<TensorValue>;
  readonly path: string;
  readonly folders: { readonly lerobot: string; readonly openpi: string };
};

const isAveraged = (path: string): boolean => !path.includes('/img/');

/** Saves a policy, of which all but the image tower has averages, and exports it below a folder. */
export const exportPolicy = async (run: string, below: string, name: PolicyName): Promise<ExportedPolicy> => {
  const { kind, normMode, deltaActionMask, model: settings } = policies[name];
  let params: Tree<TensorValue> = {};
  const saved = await savePolicy(run, kind, {
    model: settings,
    data: { normMode, deltaActionMask: deltaActionMask === null ? null : [...deltaActionMask], cameras },
    params: (types) => {
      params = drawn(types, 3);
      return map<TensorValue, TensorValue>(params, (value, path) =>
        isAveraged(path)
          ? fromFloat64(
              value.type,
              Float64Array.from(value.data, () => 7),
            )
          : value,
      );
    },
    averages: () => chosen(params, isAveraged),
  });
  const folders = { lerobot: join(below, 'lerobot', name), openpi: join(below, 'openpi', name) };
  await rm(folders.lerobot, { recursive: true, force: true });
  await rm(folders.openpi, { recursive: true, force: true });
  right(await convertPolicy({ input: saved.path, output: folders.lerobot, to: 'lerobot' })());
  if (kind !== 'pi0-fast')
    right(await convertPolicy({ input: saved.path, output: folders.openpi, to: 'openpi-pytorch', assetId: 'robot' })());
  return { settings: settingsOf(name), params, path: saved.path, folders };
};

/** SHA-256 of each file of an export but its report, by its path. */
export const hashesOf = async (folder: string): Promise<Record<string, string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const names = files.map((file) => relative(folder, file)).filter((name) => name !== 'conversion.json');
  const hashes = names.sort().map(async (name) => {
    const bytes = await readFile(join(folder, name));
    return [name, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
};

/** Numbers in [-1, 1] that any language counts alike. */
export const counted = (seed: number, size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => ((i * 37 + seed * 101) % 255) / 127.5 - 1);
