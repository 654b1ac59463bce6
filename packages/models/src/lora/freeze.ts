import type { GemmaConfig } from '../gemma/config.js';

/** Whether a parameter is frozen, by its path. */
export type FreezeFilter = (path: string) => boolean;

/** The experts of a policy; π0-FAST has no action expert. */
export type PolicyExperts = {
  readonly paligemma: GemmaConfig;
  readonly actionExpert?: GemmaConfig;
};

const ofGemma = /^.*llm.*$/u;
const ofActionExpert = /^.*llm.*_1.*$/u;
const ofAdapters = /^.*lora.*$/u;

/**
 * The parameters that a policy with adapters leaves as they are: everything of the experts that have adapters, their
 * normalizations and the embedding table included, but the adapters themselves. The vision tower, the projections of
 * states, actions and time, and an expert without adapters are trained.
 *
 * @returns undefined when no expert has adapters: then everything is trained.
 * @source openpi `models/pi0_config.py`, `models/pi0_fast.py` `get_freeze_filter` (15a9616)
 */
export const freezeFilter = ({ paligemma, actionExpert }: PolicyExperts): FreezeFilter | undefined => {
  const [first, second] = [paligemma.lora !== undefined, actionExpert?.lora !== undefined];
  if (!first && !second) return undefined;
  const frozen = first ? ofGemma : ofActionExpert;
  const trained = first && !second ? [ofAdapters, ofActionExpert] : [ofAdapters];
  return (path) => frozen.test(path) && !trained.some((pattern) => pattern.test(path));
};
