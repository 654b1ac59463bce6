import * as E from 'fp-ts/lib/Either.js';
import type { ConversionError } from '../conversion-error.js';
import type { Manifest } from '../manifest.js';
import type { Shapes } from '../names/plan.js';
import type { HeadSizes } from '../names/plan-import.js';
import type { FamilyNames, NameFormat, TargetFormat } from '../names/rule.js';
import type { TensorOverlay } from '../overlay.js';
import type { WeightAdapter } from './adapter.js';
import type { FloatDType } from './cast.js';

/** What is converted into what. */
export type ConversionOptions<X = never> = {
  /** A checkpoint of ours, a directory with one safetensors file or index, or such a file. */
  readonly input: string;
  /** The directory to make; it must not exist. */
  readonly output: string;
  /** Whose names the input uses; told from the names themselves when absent. */
  readonly from?: NameFormat | undefined;
  readonly to: TargetFormat;
  /** The families whose names are known. */
  readonly families: readonly FamilyNames[];
  /** Element type to write; each tensor keeps its own when absent. */
  readonly dtype?: FloatDType | undefined;
  /** Data bytes above which the output is divided into several files; one file when absent. */
  readonly maxShardBytes?: number | undefined;
  /** Accept infinities and NaN, which the report then counts. */
  readonly allowNonFinite?: boolean | undefined;
  /** How a PyTorch file's projections divide into heads; those of the released models when absent. */
  readonly heads?: HeadSizes | undefined;
  /** Shapes by openpi's path that the model must have. */
  readonly expected?: Shapes | undefined;
  /** Of a checkpoint of ours: what stands for parameters of the same name, averaged ones for example. */
  readonly overlay?: TensorOverlay | undefined;
  /** Of a checkpoint of ours: what goes with its weights. */
  readonly accompany?: ((checkpoint: ConvertedCheckpoint) => E.Either<X, Accompaniment>) | undefined;
};

/** A checkpoint of ours, its manifest read and checked. */
export type ConvertedCheckpoint = {
  readonly path: string;
  readonly manifest: Manifest;
  /** Of its parameters. */
  readonly shapes: Shapes;
};

/** What goes with the weights of a checkpoint of ours into another library. */
export type Accompaniment = {
  /** Low-rank factors to be added to the weights that they adapt. */
  readonly adapters: readonly WeightAdapter[];
  /** Further files of the output, by their paths in it. */
  readonly files: { readonly [path: string]: Uint8Array };
  /** Files of the checkpoint that are copied, by their paths in the output. */
  readonly copies: { readonly [path: string]: string };
  /** What the reader of the output should know. */
  readonly notes: readonly string[];
};

/** Weights and nothing else. */
export const unaccompanied: Accompaniment = { adapters: [], files: {}, copies: {}, notes: [] };

/** Heads of every released π0, π0.5 and π0-FAST. */
export const releasedHeads: HeadSizes = { headDim: 256, imageHeads: 16 };

const isPositive = (n: number | undefined): boolean => n === undefined || (Number.isSafeInteger(n) && n > 0);

/** Options whose numbers are in range. */
export const checkOptions = <X>(options: ConversionOptions<X>): E.Either<ConversionError, ConversionOptions<X>> => {
  const { maxShardBytes, heads, to } = options;
  if (to === 'openpi' && maxShardBytes !== undefined) {
    const expected = 'absent for openpi, which has a file for every parameter';
    return E.left({ _tag: 'BadOption', option: 'maxShardBytes', expected });
  }
  const counts = { maxShardBytes, 'heads.headDim': heads?.headDim, 'heads.imageHeads': heads?.imageHeads };
  const wrong = Object.entries(counts).find(([, n]) => !isPositive(n));
  return wrong === undefined
    ? E.right(options)
    : E.left({ _tag: 'BadOption', option: wrong[0], expected: `an integer from 1, not ${wrong[1]}` });
};
