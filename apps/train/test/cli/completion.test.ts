import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shell } from '../../src/cli/completion.js';
import { runCompletion } from '../../src/commands/completion.js';

const script = async (shell: Shell): Promise<string> => {
  const ended = await runCompletion({ _tag: 'Completion', shell })();
  return E.isRight(ended) && ended.right._tag === 'Result' ? ended.right.text : '';
};

let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-completion-'));
  await writeFile(join(dir, 'torsor.bash'), await script('bash'));
});

afterAll(() => rm(dir, { recursive: true }));

/** What bash, which splits at `=`, offers for the last of the words. */
const offered = (line: string): readonly string[] => {
  const words = line.split(' ').map((word) => `'${word}'`);
  const program = [
    `source ${join(dir, 'torsor.bash')}`,
    `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}`,
    `_torsor 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ];
  const out = execFileSync('bash', ['--noprofile', '--norc', '-c', program.join('\n')], { encoding: 'utf8' });
  return out.split('\n').filter((word) => word !== '');
};

describe.skipIf(!existsSync('/bin/bash'))('in bash', () => {
  it.each([
    ['torsor tr', ['train']],
    ['torsor do', ['doctor']],
    ['torsor doctor pi0-t', ['pi0-tiny']],
    ['torsor setup ', ['xla', 'tfjs-native', '--help']],
    ['torsor setup xla --c', ['--cuda']],
    ['torsor train pi0-t', ['pi0-tiny']],
    ['torsor train pi0-tiny --ba', ['--batch-size', '--backend']],
    ['torsor train --steps 3 --set lrSchedule.p', ['lrSchedule.peakLr=']],
    ['torsor train --set steps = 3 --res', ['--resume']],
    ['torsor train --backend x', ['xla']],
    ['torsor train --backend = x', ['xla']],
    ['torsor eval --backend w', ['wasm']],
    ['torsor completion ', ['bash', 'zsh', 'fish', '--help']],
  ])('%s', (line, words) => expect(offered(line).toSorted()).toEqual(words.toSorted()));

  it('leaves files to the shell where a file is meant', () => {
    expect(offered('torsor train --data ')).toEqual([]);
    expect(offered('torsor eval runs/')).toEqual([]);
  });
});

it.each(['zsh', 'fish'] as const)('%s has the same words', async (shell) => {
  const text = await script(shell);
  for (const word of ['pi05_libero', 'lrSchedule.peakLr=', '--batch-size', 'tfjs-native']) {
    expect(text).toContain(`'${word}'`);
  }
});
