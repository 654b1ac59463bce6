import { polynomial } from './float32.js';

const fround = Math.fround;
const sqrtHalf = fround(Math.SQRT1_2);
// ln 2 in two parts, the larger exact in few bits.
const ln2High = fround(0.693359375);
const ln2Low = fround(-2.1219444e-4);

// Cephes `logf`: log(1 + x) = x − x²/2 + x³ P(x); the nine coefficients of P, taken three by three.
const P = [
  Float32Array.of(7.0376836292e-2, -1.151461031e-1, 1.167699874e-1),
  Float32Array.of(-1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1),
  Float32Array.of(2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1),
] as const;

// Cephes `log1p`: log(1 + x) = x − x²/2 + x³ N(x) / D(x).
const N = Float32Array.of(
  4.52700008624452e-5,
  4.985410282319338e-1,
  6.578732594206104,
  2.991191932855307e1,
  6.094966798098779e1,
  5.711296359058554e1,
  2.003955349920128e1,
);
const D = Float32Array.of(
  1,
  1.506290908346919e1,
  8.304756596796722e1,
  2.217623982373286e2,
  3.090987222531206e2,
  2.164278861449595e2,
  6.01186600476039e1,
);

const asFloat = new Float32Array(1);
const asBits = new Uint32Array(asFloat.buffer);

/** Natural logarithm of a positive normal float32, with the roundings of XLA's CPU code. */
const log = (value: number): number => {
  asFloat[0] = value;
  const bits = asBits[0] ?? 0;
  asBits[0] = (bits & 0x7fffff) | 0x3f000000;
  const mantissa = asFloat[0] ?? 0;
  const small = mantissa < sqrtHalf;
  const exponent = (bits >>> 23) - 126 - (small ? 1 : 0);
  const x = fround(fround(mantissa - 1) + (small ? mantissa : 0));
  const x2 = fround(x * x);
  const x3 = fround(x2 * x);
  const upper = fround(polynomial(P[0], x) * x3 + polynomial(P[1], x));
  const p = fround(upper * x3 + polynomial(P[2], x));
  const tail = fround(p * x3 + fround(ln2Low * exponent));
  return fround(fround(fround(x - 0.5 * x2) + tail) + ln2High * exponent);
};

/**
 * `log(1 + x)` for float32 `x` in (−1, 0], with the roundings of XLA's CPU code.
 *
 * @source openxla/xla `service/elemental_ir_emitter.cc` `EmitLog1p` and `service/cpu/llvm_ir_runtime.cc`, as in jaxlib 0.5.3.
 */
export const log1p = (x: number): number => {
  if (x < 1 - Math.SQRT2) return log(fround(1 + x));
  const x2 = fround(x * x);
  const ratio = fround(polynomial(N, x) / polynomial(D, x));
  return fround(x + fround(-0.5 * x2 + fround(x * x2) * ratio));
};
