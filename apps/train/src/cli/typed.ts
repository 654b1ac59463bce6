import { isAbsolute, relative, sep } from 'node:path';
import type { Typed } from '@torsor/backends';

/** What says how this program was started. */
export type Start = {
  readonly env: { readonly [name: string]: string | undefined };
  /** The program itself, as node was told: `process.argv[1]`. */
  readonly file: string;
  /** The folder it was started in. */
  readonly folder: string;
};

const managers: { readonly [name: string]: { readonly binary: string; readonly script: string } } = {
  npm: { binary: 'npx torsor', script: 'npm run torsor --' },
  pnpm: { binary: 'pnpm torsor', script: 'pnpm run torsor' },
  yarn: { binary: 'yarn torsor', script: 'yarn run torsor' },
  bun: { binary: 'bunx torsor', script: 'bun run torsor' },
};

const withoutManager = ({ file, folder }: Start): string => {
  const inside = relative(folder, file);
  const isBelow = !inside.startsWith('..') && !isAbsolute(inside);
  if (file.split(sep).includes('node_modules')) return isBelow ? 'npx torsor' : 'torsor';
  return /[/\\]main\.[jt]s$/u.test(file) ? `node ${isBelow ? inside : file}` : 'torsor';
};

const prefixOf = (start: Start): string => {
  const { env } = start;
  const manager = managers[/^\w+/u.exec(env['npm_config_user_agent'] ?? '')?.[0] ?? ''];
  if (manager === undefined) return withoutManager(start);
  return env['npm_lifecycle_event'] === 'torsor' ? manager.script : manager.binary;
};

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/**
 * How the user types commands of this program: `npx torsor …`, `npm run torsor -- …`, `npm start -- …`, `torsor …`.
 *
 * `TORSOR_INVOKED_AS`, which a script that starts this program sets, comes first; one that ends in `start` or `start --` trains.
 */
export const typedAs = (start: Start): Typed => {
  const prefix = start.env['TORSOR_INVOKED_AS'] || prefixOf(start);
  const [, before, after = ''] = /^(.*) start( --)?$/u.exec(prefix) ?? [];
  return (...words) => {
    const rest = words.map(quoted).join(' ');
    if (before === undefined) return `${prefix} ${rest}`;
    return words[0] === 'train'
      ? `${prefix} ${words.slice(1).map(quoted).join(' ')}`
      : `${before} run torsor${after} ${rest}`;
  };
};
