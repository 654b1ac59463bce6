import { type Bench, type Measurement, ratioOf } from '../bench.js';
import { type Round, type Rounds, roundsOf } from './rounds.js';
import type { FlowName } from './sizes.js';
import { median, spread } from './statistics.js';

/** A number of each side of a round. */
type Pair = readonly [ours: number | null, peer: number | null];

/** Of paired rounds: the medians of both sides, and the smallest and largest ratio of single rounds. */
export const summary = (
  pairs: readonly Pair[],
  bound: Bench['bound'],
): Pick<Measurement, 'ours' | 'reference'> & { readonly spread: readonly [number, number] } => {
  const known = pairs.map(([ours, peer]) => [ours ?? Number.NaN, peer ?? Number.NaN] as const);
  return {
    ours: median(known.map(([ours]) => ours)),
    reference: median(known.map(([, peer]) => peer)),
    spread: spread(known.map(([ours, peer]) => ratioOf(bound, ours, peer))),
  };
};

/** What a bench says of the rounds of a configuration. */
type Claim = {
  readonly name: string;
  readonly config: FlowName;
  readonly what: string;
  readonly bound: Bench['bound'];
  readonly unit: string;
  readonly pair: (round: Round) => Pair;
  readonly detail?: (rounds: Rounds) => string;
};

const claim = ({ name, config, what, bound, unit, pair, detail }: Claim): Bench => ({
  name,
  reference: what,
  bound,
  run: async () => {
    const compared = await roundsOf(config);
    if ('skipped' in compared) return compared;
    const { rounds } = compared;
    const figures = summary(rounds.map(pair), bound);
    if (Number.isNaN(figures.ours + figures.reference)) return { skipped: 'this system does not say how much it was' };
    const text = [`${config}, ${rounds.length} rounds`, detail?.(compared)].filter((part) => part !== undefined);
    return { ...figures, unit, detail: text.join('; ') };
  },
});

const milliseconds = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);

const phases = ({ rounds }: Rounds, side: 'ours' | 'warm'): string => {
  const names = Object.keys(rounds[0]?.[side].phases ?? {});
  const parts = names.map(
    (name) => `${name} ${median(rounds.map((round) => round[side].phases[name] ?? Number.NaN)).toFixed(0)}`,
  );
  return `of it in ms: ${parts.join(', ')}`;
};

const processor = ({ rounds }: Rounds, side: 'ours' | 'warm'): string => {
  const [ours, peer] = [side, 'peer' as const].map((name) =>
    median(rounds.map((round) => round[name].firstStepCpu ?? Number.NaN)).toFixed(1),
  );
  return `processor seconds ${ours} and ${peer}`;
};

const steps = (name: FlowName, timesFaster: number): Bench =>
  claim({
    name: `xla-train-${name}`,
    config: name,
    what: "openpi's train step in JAX",
    bound: { timesFaster },
    unit: 'ms',
    pair: ({ ours, peer }) => [milliseconds(ours.step), milliseconds(peer.step)],
  });

const samples = (name: FlowName): Bench =>
  claim({
    name: `xla-sample-${name}`,
    config: name,
    what: "openpi's sampling in JAX, 10 steps, batch 1",
    bound: { timesFaster: 1 },
    unit: 'ms',
    pair: ({ ours, peer }) => [milliseconds(ours.sample), milliseconds(peer.sample)],
  });

const firstStep = (name: FlowName): Bench =>
  claim({
    name: `xla-first-${name}`,
    config: name,
    what: 'from command to the end of the first step, openpi in JAX',
    bound: { timesFaster: 3 },
    unit: 's',
    pair: ({ ours, peer }) => [ours.firstStep, peer.firstStep],
    detail: (compared) => `${processor(compared, 'ours')}; ${phases(compared, 'ours')}`,
  });

const warmFirstStep = (name: FlowName): Bench =>
  claim({
    name: `xla-first-warm-${name}`,
    config: name,
    what: 'the same with a filled compile cache, openpi in JAX without one',
    bound: { timesFaster: 6 },
    unit: 's',
    pair: ({ warm, peer }) => [warm.firstStep, peer.firstStep],
    detail: (compared) =>
      `JAX with its own cache filled: ${compared.peerWarmFirstStep.toFixed(2)} s; ${processor(compared, 'warm')}; ${phases(compared, 'warm')}`,
  });

const memory = (name: FlowName): Bench =>
  claim({
    name: `xla-memory-${name}`,
    config: name,
    what: 'the most resident memory until training ended, openpi in JAX',
    bound: { atMost: 1 },
    unit: 'MB',
    pair: ({ ours, peer }) => [ours.trainingMemory, peer.trainingMemory],
    detail: ({ rounds }) =>
      `with sampling ${median(rounds.map(({ ours }) => ours.memory ?? Number.NaN)).toFixed(0)} MB`,
  });

const overhead: Bench = claim({
  name: 'xla-overhead-mid_text',
  config: 'mid_text',
  what: 'the step; ours is one that computes nothing, with the same buffers, draws and reads',
  bound: { atMost: 0.02 },
  unit: 'ms',
  pair: ({ ours }) => [milliseconds(ours.idleStep), milliseconds(ours.step)],
});

const measured: readonly (readonly [FlowName, number])[] = [
  ['small', 2],
  ['mid_S16', 1.2],
  ['mid_Ti16', 1.2],
  ['small_text', 2],
  ['mid_text', 1.2],
];

/** Both sides in turn, with image towers and without. */
export const openpiBenches: readonly Bench[] = [
  ...measured.flatMap(([name, timesFaster]) => [
    steps(name, timesFaster),
    samples(name),
    firstStep(name),
    warmFirstStep(name),
    memory(name),
  ]),
  overhead,
];
