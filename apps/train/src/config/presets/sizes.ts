import { type Family, type FamilySize, families } from '@torsor/policy';
import type { Values } from '../layer.js';
import type { Preset } from '../preset.js';
import { gemma } from '../preset.js';

/** What the three families have at one size: the expert that reads, the one that acts, and how they are trained. */
type Size = {
  readonly name: string;
  readonly description: string;
  readonly source: string | null;
  readonly paligemma: Values;
  readonly actionExpert: Values;
  readonly actionHorizon: number;
  /** Of π0-FAST on the embedded recordings: the tokens of a sequence, of the actions alone, and its tokenizer. */
  readonly sequence: FamilySize['sequence'];
  readonly training: Values;
};

const tiny: Size = {
  name: 'tiny',
  description: 'a whole run in seconds',
  source: null,
  paligemma: gemma(16, 2, 32, 2, 1, 8),
  actionExpert: gemma(16, 2, 32, 2, 1, 8),
  actionHorizon: 10,
  // Coarser than openpi's 10: a fifth of the tokens, which a model of this size can learn to write.
  sequence: { maxTokenLen: 200, maxDecodingSteps: 80, fast: { scale: 4, vocabSize: 512 } },
  training: {
    batchSize: 4,
    steps: 20,
    lrSchedule: { kind: 'cosine', warmupSteps: 2, peakLr: 1e-3, decaySteps: 20, decayLr: 1e-4 },
    emaDecay: 0.9,
    logInterval: 5,
    evalInterval: 10,
    evalSamples: 2,
    evalWindows: 4,
    saveInterval: 10,
    keepPeriod: null,
  },
};

const small: Size = {
  name: 'small',
  description: 'width 64, 4 layers: minutes on two cores',
  source: 'bench_openpi.py CONFIGS["small"]: gemma, expert',
  paligemma: gemma(64, 4, 128, 8, 1, 16),
  actionExpert: gemma(64, 4, 128, 8, 1, 16),
  actionHorizon: 50,
  sequence: { maxTokenLen: 560, maxDecodingSteps: 430 },
  training: {
    batchSize: 8,
    steps: 5000,
    lrSchedule: { kind: 'cosine', warmupSteps: 100, peakLr: 1e-3, decaySteps: 5000, decayLr: 1e-5 },
    logInterval: 50,
  },
};

const mid: Size = {
  name: 'mid',
  description: 'widths 256 and 128, 6 layers: a native backend',
  source: 'bench_openpi.py CONFIGS["mid_S16"]: gemma, expert',
  paligemma: gemma(256, 6, 1024, 4, 1, 64),
  actionExpert: gemma(128, 6, 512, 4, 1, 64),
  actionHorizon: 50,
  sequence: { maxTokenLen: 560, maxDecodingSteps: 430 },
  training: {
    batchSize: 4,
    lrSchedule: { kind: 'cosine', warmupSteps: 1000, peakLr: 3e-4, decaySteps: 30_000, decayLr: 3e-6 },
  },
};

const size300m: Size = {
  name: '300m',
  description: 'gemma_300m for both experts: one GPU',
  source: 'openpi models/gemma.py get_config("gemma_300m") (15a9616)',
  paligemma: gemma(1024, 18, 4096, 8, 1, 256),
  actionExpert: gemma(1024, 18, 4096, 8, 1, 256),
  actionHorizon: 50,
  sequence: { maxTokenLen: 560, maxDecodingSteps: 430 },
  training: {},
};

/** A family at a size; without cameras, as the embedded recordings have none. */
const presetOf = ({ kind, title, ofSize }: Pick<Family, 'kind' | 'title' | 'ofSize'>, size: Size): Preset => ({
  name: `${kind}-${size.name}`,
  description: `${title}, ${size.description}`,
  source: size.source,
  values: {
    model: {
      kind,
      actionDim: 32,
      paligemma: size.paligemma,
      actionHorizon: size.actionHorizon,
      ...ofSize(size),
    },
    ...size.training,
  },
});

const sizes = [tiny, small, mid, size300m] as const;

/** Every family at every size below openpi's own. */
export const sizePresets: readonly Preset[] = Object.values(families).flatMap((family) =>
  sizes.map((size) => presetOf(family, size)),
);
