import { showType, type TensorType } from './type.js';

/** A primitive refused its operands: their shapes, dtypes or its parameters do not fit. */
export type ShapeError = {
  readonly _tag: 'ShapeError';
  /** The name of the primitive, or of the composite that refused. */
  readonly primitive: string;
  readonly operands: readonly TensorType[];
  readonly reason: string;
  /** The first place outside this package, `file:line:column`, when the runtime tells it. */
  readonly builtAt: string;
};

/** A sentence that names the primitive, its operands, what was expected and the place. */
export const showShapeError = (error: ShapeError): string =>
  `${error.primitive}(${error.operands.map(showType).join(', ')}): ${error.reason}` +
  (error.builtAt === '' ? '' : `\n  built at ${error.builtAt}`);

/** Declared here because the language runs in Node, browsers and workers and takes the global types of none. */
const { url = '' }: { readonly url?: string } = import.meta;
const errors: { readonly prototype: Error; stackTraceLimit?: number } = Error;

const ownDirectory = url.slice(0, url.lastIndexOf('/') + 1);
const ownPath = ownDirectory.replace(/^file:\/\//, '');

const isOwnFrame = (frame: string): boolean =>
  ownDirectory !== '' && (frame.includes(ownDirectory) || frame.includes(ownPath));

const framePlace = (frame: string): string => {
  const place = /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(frame)?.[1];
  return place?.replace(/^file:\/\//, '') ?? '';
};

/** Composites of composites put many of our own frames before the caller's. */
const framesSearched = 64;

const stackFrames = (): readonly string[] => {
  const limit = errors.stackTraceLimit ?? framesSearched;
  errors.stackTraceLimit = framesSearched;
  const frames = (new Error().stack ?? '').split('\n').map((line) => line.trim());
  errors.stackTraceLimit = limit;
  return frames.filter((frame) => frame.startsWith('at '));
};

/** The first stack frame outside this package, or `''` where the runtime keeps no stack. */
const callerPlace = (): string => {
  const caller = stackFrames().find((frame) => !isOwnFrame(frame));
  return caller === undefined ? '' : framePlace(caller);
};

/** A {@link ShapeError} that carries the place of the caller. */
export const shapeError = (primitive: string, operands: readonly TensorType[], reason: string): ShapeError => ({
  _tag: 'ShapeError',
  primitive,
  operands,
  reason,
  builtAt: callerPlace(),
});
