/** Why the PJRT C API could not be used. */
export type PjrtError =
  /** The file does not load as a library, or holds no plugin. */
  | { readonly _tag: 'LoadFailed'; readonly path: string; readonly reason: string }
  /** The plugin speaks another version of the API. */
  | {
      readonly _tag: 'VersionMismatch';
      readonly path: string;
      readonly version: string;
      readonly reason: string;
    }
  /** A program whose run would need more memory than a device has. */
  | { readonly _tag: 'TooLarge'; readonly need: string; readonly available: string }
  /** A call that the plugin refused, in the plugin's own words. */
  | { readonly _tag: 'CallFailed'; readonly call: string; readonly code: string; readonly message: string };

/** A sentence that names the file or the call, and says what to do where something can be done. */
export const showPjrtError = (error: PjrtError): string => {
  switch (error._tag) {
    case 'LoadFailed':
      return `${error.path} does not load: ${error.reason}`;
    case 'VersionMismatch':
      return `${error.path} speaks version ${error.version} of the PJRT C API: ${error.reason}; setupXla fetches one that fits`;
    case 'TooLarge':
      return `the program does not fit: on each device ${error.need}, and the device has ${error.available}; a smaller batch, remat, or a mesh of more devices needs less`;
    case 'CallFailed':
      return `${error.call} (${error.code}): ${error.message}`;
  }
};

/** The names of the codes. @source OpenXLA `xla/pjrt/c/pjrt_c_api.h` `PJRT_Error_Code` */
const codes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** The name of an error code. */
export const codeName = (code: number): string => codes[code] ?? `code ${code}`;
