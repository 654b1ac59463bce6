/** Sizes of the transformer that is compared: b batch, l tokens, d width, h heads of e, m hidden width, n layers, ad action dim. */
export type Sizes = {
  readonly b: number;
  readonly l: number;
  readonly d: number;
  readonly h: number;
  readonly e: number;
  readonly m: number;
  readonly n: number;
  readonly ad: number;
};

/** A policy of the quick start's order of size: 16 samples of 66 tokens, four layers of width 128. */
export const policySizes: Sizes = { b: 16, l: 66, d: 128, h: 4, e: 32, m: 512, n: 4, ad: 32 };

/** The parameters of one layer; heads are merged into one axis, keys and values have one head. */
export type LayerName = 's1' | 'q' | 'k' | 'v' | 'o' | 's2' | 'g' | 'u' | 'w';

/** Shapes of a layer's parameters. */
export const layerShapes = ({ d, h, e, m }: Sizes): { readonly [N in LayerName]: readonly number[] } => ({
  s1: [d],
  q: [d, h * e],
  k: [d, e],
  v: [d, e],
  o: [h * e, d],
  s2: [d],
  g: [d, m],
  u: [d, m],
  w: [m, d],
});

/** Names in the order in which both programs draw them. */
export const layerNames: readonly LayerName[] = ['s1', 'q', 'k', 'v', 'o', 's2', 'g', 'u', 'w'];

/** Adam as both programs have it. */
export const adam = { b1: 0.9, b2: 0.999, eps: 1e-8, rate: 1e-3 } as const;

/** Numbers that look random and are the same on every run. */
export const drawn = (size: number, seed: number, scale: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => {
    const mixed = Math.imul((Math.imul(i + 1, 2654435761) ^ Math.imul(seed + 1, 40503)) >>> 0, 2246822519) >>> 0;
    return (mixed / 2 ** 32 - 0.5) * 2 * scale;
  });
