import { type Deviation, deviations } from '@torsor/backend-tfjs';

/** A case that a backend is known not to pass. It is asserted to still fail, so that the list is never stale. */
export interface KnownDeviation {
  readonly backend: string;
  /** The `id` of the case in the suite, or `behaviour/` and the behaviour's name. */
  readonly case: string;
  readonly what: string;
  readonly why: string;
}

/** A deviation that a backend's package declares itself, and the cases that show it. */
export interface DeclaredDeviation {
  readonly declared: Deviation;
  readonly cases: readonly string[];
}

const casesShowing = ({ where }: Deviation): readonly string[] => {
  if (where.includes('subnormal')) {
    return [
      'primitive/add/keeps subnormal numbers',
      'primitive/mul/keeps subnormal numbers',
      'primitive/sign/of subnormal and of the largest numbers',
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

/** What `@torsor/backend-tfjs` declares, with the cases that show it. */
export const declaredDeviations: readonly DeclaredDeviation[] = deviations.map((declared) => ({
  declared,
  cases: casesShowing(declared),
}));

const declared: readonly KnownDeviation[] = declaredDeviations.flatMap(
  ({ declared: { backends, what, reason }, cases }) =>
    backends.flatMap((backend) =>
      cases.map((id) => ({ backend: backend === 'wasm' ? 'tfjs-wasm' : backend, case: id, what, why: reason })),
    ),
);

/** The same for several backends or cases. */
const each = (
  backends: readonly string[],
  cases: readonly string[],
  what: string,
  why: string,
): readonly KnownDeviation[] => backends.flatMap((backend) => cases.map((id) => ({ backend, case: id, what, why })));

const references = ['reference', 'reference, rounded'];
const native = ['tfjs-node', 'tfjs-node-gpu'];

/** Every known deviation of every backend. */
export const knownDeviations: readonly KnownDeviation[] = [
  ...declared,
  ...each(
    references,
    ['behaviour/an executable of another backend is refused'],
    'it runs the program',
    'its executables are programs, and it does not look who made them',
  ),
  ...each(
    ['tfjs-wasm'],
    ['primitive/pow/of 1 and −1 to any power'],
    'NaN instead of 1',
    "ECMAScript's ** is not IEEE 754's pow",
  ),
  ...each(
    ['tfjs-wasm'],
    [
      'primitive/round_nearest_even/of NaN, infinities and zeros, f32',
      'primitive/round_nearest_even/of every edge shape',
      'primitive/round_nearest_even/of ties and large numbers',
    ],
    '0 instead of −0',
    'its rounding loses the sign of what becomes zero',
  ),
  ...each(
    native,
    ['primitive/scatter_add/one'],
    'it fails',
    'a scalar index is given to TensorFlow as one index, the updates without its axis',
  ),
  ...each(
    native,
    ['behaviour/in the end it holds nothing'],
    'tensors stay',
    'a run that fails leaves its intermediate tensors behind',
  ),
];
