import { expect, it } from 'vitest';
import { explainChoice } from '../src/index.js';

type Kind = 'xla' | 'tfjs-node-gpu' | 'tfjs-node' | 'wasm';

const no = (kind: Kind) => ({ kind, available: false, detail: `no ${kind}` });
const yes = (kind: Kind) => ({ kind, available: true, detail: `${kind} runs` });

it.each([
  ['auto', [yes('xla')], false, ['backend xla (the fastest there is): xla runs']],
  [
    'auto',
    [no('xla'), no('tfjs-node-gpu'), no('tfjs-node'), yes('wasm')],
    false,
    [
      'backend wasm (the fastest available; not available: xla, tfjs-node-gpu, tfjs-node): wasm runs',
      'for a faster one: npx torsor setup xla',
    ],
  ],
  [
    'auto',
    [no('xla'), yes('tfjs-node-gpu')],
    true,
    [
      'backend tfjs-node-gpu (the fastest available; not available: xla): tfjs-node-gpu runs',
      'for a faster one: npx torsor setup xla --cuda',
    ],
  ],
  ['wasm', [yes('wasm')], false, ['backend wasm, as asked: wasm runs']],
  ['xla', [no('xla')], true, ['xla: no xla', 'xla is set up by: npx torsor setup xla --cuda']],
  [
    'tfjs-node',
    [no('tfjs-node')],
    false,
    ['tfjs-node: no tfjs-node', 'tfjs-node is set up by: npx torsor setup tfjs-native'],
  ],
] as const)('%s of %j, GPU %s', (asked, attempts, gpu, messages) => {
  expect(explainChoice(asked, attempts, { gpu, typed: (...words) => `npx torsor ${words.join(' ')}` })).toEqual(
    messages,
  );
});
