import type { Deviation } from '@torsor/backend';

/** Every known deviation of XLA; what is not listed here is a bug. */
export const deviations: readonly Deviation[] = [
  {
    backends: ['xla-cpu'],
    primitives: ['*'],
    where: 'an operand or result is subnormal (smaller than 2⁻¹²⁶ in magnitude)',
    what: 'it counts as 0',
    reason: "XLA's CPU runtime sets the processor to flush subnormal numbers while its kernels run",
  },
];
