import type { FamilyNames } from '@torsor/checkpoint';
import type { NormalizationMode } from '@torsor/data';
import type { AugmentationInputs, FreezeFilter, GemmaConfig, InitOptions, ModelError } from '@torsor/models';
import type { Key } from '@torsor/random';
import type { DType, Expr, TensorType, TensorValue, ValueError } from '@torsor/tensor';
import type { ActionTokenizer, SequenceOptions, TextTokenizer } from '@torsor/tokenizer';
import type { Tree, TreeNode } from '@torsor/tree';
import type * as E from 'fp-ts/lib/Either.js';
import type * as z from 'zod';
import type { Effect } from '../device/compile.js';
import type { Pictures } from '../inputs/pictures.js';
import type { SequenceEncoder } from '../inputs/sequences.js';
import type { ModelSizes } from '../inputs/sizes.js';
import type { BatchInputs } from '../inputs/tensors.js';
import type { Sampler, SamplerOptions } from '../sampling/sampler.js';
import type { GemmaSettings } from './gemma.js';
import type { LerobotModel } from './lerobot.js';

/** What is read of the settings of every family. */
export type CommonSettings = ModelSizes & {
  readonly kind: string;
  readonly vocabSize: number | null;
  readonly cameras: readonly string[];
  readonly lora: 'textbook' | 'openpi';
  readonly computeDtype: 'f32' | 'bf16';
  readonly paligemma: GemmaSettings;
};

/** The losses of a batch. */
export type LossTerms = {
  /** The samples on the first axis; what is trained is its mean. */
  readonly loss: Expr;
  /** What else is measured, by the name of its metric; the samples on the first axis. */
  readonly measured: { readonly [metric: string]: Expr };
};

/** A model of a family, of known sizes: all that a trainer or a robot needs to know of it. */
export type PolicyModel = {
  readonly kind: string;
  readonly sizes: ModelSizes;
  readonly cameras: readonly string[];
  /** What cannot be built: adapters wider than their weights, pictures that patches do not fill. */
  readonly errors: readonly ModelError[];
  /** By openpi's paths, all in float32. */
  readonly paramTypes: Tree<TensorType>;
  readonly initParams: (key: Key, options?: InitOptions) => Tree<TensorValue>;
  /** The parameters that stay as they are where low-rank factors are trained in their place; none without factors. */
  readonly freezeFilter: FreezeFilter | undefined;
  /** The types of a batch of `b` samples, as the host sends it. */
  readonly batchTypes: (pictures: Pictures, b: number) => TreeNode<TensorType>;
  /**
   * A batch of `b` samples as tensors, of the structure of `batchTypes`.
   *
   * @errors `ValueError` when an array has not the size that the model says.
   */
  readonly batchTensors: (inputs: BatchInputs, b: number) => E.Either<ValueError, TreeNode<TensorValue>>;
  /**
   * The losses of a batch of `batchTypes`, with what varies its pictures where they are varied.
   *
   * @param realDims - action dimensions that are not padding.
   */
  readonly loss: (pictures: Pictures, params: Tree<Expr>, batch: TreeNode<Expr>, realDims: number) => LossTerms;
  /** What is measured of held-out samples; no pictures are varied. */
  readonly heldOutLoss: PolicyModel['loss'];
  /** Compiles what makes chunks of actions. */
  readonly sampler: (options: SamplerOptions) => Effect<Sampler>;
};

/** How a family writes actions as tokens. */
export type ActionTokenSettings = {
  /** Folder of a FAST processor; `null`: fitted on training chunks. */
  readonly path: string | null;
  readonly scale: number;
  readonly vocabSize: number;
  readonly onOutOfRange: 'refuse' | 'clamp';
};

/** A size that every family can have. */
export type FamilySize = {
  readonly actionExpert: { readonly [setting: string]: unknown };
  /** Tokens of a sequence that holds actions too. */
  readonly sequence: {
    readonly maxTokenLen: number;
    readonly maxDecodingSteps: number;
    readonly [setting: string]: unknown;
  };
};

/** Of a family whose sequences are prompts alone. */
export type TextSequences<S> = {
  readonly _tag: 'Text';
  readonly encoder: (settings: S, text: TextTokenizer, options: SequenceOptions) => SequenceEncoder;
};

/** Of a family whose sequences are prompts and actions. */
export type ActionSequences<S> = {
  readonly _tag: 'Actions';
  readonly tokens: (settings: S) => ActionTokenSettings;
  /** @param withActions - false for the prompts that actions are decoded from. */
  readonly encoder: (
    text: TextTokenizer,
    codec: ActionTokenizer,
    options: SequenceOptions,
    withActions: boolean,
  ) => SequenceEncoder;
};

/**
 * A family of policies: everything that differs between π0, π0.5 and π0-FAST outside `@torsor/models`. What takes a policy
 * takes this record or a `PolicyModel` that it made, and asks no kind.
 */
export type Family<S extends CommonSettings = CommonSettings> = {
  readonly kind: S['kind'];
  /** As a person writes it. */
  readonly title: string;
  readonly schema: z.ZodType<S>;
  /** Of its parameters in other libraries. */
  readonly names: FamilyNames;
  /**
   * The policy in LeRobot, or the setting that LeRobot has no word for.
   *
   * @param numSamplingSteps - of a chunk.
   */
  readonly lerobot: (settings: S, numSamplingSteps: number) => E.Either<string, LerobotModel>;
  /** The statistics that its actions are normalized by, as in openpi. */
  readonly normMode: NormalizationMode;
  /** Every expert, the one that reads the prompt first. */
  readonly experts: (settings: S) => readonly GemmaConfig[];
  /**
   * @param vocabulary - rows of the embedding table where the settings leave them to the tokenizer.
   * @param frozenDtype - what openpi stores frozen parameters in, where the table is one of them; whatever holds them.
   */
  readonly modelOf: (settings: S, vocabulary: number, frozenDtype?: DType) => PolicyModel;
  readonly sequences: TextSequences<S> | ActionSequences<S>;
  /** What it takes of a size, beside the first expert and the horizon: for presets. */
  readonly ofSize: (size: FamilySize) => { readonly [setting: string]: unknown };
  /** Facts of the settings that no other family has, for people. */
  readonly facts: (settings: S) => readonly (readonly [name: string, text: string])[];
};

/** `program` gives a batch the structure of its types: those of `batchTypes`, with varied pictures in training. */
export type Sent<B> = B & { readonly augmentation?: AugmentationInputs };
