import type { Deviation } from '@torsor/backend';
import type { TfjsKind } from './native/loaded.js';

const native: readonly TfjsKind[] = ['tfjs-node', 'tfjs-node-gpu'];

/** Every known deviation of the tfjs backends; what is not listed here is a bug. */
export const deviations: readonly Deviation[] = [
  {
    backends: native,
    primitives: ['*'],
    where: 'an operand or result is subnormal (smaller than 2⁻¹²⁶ in magnitude)',
    what: 'it counts as 0',
    reason: 'TensorFlow sets the processor to flush subnormal numbers while its kernels run',
  },
  {
    backends: native,
    primitives: ['maximum', 'minimum', 'sign'],
    where: 'the result is a zero',
    what: 'its sign may differ',
    reason: 'vectorised comparison does not tell 0 from −0',
  },
  {
    backends: native,
    primitives: ['argmax'],
    where: 'an element is NaN',
    what: 'the position of another element may be given',
    reason: "TensorFlow's ArgMax compares with >, which a NaN never passes",
  },
];
