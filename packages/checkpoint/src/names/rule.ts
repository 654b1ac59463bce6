/**
 * One parameter under two names: openpi's JAX path, and the names of a PyTorch file.
 *
 * Axes are letters, as in einops: `l` numbers the layers, `h` heads, `k` heads of keys and values, `e` their size, `d` width, `f`
 * inner width of the feed-forward layers, `v` vocabulary. One letter has one size within a scope.
 */
export type NameRule = {
  /** Part of the model within which a letter means one size: `img`, `llm`, `expert` or `head`. */
  readonly scope: string;
  /** openpi's JAX path, which is ours. */
  readonly ours: string;
  /** Axes of our tensor. Leading `l` and numbers count the tensors on the other side: `l 2 k d e` is two per layer. */
  readonly axes: string;
  /** Names on the other side, as many as the numbers in `axes` say; `{l}` stands for the layer. */
  readonly theirs: readonly string[];
  /** Axes of each tensor on the other side; those in brackets are merged into one: `(h e) d`. */
  readonly form: string;
  /** Further names under which the same tensor may be stored, as tied parameters are. */
  readonly tied: readonly string[];
};

/** A tensor that the other library's reader insists upon and no computation reads. */
export type UnreadTensor = {
  readonly name: string;
  /** Scope and letter of each axis. */
  readonly axes: readonly (readonly [scope: string, letter: string])[];
  readonly why: string;
};

/** All names of one model in another library. */
export type NameMap = {
  readonly rules: readonly NameRule[];
  readonly unread: readonly UnreadTensor[];
};

/** Whose names a file uses. */
export type NameFormat = 'torsor' | 'openpi-pytorch' | 'lerobot';

/** What a conversion writes: a file with a library's names, or `openpi`, a folder as Orbax saves it, whose names are ours. */
export type TargetFormat = NameFormat | 'openpi';

/** The names of a family of policies beside those of the image tower and the language model, which all share. */
export type FamilyNames = {
  readonly kind: string;
  /** Linear layers outside the transformer: name, and letters of their inputs and outputs within the scope `head`. */
  readonly heads: readonly (readonly [name: string, input: string, output: string])[];
  /** A second expert, and whether time modulates its norms; `null` for a family without one. */
  readonly expert: { readonly adaptive: boolean } | null;
  /** Heads that no other family has, by which a file is told; none for the family that a file is of when no other is. */
  readonly marks: readonly string[];
  /** The libraries that have it. */
  readonly formats: readonly NameFormat[];
};
