import type { Deviation } from '@torsor/backend';
import { deviations as ofTfjs } from '@torsor/backend-tfjs';
import { deviations as ofXla } from '@torsor/backend-xla';

/** A case that a backend is known not to pass. It is asserted to still fail, so that the list is never stale. */
export type KnownDeviation = {
  readonly backend: string;
  /** The `id` of the case in the suite, or `behaviour/` and the behaviour's name. */
  readonly case: string;
  readonly what: string;
  readonly why: string;
};

/** A deviation that a backend's package declares itself, and the cases that show it. */
export type DeclaredDeviation = {
  readonly declared: Deviation;
  readonly cases: readonly string[];
};

const casesShowing = ({ where }: Deviation): readonly string[] => {
  if (where.includes('subnormal')) {
    return [
      'primitive/add/keeps subnormal numbers',
      'primitive/mul/keeps subnormal numbers',
      'primitive/sign/of subnormal and of the largest numbers',
      'pullback/abs/of subnormal and of the largest numbers',
    ];
  }
  if (where === 'the result is a zero') {
    return [
      'primitive/maximum/of NaN, infinities and zeros, f32',
      'primitive/maximum/of equal numbers and zeros',
      'primitive/minimum/of NaN, infinities and zeros, f32',
      'primitive/minimum/of equal numbers and zeros',
      'primitive/sign/of NaN, infinities and zeros, f32',
      'composite/relu',
    ];
  }
  return where === 'an element is NaN' ? ['primitive/argmax/NaN is the largest'] : [];
};

/** What the backends declare, with the cases that show it. */
export const declaredDeviations: readonly DeclaredDeviation[] = [...ofTfjs, ...ofXla].map((declared) => ({
  declared,
  cases: casesShowing(declared),
}));

const declared: readonly KnownDeviation[] = declaredDeviations.flatMap(
  ({ declared: { backends, what, reason }, cases }) =>
    backends.flatMap((backend) =>
      cases.map((id) => ({ backend: backend === 'wasm' ? 'tfjs-wasm' : backend, case: id, what, why: reason })),
    ),
);

/** Every known deviation of every backend. */
export const knownDeviations: readonly KnownDeviation[] = declared;
