import type { Bench } from '../bench.js';
import { readyPeer, reportOf } from './rounds.js';
import { roundCount } from './setting.js';
import { ourChild, peerChild } from './sides.js';
import { type FastName, fastSizesOf } from './sizes.js';
import { median, spread } from './statistics.js';

const samples = 20;

/** Tokens per second of π0-FAST at batch 1, the prefix included; openpi's and ours in turn. */
const decoding = (config: FastName): Bench => ({
  name: `xla-decode-${config}`,
  reference: "openpi's π0-FAST decoding in JAX, batch 1",
  bound: { atLeast: 1 },
  run: async () => {
    const peer = await readyPeer();
    if ('skipped' in peer) return peer;
    const { decodingSteps } = fastSizesOf(config);
    const rate = (seconds: number | null): number => decodingSteps / (seconds ?? Number.NaN);
    const pairs: (readonly [number, number])[] = [];
    for (let i = 1; i <= roundCount(); i++) {
      const ours = await reportOf(`${config} ${i} ours`, ourChild({ kind: 'decode', config, samples }));
      const theirs = await reportOf(`${config} ${i} openpi`, peerChild(peer, config, { steps: 1, samples }, null));
      if (theirs.params !== ours.params) {
        throw new Error(`${config}: ours has ${ours.params} parameters, openpi ${theirs.params}: not the same model`);
      }
      pairs.push([rate(ours.sample), rate(theirs.sample)]);
    }
    return {
      ours: median(pairs.map(([ours]) => ours)),
      reference: median(pairs.map(([, theirs]) => theirs)),
      unit: 'tokens/s',
      spread: spread(pairs.map(([ours, theirs]) => ours / theirs)),
      detail: `${pairs.length} rounds of ${samples} answers of ${decodingSteps} tokens, each with its prefix`,
    };
  },
});

/** Both sides in turn. */
export const decodingBenches: readonly Bench[] = [decoding('small_fast'), decoding('mid_fast')];
