import { expect, it } from 'vitest';
import { explainChoice } from '../../src/backend/choice.js';

const no = (kind: 'tfjs-node-gpu' | 'tfjs-node' | 'wasm') => ({ kind, available: false, detail: `no ${kind}` });
const yes = (kind: 'tfjs-node-gpu' | 'tfjs-node' | 'wasm') => ({ kind, available: true, detail: `${kind} runs` });

it.each([
  ['auto', [yes('tfjs-node-gpu')], ['backend tfjs-node-gpu (the fastest there is): tfjs-node-gpu runs']],
  [
    'auto',
    [no('tfjs-node-gpu'), no('tfjs-node'), yes('wasm')],
    [
      'backend wasm (the fastest available; not available: tfjs-node-gpu, tfjs-node): wasm runs',
      'for a faster one: torsor setup tfjs-native',
    ],
  ],
  ['wasm', [yes('wasm')], ['backend wasm, as asked: wasm runs']],
  ['tfjs-node', [no('tfjs-node')], ['tfjs-node: no tfjs-node']],
] as const)('%s of %j', (asked, attempts, messages) => {
  expect(explainChoice(asked, attempts)).toEqual(messages);
});
