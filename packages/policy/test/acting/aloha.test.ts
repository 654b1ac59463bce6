import { referenceBackend } from '@torsor/backend';
import { applyTransforms, float32At, makeBoolMask, NdArray } from '@torsor/data';
import { key } from '@torsor/random';
import { describe, expect, it } from 'vitest';
import { openPolicy } from '../../src/index.js';
import { characters } from '../characters.js';
import { left, right } from '../right.js';
import { runFolder } from '../saved-run.js';
import { savePolicy } from './saved-policy.js';

const folder = runFolder();

const vector = Array.from({ length: 14 }, (_, i) => i);

const stats = {
  mean: vector.map((i) => Math.sin(i)),
  std: vector.map((i) => 0.5 + Math.cos(i) ** 2),
  q01: null,
  q99: null,
};

/** What a policy that is the same but for its joints does at a state. */
const acted = async (data: { readonly adaptToPi?: boolean }, state: ArrayLike<number>): Promise<Float32Array> => {
  const { path } = await savePolicy(await folder.fresh(), 'pi0', {
    model: { actionDim: 14 },
    data: { deltaActionMask: makeBoolMask(6, -1, 6, -1), ...data },
    statistics: { state: stats, actions: stats },
  });
  const policy = right(await openPolicy({ backend: referenceBackend(), path, tokenizer: characters(140) })());
  const [robot] = right(await policy.act([{ state, prompt: 'go', pictures: {} }], key(3))());
  return robot?.actions ?? new Float32Array(0);
};

const state = Float32Array.from(vector, (i) => Math.cos(2 * i) / 2);

describe("a policy that was trained in the joints of openpi's own robots", () => {
  it('is asked in those of ALOHA, and answers in them', async () => {
    const [own, inPi] = [
      await acted({ adaptToPi: true }, state),
      right(applyTransforms([{ kind: 'AlohaToPi', key: 'state' }])({ state: new NdArray('float32', [1, 14], state) })),
    ];
    const plain = await acted({ adaptToPi: false }, right(float32At(inPi, 'state')));
    const back = applyTransforms([{ kind: 'AlohaFromPi' }])({
      actions: new NdArray('float32', [1, plain.length / 14, 14], plain),
    });
    expect([...own]).toEqual([...right(float32At(right(back), 'actions'))].map((x) => expect.closeTo(x, 3)));
    expect(own).not.toEqual(plain);
  });

  it('says so: one that says nothing was trained in those of its dataset', async () => {
    expect(await acted({}, state)).toEqual(await acted({ adaptToPi: false }, state));
    const { path } = await savePolicy(await folder.fresh(), 'pi0', { data: { adaptToPi: 'yes' } });
    expect(left(await openPolicy({ backend: referenceBackend(), path, tokenizer: characters(140) })())).toMatchObject({
      _tag: 'BadSettings',
      field: 'data.adaptToPi',
    });
  });
});
