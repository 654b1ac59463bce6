import * as E from 'fp-ts/lib/Either.js';
import type { Bench } from '../bench.js';
import { runChild } from './child.js';
import { lastLine } from './report.js';
import { roundCount, xlaMissing } from './setting.js';
import { ourChild } from './sides.js';
import { median, spread } from './statistics.js';

const depths = [4, 18, 54];

const secondsIn = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.map((item) => (typeof item === 'number' ? item : Number.NaN)) : [];

/** Seconds to build and compile a step, depth by depth. */
const oneRound = async (): Promise<readonly number[]> => {
  const report = E.flatMap(lastLine)(await runChild(ourChild({ kind: 'depths', depths })));
  if (E.isLeft(report)) throw new Error(`depths: ${report.left}`);
  const [build, compile] = [secondsIn(report.right['build_s']), secondsIn(report.right['compile_s'])];
  return depths.map((_, i) => (build[i] ?? Number.NaN) + (compile[i] ?? Number.NaN));
};

/** Compiling a step of 54 layers against one of 4: a scan is a loop, so that depth costs nothing. */
export const depth: Bench = {
  name: 'xla-depth',
  reference: 'building and compiling a train step of 4 layers',
  bound: { atMost: 1.5 },
  run: async () => {
    const missing = await xlaMissing();
    if (missing !== null) return missing;
    const rounds: (readonly number[])[] = [];
    for (let i = 0; i < roundCount(); i++) rounds.push(await oneRound());
    const medians = depths.map((_, i) => median(rounds.map((seconds) => seconds[i] ?? Number.NaN)));
    const ratios = rounds.map((seconds) => (seconds.at(-1) ?? Number.NaN) / (seconds[0] ?? Number.NaN));
    return {
      ours: medians.at(-1) ?? Number.NaN,
      reference: medians[0] ?? Number.NaN,
      unit: 's',
      spread: spread(ratios),
      detail: depths.map((layers, i) => `${layers} layers ${medians[i]?.toFixed(2)} s`).join(', '),
    };
  },
};
