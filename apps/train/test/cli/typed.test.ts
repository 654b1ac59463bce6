import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typedAs } from '../../src/cli/typed.js';

const folder = '/home/me/robot';
const local = '/home/me/robot/node_modules/.bin/torsor';
const npm = { npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64', npm_command: 'exec' };
const pnpm = { npm_config_user_agent: 'pnpm/10.34.9 npm/? node/v20.20.2', npm_command: 'run-script' };

// The environments are those that npm 11.19.1 and pnpm 10.34.9 were seen to set.
it.each([
  ['npx torsor setup xla', { ...npm, npm_lifecycle_event: 'npx' }, local],
  ['npm run torsor -- setup xla', { ...npm, npm_command: 'run', npm_lifecycle_event: 'torsor' }, local],
  ['npx torsor setup xla', { ...npm, npm_command: 'run', npm_lifecycle_event: 'learn' }, local],
  ['pnpm torsor setup xla', pnpm, '/home/me/robot/node_modules/@torsor/train/dist/main.js'],
  ['pnpm run torsor setup xla', { ...pnpm, npm_lifecycle_event: 'torsor' }, local],
  ['npx torsor setup xla', {}, local],
  ['torsor setup xla', {}, '/usr/lib/node_modules/@torsor/train/dist/main.js'],
  ['torsor setup xla', {}, '/usr/bin/torsor'],
  ['node dist/main.js setup xla', {}, '/home/me/robot/dist/main.js'],
  ['node /work/dist/main.js setup xla', {}, '/work/dist/main.js'],
  ['npm run torsor -- setup xla', { ...npm, TORSOR_INVOKED_AS: 'npm start --' }, local],
  ['pnpm run torsor setup xla', { ...pnpm, TORSOR_INVOKED_AS: 'pnpm start' }, local],
  ['pnpm torsor setup xla', { ...npm, TORSOR_INVOKED_AS: 'pnpm torsor' }, local],
])('%s', (line, env, file) => expect(typedAs({ env, file, folder })('setup', 'xla')).toBe(line));

describe('training', () => {
  it('is what a start does', () => {
    const typed = typedAs({ env: { TORSOR_INVOKED_AS: 'npm start --' }, file: local, folder });
    expect(typed('train', '--resume', '--out', 'runs/a')).toBe('npm start -- --resume --out runs/a');
  });

  it('a shell reads the words that were meant', () => {
    const typed = typedAs({ env: { TORSOR_INVOKED_AS: "printf '%s\\n'" }, file: local, folder });
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ -~]{1,9}$/u), { minLength: 1, maxLength: 3 }), (words) => {
        const read = execFileSync('sh', ['-c', typed(...words)], { encoding: 'utf8' });
        expect(read).toBe(`${words.join('\n')}\n`);
      }),
      { numRuns: 30 },
    );
  });
});
