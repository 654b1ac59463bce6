import type { NormStats } from '../stats/norm-stats.js';
import type { DeltaMask } from './delta.js';
import type { NormalizationMode } from './normalize.js';

/** Which family a pipeline feeds: their cameras, masks and tokens differ. */
export type ModelKind = 'pi0' | 'pi05' | 'pi0-fast';

/** New keys, each with the `/`-joined path of the entry that it takes. */
export type RepackStructure = { readonly [key: string]: string | RepackStructure };

/**
 * One step on the samples of a batch, each for itself, as data: what it does is `applyTransforms`.
 *
 * @source openpi `transforms.py` and `policies/{aloha,libero,droid}_policy.py` (15a9616)
 */
export type Transform =
  /** Keeps and renames entries; the others are dropped. */
  | { readonly kind: 'RepackTransform'; readonly structure: RepackStructure }
  /** Gives a prompt to a sample that has none; null gives none. */
  | { readonly kind: 'InjectDefaultPrompt'; readonly prompt: string | null }
  /** The text of `task_index` as prompt. */
  | { readonly kind: 'PromptFromLeRobotTask'; readonly tasks: { readonly [taskIndex: number]: string } }
  /** ALOHA's cameras and 14 joints; with `adaptToPi` in the joint space of openpi's own robots. */
  | { readonly kind: 'AlohaInputs'; readonly adaptToPi: boolean }
  | { readonly kind: 'AlohaOutputs'; readonly adaptToPi: boolean }
  /** ALOHA's states or actions, where there are any, in the joint space of openpi's own robots; the rest stays as it is. */
  | { readonly kind: 'AlohaToPi'; readonly key: 'state' | 'actions' }
  /** Actions of openpi's own robots as ALOHA's. */
  | { readonly kind: 'AlohaFromPi' }
  | { readonly kind: 'LiberoInputs'; readonly model: ModelKind }
  | { readonly kind: 'LiberoOutputs' }
  | { readonly kind: 'DroidInputs'; readonly model: ModelKind }
  | { readonly kind: 'DroidOutputs' }
  /** Actions minus the state where the mask is true; null or samples without actions: nothing. */
  | { readonly kind: 'DeltaActions'; readonly mask: DeltaMask | null }
  | { readonly kind: 'AbsoluteActions'; readonly mask: DeltaMask | null }
  | { readonly kind: 'SubsampleActions'; readonly stride: number }
  /** The first dimensions of actions: what `PadStatesAndActions` added is cut. */
  | { readonly kind: 'SliceActions'; readonly actionDim: number }
  /** State and actions in the units of the statistics: those that there are, and that have statistics. */
  | { readonly kind: 'Normalize'; readonly stats: Partial<NormStats>; readonly mode: NormalizationMode }
  /** Everything that has statistics, in the dataset's units. */
  | { readonly kind: 'Unnormalize'; readonly stats: Partial<NormStats>; readonly mode: NormalizationMode }
  /** Every picture, resized without distortion and centred on black. */
  | { readonly kind: 'ResizeImages'; readonly height: number; readonly width: number }
  /** The prompt in tokens, their mask, and how many were cut (`tokens_cut`, of which openpi keeps no count). */
  | { readonly kind: 'TokenizePrompt'; readonly discreteStateInput: boolean }
  /** Prompt, state and actions in tokens, their masks, and how many were cut. */
  | { readonly kind: 'TokenizeFASTInputs' }
  | { readonly kind: 'ExtractFASTActions'; readonly actionHorizon: number; readonly actionDim: number }
  /** Zeros up to the model's width; wider vectors are refused. */
  | { readonly kind: 'PadStatesAndActions'; readonly modelActionDim: number };

/** What is done to a sample on its way to a model, and to what the model gives on the way back. */
export type Group = {
  readonly inputs: readonly Transform[];
  readonly outputs: readonly Transform[];
};

/** The group that does nothing. */
export const emptyGroup: Group = { inputs: [], outputs: [] };

/**
 * A group with another inside it, nearer to the model: inputs go to the end, outputs to the beginning.
 *
 * @law a monoid with `emptyGroup`; when each inner output undoes its inner input, so do those of the result.
 * @source openpi `transforms.py` `Group.push` (15a9616)
 */
export const push = (outer: Group, inner: Group): Group => ({
  inputs: [...outer.inputs, ...inner.inputs],
  outputs: [...inner.outputs, ...outer.outputs],
});
