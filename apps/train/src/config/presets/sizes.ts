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
  /** Of π0-FAST on the embedded recordings: its tokenizer, the tokens of a sequence, and of the actions alone. */
  readonly fast: Values;
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
  fast: { maxTokenLen: 200, maxDecodingSteps: 80, fast: { scale: 4, vocabSize: 512 } },
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
  fast: { maxTokenLen: 560, maxDecodingSteps: 430 },
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
  fast: { maxTokenLen: 560, maxDecodingSteps: 430 },
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
  fast: { maxTokenLen: 560, maxDecodingSteps: 430 },
  training: {},
};

const promptTokens = { pi0: 48, pi05: 200 } as const;

const titles = { pi0: 'π0', pi05: 'π0.5', 'pi0-fast': 'π0-FAST' } as const;

/** A family at a size; without cameras, as the embedded recordings have none. */
const presetOf = (kind: keyof typeof titles, size: Size): Preset => ({
  name: `${kind}-${size.name}`,
  description: `${titles[kind]}, ${size.description}`,
  source: size.source,
  values: {
    model: {
      kind,
      actionDim: 32,
      paligemma: size.paligemma,
      actionHorizon: size.actionHorizon,
      ...(kind === 'pi0-fast' ? size.fast : { maxTokenLen: promptTokens[kind], actionExpert: size.actionExpert }),
    },
    ...size.training,
  },
});

const sizes = [tiny, small, mid, size300m] as const;

/** Every family at every size below openpi's own. */
export const sizePresets: readonly Preset[] = (['pi0', 'pi05', 'pi0-fast'] as const).flatMap((kind) =>
  sizes.map((size) => presetOf(kind, size)),
);
