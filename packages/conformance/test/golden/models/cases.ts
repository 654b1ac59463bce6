import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { it } from 'vitest';
import { goldenFiles } from '../../../src/index.js';
import { describeGolden, type Golden } from '../describe-golden.js';
import { object, text } from '../json.js';
import type { Stored } from '../tensors.js';

/** A recorded model: a folder with its `config.json`. */
export type GoldenCase = {
  /** The folder, relative to the golden directory, without a leading `more/`: the name of its group. */
  readonly group: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The tensors of one of its files, such as `params`; empty where there is none. */
  readonly file: (name: string) => Stored;
  /** The tensors of the file that a key of the configuration names, else of `name`. */
  readonly shared: (key: string, name: string) => Stored;
};

/** Folders that hold a `config.json`, at most this deep. */
const depth = 4;

const foldersUnder = (directory: string, under: string, left: number): readonly string[] => {
  const own = existsSync(join(directory, under, 'config.json')) ? [under] : [];
  if (left === 0 || !existsSync(join(directory, under))) return own;
  // A link to a folder is a folder too.
  const inner = readdirSync(join(directory, under)).filter((name) =>
    statSync(join(directory, under, name)).isDirectory(),
  );
  return [...own, ...inner.flatMap((name) => foldersUnder(directory, join(under, name), left - 1))];
};

/** The case in a folder of the golden directory. */
export const caseAt = (golden: Golden, folder: string, config: GoldenCase['config']): GoldenCase => {
  const { has } = goldenFiles();
  const file = (name: string): Stored =>
    has(`${folder}/${name}.safetensors`) ? golden.tensors(`${folder}/${name}.safetensors`) : new Map();
  return {
    group: groupOf(folder),
    config,
    file,
    shared: (key, name) => (key in config ? golden.tensors(join(folder, text(config[key]))) : file(name)),
  };
};

const groupOf = (folder: string): string => folder.replace(/^more\//, '');

/** A configuration that cannot be read is kept for every suite: each then fails at it with its message. */
const configAt = (folder: string): GoldenCase['config'] | undefined => {
  const config = goldenFiles().json(`${folder}/config.json`);
  return E.isRight(config) ? object(config.right) : undefined;
};

/**
 * A suite for every recorded model of the golden directory that `keep` chooses by its configuration and group; one
 * skipped test when it has none.
 *
 * @param what - names the suite, such as `π0`.
 */
export const describeCases = (
  what: string,
  keep: (config: GoldenCase['config'], group: string) => boolean,
  suite: (golden: GoldenCase) => void,
): void => {
  const { directory } = goldenFiles();
  const kept = foldersUnder(directory, '', depth).filter((folder) => {
    const config = configAt(folder);
    return config === undefined || keep(config, groupOf(folder));
  });
  for (const folder of kept) {
    const path = `${folder}/config.json`;
    describeGolden(groupOf(folder), [path], (golden) => suite(caseAt(golden, folder, object(golden.json(path)))));
  }
  if (kept.length === 0) it.skip(`golden ${what}: absent, ${directory} has no such model`, () => {});
};
