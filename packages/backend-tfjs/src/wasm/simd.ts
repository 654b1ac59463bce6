import { modules } from './module.js';

/** `[b, m, k] · [b, k, n]` of f32 at byte offsets of one memory. */
export type MultiplyAt = (x: number, y: number, out: number, b: number, m: number, k: number, n: number) => void;

/** A walk over two operands: rows whose beginnings lie `outer` elements apart, along which they move by 0 or 1. */
export type EvenRows = {
  readonly count: number;
  readonly length: number;
  readonly outer: readonly [number, number];
  readonly steps: readonly [number, number];
};

/** `out = x op y` of f32 at byte offsets, op being 0 for +, 1 for −, 2 for ·, 3 for /. */
export type ArithmeticAt = (
  op: number,
  x: number,
  y: number,
  out: number,
  count: number,
  length: number,
  outerX: number,
  outerY: number,
  stepX: number,
  stepY: number,
) => void;

/** This package's own kernels. */
export type OwnKernels = {
  readonly multiply: MultiplyAt;
  readonly arithmetic: ArithmeticAt;
};

/** A `WebAssembly.Memory`. */
export type Memory = {
  readonly buffer: ArrayBufferLike;
};

/** What is used of `WebAssembly`, whose types come with a browser's library only. */
type Engine = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

const isEngine = (value: unknown): value is Engine =>
  typeof value === 'object' && value !== null && 'Module' in value && 'Instance' in value;

const isKernels = (value: object): value is OwnKernels => 'multiply' in value && 'arithmetic' in value;

/** This package's own kernels in a memory that another module owns; undefined where it cannot be started. */
export const ownKernels = (memory: Memory): OwnKernels | undefined => {
  const engine: unknown = Reflect.get(globalThis, 'WebAssembly');
  if (!isEngine(engine)) return undefined;
  const bytes = memory.buffer instanceof ArrayBuffer ? modules.plain : modules.shared;
  try {
    const module = new engine.Module(Buffer.from(bytes, 'base64'));
    const { exports } = new engine.Instance(module, { env: { memory } });
    return isKernels(exports) ? exports : undefined;
  } catch {
    return undefined;
  }
};
