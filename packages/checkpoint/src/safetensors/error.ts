/**
 * Why a safetensors file was refused, each case with the numbers that contradict each other.
 *
 * `HeaderTruncated` the file ends inside its header; `HeaderTooLarge` the header claims more than 100 MB; `HeaderNotJson` the
 * header is not one JSON object in UTF-8; `DuplicateKey` two tensors or fields share a name; `BadName` a name that cannot be
 * stored; `BadEntry` a field of one tensor has the wrong form; `UnknownDType`; `SizeMismatch` shape times item size is not the
 * number of bytes; `TooLarge` no array of this version of Node, or of this machine's memory, holds so much; `BadOffsets` tensors overlap, leave a gap or leave the file; `WrongDType` a typed view of another dtype.
 */
export type SafetensorsError =
  | { readonly _tag: 'HeaderTruncated'; readonly needed: number; readonly available: number }
  | { readonly _tag: 'HeaderTooLarge'; readonly length: string; readonly limit: number }
  | { readonly _tag: 'HeaderNotJson'; readonly reason: string }
  | { readonly _tag: 'DuplicateKey'; readonly key: string }
  | { readonly _tag: 'BadName'; readonly name: string; readonly reason: string }
  | { readonly _tag: 'BadEntry'; readonly name: string; readonly field: string; readonly expected: string }
  | { readonly _tag: 'UnknownDType'; readonly name: string; readonly dtype: string }
  | { readonly _tag: 'SizeMismatch'; readonly name: string; readonly expected: number; readonly actual: number }
  | { readonly _tag: 'TooLarge'; readonly name: string; readonly bytes: number }
  | { readonly _tag: 'BadOffsets'; readonly name: string; readonly expected: number; readonly actual: number }
  | { readonly _tag: 'WrongDType'; readonly dtype: string; readonly wanted: string };

/** One line in words for a `SafetensorsError`: what was found, what was expected, what to do. */
export const showSafetensorsError = (error: SafetensorsError): string => {
  switch (error._tag) {
    case 'HeaderTruncated':
      return `safetensors header needs ${error.needed} bytes and the file has ${error.available}: it is cut short; copy it again`;
    case 'HeaderTooLarge':
      return `safetensors header claims ${error.length} bytes, more than the limit of ${error.limit}: this is not a safetensors file`;
    case 'HeaderNotJson':
      return `safetensors header is not one JSON object: ${error.reason}`;
    case 'DuplicateKey':
      return `safetensors header names '${error.key}' twice: expected every name once`;
    case 'BadName':
      return `tensor name '${error.name}' ${error.reason}: choose another name`;
    case 'BadEntry':
      return `'${error.name}' in the safetensors header: field '${error.field}' must be ${error.expected}`;
    case 'UnknownDType':
      return `tensor '${error.name}' has dtype '${error.dtype}', which this reader does not know`;
    case 'SizeMismatch':
      return `tensor '${error.name}' needs ${error.expected} bytes by its shape and dtype, and has ${error.actual}`;
    case 'TooLarge':
      return `'${error.name}' has ${error.bytes} bytes, more than one array holds here: read or write it in pieces, or free memory`;
    case 'BadOffsets':
      return `'${error.name}' must be at byte ${error.expected} of the data and is at ${error.actual}: tensors overlap, leave a gap, or the file is cut short`;
    case 'WrongDType':
      return `a tensor of dtype ${error.dtype} was read as ${error.wanted}: convert it explicitly`;
  }
};
