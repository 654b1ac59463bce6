import type { Preset } from '../preset.js';
import { gemma } from '../preset.js';

/** What `npm start` runs: the embedded robot data, within five minutes on two cores. */
export const quickstart: Preset = {
  name: 'pi0-g1-quickstart',
  description: 'the embedded Unitree G1 episodes, minutes on two cores',
  source: null,
  values: {
    model: {
      kind: 'pi0',
      actionDim: 32,
      actionHorizon: 50,
      maxTokenLen: 16,
      paligemma: gemma(64, 3, 128, 4, 1, 16),
      actionExpert: gemma(64, 3, 128, 4, 1, 16),
    },
    batchSize: 16,
    steps: 800,
    lrSchedule: { kind: 'cosine', warmupSteps: 50, peakLr: 2e-3, decaySteps: 800, decayLr: 5e-5 },
    emaDecay: 0.98,
    logInterval: 50,
    evalInterval: 200,
    saveInterval: 400,
    keepPeriod: null,
    maxMinutes: 4,
  },
};
