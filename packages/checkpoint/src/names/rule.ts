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

/** Which of the three models a file holds. */
export type Family = 'pi0' | 'pi05' | 'pi0-fast';

/** Whose names a file uses. */
export type NameFormat = 'torsor' | 'openpi-pytorch' | 'lerobot';
