import { type BackendError, showBackendError } from '@torsor/backend';
import { type CheckpointError, showCheckpointError } from '@torsor/checkpoint';
import { type DataError, showDataError, showTransformError, type TransformError } from '@torsor/data';
import { type ModelError, showModelError } from '@torsor/models';
import { type DType, type ShapeError, showShapeError } from '@torsor/tensor';
import { showTokenizerError, type TokenizerError } from '@torsor/tokenizer';

/** Why a policy cannot be opened, or does not act. */
export type PolicyError =
  | { readonly _tag: 'Program'; readonly error: ShapeError }
  | { readonly _tag: 'Backend'; readonly error: BackendError }
  | { readonly _tag: 'Checkpoint'; readonly error: CheckpointError }
  | { readonly _tag: 'Data'; readonly error: DataError }
  | { readonly _tag: 'Tokenizer'; readonly error: TokenizerError }
  /** Samples that cannot be brought to a model, or what it sampled to a robot. */
  | { readonly _tag: 'Transform'; readonly error: TransformError }
  | { readonly _tag: 'Model'; readonly errors: readonly ModelError[] }
  /** The backend lacks the dtype that parameters are kept in. */
  | { readonly _tag: 'NoDType'; readonly backend: string; readonly dtype: DType }
  /** A lookup clamps: a token without a row would silently be another one. */
  | { readonly _tag: 'TooFewRows'; readonly rows: number; readonly tokens: number }
  | { readonly _tag: 'NotReadable'; readonly path: string; readonly reason: string }
  /** What a checkpoint says of its policy is not what this version reads. */
  | { readonly _tag: 'BadSettings'; readonly path: string; readonly field: string; readonly reason: string }
  /** What a policy does that another library has no word for. */
  | { readonly _tag: 'NotExported'; readonly path: string; readonly library: string; readonly reason: string }
  /** What a robot gave is not what the policy was trained on. */
  | {
      readonly _tag: 'BadObservation';
      readonly robot: number;
      readonly field: string;
      readonly expected: string;
      readonly found: string;
    }
  /** Arrays that do not fill the shapes that the model says: a fault of the program, not of its input. */
  | { readonly _tag: 'Defect'; readonly reason: string };

/** A refusal by what a transform asks says all: the transform adds nothing for people. */
const showRefusal = (error: TransformError): string => {
  if (error._tag === 'Refused') return showDataError(error.error);
  return error._tag === 'TokenizerRefused' ? error.reason : showTransformError(error);
};

/** One line: what was refused, what was expected, and what to do. */
export const showPolicyError = (error: PolicyError): string => {
  switch (error._tag) {
    case 'Program':
      return showShapeError(error.error);
    case 'Backend':
      return showBackendError(error.error);
    case 'Checkpoint':
      return showCheckpointError(error.error);
    case 'Data':
      return showDataError(error.error);
    case 'Tokenizer':
      return showTokenizerError(error.error);
    case 'Transform':
      return showRefusal(error.error);
    case 'Model':
      return error.errors.map(showModelError).join('; ');
    case 'NoDType':
      return `backend ${error.backend} has no ${error.dtype}, in which frozen parameters are kept: keep them in f32, or take another backend`;
    case 'TooFewRows':
      return `model.vocabSize is ${error.rows}, the tokenizer has ${error.tokens} tokens: give at least as many, or null`;
    case 'NotReadable':
      return `${error.path} cannot be read: ${error.reason}`;
    case 'BadSettings':
      return `${error.path}: ${error.field}: ${error.reason}; was it written by a newer version?`;
    case 'NotExported':
      return `${error.path}: ${error.library} has no policy with ${error.reason}; train without it, or convert to another format`;
    case 'BadObservation':
      return `robot ${error.robot}: ${error.field} should be ${error.expected}, it is ${error.found}`;
    case 'Defect':
      return `a defect of this program: ${error.reason}`;
  }
};

/** A task that a backend refused. */
export const backendError = (error: BackendError): PolicyError => ({ _tag: 'Backend', error });

/** Data that does not fit. */
export const dataError = (error: DataError): PolicyError => ({ _tag: 'Data', error });

/** Samples that cannot be brought to a model. */
export const transformError = (error: TransformError): PolicyError => ({ _tag: 'Transform', error });

/** A text or chunk that has no tokens. */
export const tokenizerError = (error: TokenizerError): PolicyError => ({ _tag: 'Tokenizer', error });

/** A checkpoint that is damaged, missing or of another model. */
export const checkpointError = (error: CheckpointError): PolicyError => ({ _tag: 'Checkpoint', error });

/** A fault of the program. */
export const defect = (reason: string): PolicyError => ({ _tag: 'Defect', reason });
