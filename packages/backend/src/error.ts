import { type ShardingError, showShardingError } from '@torsor/sharding';
import { type DType, type EvaluateError, showEvaluateError, showType, type TensorType } from '@torsor/tensor';

/** Why a backend could not do what was asked. */
export type BackendError =
  /** A program needs an element type that the backend has not, or has not for a primitive. */
  | {
      readonly _tag: 'UnsupportedDType';
      readonly backend: string;
      readonly primitive: string;
      readonly dtype: DType;
      readonly supported: readonly DType[];
    }
  /** A program needs something else that the backend has not. */
  | { readonly _tag: 'Unsupported'; readonly backend: string; readonly primitive: string; readonly reason: string }
  /** The inputs of a run do not fit the program. */
  | { readonly _tag: 'BadInput'; readonly error: EvaluateError }
  /** A run was told to give up what it cannot. */
  | { readonly _tag: 'BadDonation'; readonly path: string; readonly reason: string }
  /** A buffer was used after it was released or donated. */
  | { readonly _tag: 'ReleasedBuffer'; readonly backend: string; readonly type: TensorType }
  /** A buffer or an executable of another backend was given. */
  | { readonly _tag: 'Foreign'; readonly backend: string; readonly what: string }
  /** A tensor cannot lie on the mesh as it is asked to. */
  | { readonly _tag: 'BadSharding'; readonly backend: string; readonly error: ShardingError }
  /** The backend cannot be used on this machine. */
  | { readonly _tag: 'Unavailable'; readonly backend: string; readonly reason: string; readonly remedy: string }
  /** The runtime underneath failed. */
  | { readonly _tag: 'RuntimeFailure'; readonly backend: string; readonly during: string; readonly message: string };

/** A sentence that names the backend and the primitive, input or buffer, and says what to do. */
export const showBackendError = (error: BackendError): string => {
  switch (error._tag) {
    case 'UnsupportedDType':
      return `${error.primitive}: the backend ${error.backend} has no ${error.dtype} (it has ${error.supported.join(', ')}); convert to one of them or choose another backend`;
    case 'Unsupported':
      return `${error.primitive}: not supported by the backend ${error.backend}: ${error.reason}`;
    case 'BadInput':
      return showEvaluateError(error.error);
    case 'BadDonation':
      return `'${error.path}' cannot be donated: ${error.reason}`;
    case 'ReleasedBuffer':
      return `a ${showType(error.type)} of the backend ${error.backend} was used after it was released or donated`;
    case 'Foreign':
      return `${error.what} belongs to another backend than ${error.backend}; put the value there first`;
    case 'BadSharding':
      return `the backend ${error.backend}: ${showShardingError(error.error)}`;
    case 'Unavailable':
      return `the backend ${error.backend} cannot be used: ${error.reason}; ${error.remedy}`;
    case 'RuntimeFailure':
      return `the backend ${error.backend} failed during ${error.during}: ${error.message}`;
  }
};
