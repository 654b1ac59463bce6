import type { Values } from '../layer.js';
import type { Preset } from '../preset.js';
import { gemma, withLora } from '../preset.js';

const gemma2b = gemma(2048, 18, 16_384, 8, 1, 256);
const gemma300m = gemma(1024, 18, 4096, 8, 1, 256);
const dummy = gemma(64, 4, 128, 8, 1, 16);

const cameras = ['base_0_rgb', 'left_wrist_0_rgb', 'right_wrist_0_rgb'];

/** What every openpi model has besides its experts. */
const common = { vocabSize: 257_152, imageSize: [224, 224], siglip: 'So400m/14', computeDtype: 'bf16' };

/** openpi's `Pi0Config()`. */
const pi0: Values = {
  kind: 'pi0',
  ...common,
  cameras,
  actionDim: 32,
  actionHorizon: 50,
  maxTokenLen: 48,
  paligemma: gemma2b,
  actionExpert: gemma300m,
};

/** openpi's `Pi0Config(pi05=True)`. */
const pi05: Values = { ...pi0, kind: 'pi05', maxTokenLen: 200 };

/** openpi's `Pi0FASTConfig()`. */
const pi0Fast: Values = {
  kind: 'pi0-fast',
  ...common,
  cameras: ['base_0_rgb', 'base_1_rgb', 'wrist_0_rgb'],
  actionDim: 32,
  actionHorizon: 32,
  maxTokenLen: 250,
  paligemma: gemma2b,
};

/** openpi's LIBERO data shows π0-FAST the cameras of the other families. */
const pi0FastLibero: Values = { ...pi0Fast, cameras, actionDim: 7, actionHorizon: 10, maxTokenLen: 180 };

const lowMemory: Values = { freezeForLora: true, emaDecay: null };

const loraExperts: Values = { lora: 'openpi', paligemma: withLora(gemma2b, 16), actionExpert: withLora(gemma300m, 32) };

const slow = { kind: 'cosine', warmupSteps: 1000, peakLr: 5e-5, decaySteps: 1_000_000, decayLr: 5e-5 };

/** openpi's `make_bool_mask`: the joints of an arm are learned relative to the state, its gripper is not. */
const arm = (joints: number): readonly boolean[] => [...Array.from({ length: joints }, () => true), false];

const liberoDelta: Values = { data: { deltaActionMask: arm(6) } };
const alohaDelta: Values = { data: { deltaActionMask: [...arm(6), ...arm(6)] } };
const droidDelta: Values = { data: { deltaActionMask: arm(7) } };

const models = 'openpi models/pi0_config.py, models/pi0_fast.py (15a9616)';

const named = (name: string, description: string, values: Values): Preset => ({
  name,
  description,
  source: `openpi training/config.py _CONFIGS "${name}" (15a9616)`,
  values,
});

/** The families as openpi configures them; every other field is openpi's default. */
const full: readonly Preset[] = [
  { name: 'pi0', description: 'π0 as openpi has it: 3.3 billion parameters', source: models, values: { model: pi0 } },
  { name: 'pi05', description: 'π0.5 as openpi has it', source: models, values: { model: pi05 } },
  { name: 'pi0-fast', description: 'π0-FAST as openpi has it', source: models, values: { model: pi0Fast } },
];

const debug: Values = { batchSize: 2, steps: 10, saveInterval: 100 };

/** openpi's own named configurations: models, optimizers and intervals; the data is the user's. */
export const openpiPresets: readonly Preset[] = [
  ...full,
  named('debug', 'π0 with dummy experts', { ...debug, model: { ...pi0, paligemma: dummy, actionExpert: dummy } }),
  named('debug_pi05', 'π0.5 with dummy experts', {
    ...debug,
    model: { ...pi05, paligemma: dummy, actionExpert: dummy },
  }),
  named('pi0_aloha_sim', 'π0 on the simulated ALOHA', {
    model: pi0,
    steps: 20_000,
    data: { deltaActionMask: null },
  }),
  named('pi0_aloha_pen_uncap', 'π0 on ALOHA', { model: pi0, steps: 20_000, ...alohaDelta }),
  named('pi05_aloha_pen_uncap', 'π0.5 on ALOHA', { model: pi05, steps: 20_000, batchSize: 64, ...alohaDelta }),
  named('pi0_libero', 'π0 on LIBERO', { model: pi0, ...liberoDelta }),
  named('pi0_libero_low_mem_finetune', 'π0 on LIBERO by LoRA', {
    ...lowMemory,
    ...liberoDelta,
    model: { ...pi0, ...loraExperts },
  }),
  named('pi0_fast_libero', 'π0-FAST on LIBERO', { model: pi0FastLibero, ...liberoDelta }),
  named('pi0_fast_libero_low_mem_finetune', 'π0-FAST on LIBERO by LoRA', {
    ...lowMemory,
    ...liberoDelta,
    model: { ...pi0FastLibero, lora: 'openpi', paligemma: withLora(gemma2b, 16) },
  }),
  named('pi05_libero', 'π0.5 on LIBERO', {
    model: { ...pi05, actionHorizon: 10, discreteStateInput: false },
    data: { deltaActionMask: null },
    batchSize: 256,
    lrSchedule: { ...slow, warmupSteps: 10_000 },
    emaDecay: 0.999,
  }),
  named('pi0_fast_full_droid_finetune', 'π0-FAST on DROID', {
    model: { ...pi0Fast, actionDim: 8, actionHorizon: 16, maxTokenLen: 180 },
    ...droidDelta,
    lrSchedule: slow,
    steps: 100_000,
    batchSize: 256,
    saveInterval: 5000,
    keepPeriod: 20_000,
  }),
  named('pi05_full_droid_finetune', 'π0.5 on DROID', {
    model: { ...pi05, actionHorizon: 16 },
    ...droidDelta,
    lrSchedule: slow,
    steps: 100_000,
    batchSize: 256,
    saveInterval: 5000,
    keepPeriod: 10_000,
  }),
  named('pi05_droid_finetune', 'π0.5 on a DROID robot of your own', {
    model: { ...pi05, actionHorizon: 16 },
    data: { deltaActionMask: null },
    steps: 20_000,
  }),
];
