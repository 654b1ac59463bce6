import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { runChild } from '../../src/xla/child.js';
import { peerChild, peerIn } from '../../src/xla/sides.js';

describe('peerIn', () => {
  it('is found by two variables', () =>
    expect(peerIn({ TORSOR_PEER_PYTHON: 'python', OPENPI_DIR: 'openpi' })).toEqual({
      python: 'python',
      openpi: 'openpi',
    }));

  it.each([
    [{}, 'TORSOR_PEER_PYTHON and OPENPI_DIR not set'],
    [{ TORSOR_PEER_PYTHON: 'python', OPENPI_DIR: '' }, 'OPENPI_DIR not set'],
    [{ OPENPI_DIR: 'openpi' }, 'TORSOR_PEER_PYTHON not set'],
  ])('%j: skipped with what is missing', (env, reason) =>
    expect(peerIn(env)).toEqual({ skipped: expect.stringContaining(reason) }),
  );
});

describe('peerChild', () => {
  const peer = { python: 'python', openpi: 'openpi' };

  it('keeps compiled programs only where asked', () => {
    const amount = { steps: 3, samples: 2 };
    expect(peerChild(peer, 'mid_text', amount, null).args).not.toContain('--cache');
    expect(peerChild(peer, 'mid_text', amount, 'here').args.slice(-2)).toEqual(['--cache', 'here']);
  });
});

describe('runChild', () => {
  it('gives what was printed', async () =>
    expect(await runChild({ command: process.execPath, args: ['-e', 'console.log(1)'] })).toEqual(E.right('1\n')));

  it('says how it ended and what it complained of', async () => {
    const failed = await runChild({ command: process.execPath, args: ['-e', 'console.error("no"); process.exit(3)'] });
    expect(failed).toEqual(E.left(expect.stringMatching(/ended with 3:\nno/)));
  });

  it('says when a command does not start', async () =>
    expect(E.isLeft(await runChild({ command: './no-such-command', args: [] }))).toBe(true));
});
