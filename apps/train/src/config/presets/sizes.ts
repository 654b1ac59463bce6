import type { Preset } from '../preset.js';
import { gemma } from '../preset.js';

const shape = { kind: 'pi0', actionDim: 32, actionHorizon: 50, maxTokenLen: 48 };

/** Seconds on any machine: to see a whole run. */
export const tiny: Preset = {
  name: 'pi0-tiny',
  description: 'a whole run in seconds',
  source: null,
  values: {
    model: {
      ...shape,
      actionHorizon: 10,
      paligemma: gemma(16, 2, 32, 2, 1, 8),
      actionExpert: gemma(16, 2, 32, 2, 1, 8),
    },
    batchSize: 4,
    steps: 20,
    lrSchedule: { kind: 'cosine', warmupSteps: 2, peakLr: 1e-3, decaySteps: 20, decayLr: 1e-4 },
    emaDecay: 0.9,
    logInterval: 5,
    evalInterval: 10,
    evalSamples: 2,
    saveInterval: 10,
    keepPeriod: null,
  },
};

/** The text and action part of the benchmark configuration `small`, with the chunk of the full model. */
export const small: Preset = {
  name: 'pi0-small',
  description: 'width 64, 4 layers: minutes on two cores',
  source: 'bench_openpi.py CONFIGS["small"]: gemma, expert, vocab',
  values: {
    model: {
      ...shape,
      vocabSize: 512,
      paligemma: gemma(64, 4, 128, 8, 1, 16),
      actionExpert: gemma(64, 4, 128, 8, 1, 16),
    },
    batchSize: 8,
    steps: 5000,
    lrSchedule: { kind: 'cosine', warmupSteps: 100, peakLr: 1e-3, decaySteps: 5000, decayLr: 1e-5 },
    logInterval: 50,
  },
};

/** The text and action part of the benchmark configuration `mid`. */
export const mid: Preset = {
  name: 'pi0-mid',
  description: 'widths 256 and 128, 6 layers: a native backend',
  source: 'bench_openpi.py CONFIGS["mid_S16"]: gemma, expert, vocab',
  values: {
    model: {
      ...shape,
      vocabSize: 2048,
      paligemma: gemma(256, 6, 1024, 4, 1, 64),
      actionExpert: gemma(128, 6, 512, 4, 1, 64),
    },
    batchSize: 4,
    lrSchedule: { kind: 'cosine', warmupSteps: 1000, peakLr: 3e-4, decaySteps: 30_000, decayLr: 3e-6 },
  },
};

/** π0 as openpi configures it; every other field is openpi's default. */
export const full: Preset = {
  name: 'pi0',
  description: 'gemma_2b with gemma_300m: large GPU memory',
  source: 'openpi models/gemma.py get_config("gemma_2b", "gemma_300m"), models/pi0_config.py Pi0Config (15a9616)',
  values: {
    model: {
      ...shape,
      vocabSize: 257_152,
      paligemma: gemma(2048, 18, 16_384, 8, 1, 256),
      actionExpert: gemma(1024, 18, 4096, 8, 1, 256),
    },
  },
};
