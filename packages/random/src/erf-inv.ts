import { polynomial } from './float32.js';
import { log1p } from './log-float32.js';

const fround = Math.fround;

// Coefficients of Giles 2012, "Approximating the erfinv function", single precision, highest power first.
const central = Float32Array.of(
  2.81022636e-8,
  3.43273939e-7,
  -3.5233877e-6,
  -4.39150654e-6,
  0.00021858087,
  -0.00125372503,
  -0.00417768164,
  0.246640727,
  1.50140941,
);
const tail = Float32Array.of(
  -0.000200214257,
  0.000100950558,
  0.00134934322,
  -0.00367342844,
  0.00573950773,
  -0.0076224613,
  0.00943887047,
  1.00167406,
  2.83297682,
);

/** Inverse of the error function in float32 arithmetic; `x` in (−1, 1). */
export const erfInv = (x: number): number => {
  // x² is rounded before the logarithm as XLA does it: near ±1 this decides the value.
  const w = -log1p(-fround(x * x));
  const p = w < 5 ? polynomial(central, fround(w - 2.5)) : polynomial(tail, fround(fround(Math.sqrt(w)) - 3));
  return fround(p * x);
};
