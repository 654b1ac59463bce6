/** A tensor of a file that is no weight, or one that no model reads. */
export type IgnoredTensor = { readonly name: string; readonly why: string };

/** Names of a file under those that the name maps know. */
export type ReadableNames = {
  /** For each name that a map can know, the one in the file. */
  readonly stored: ReadonlyMap<string, string>;
  readonly ignored: readonly IgnoredTensor[];
  /** Why names were read as others, each with how many were. */
  readonly renamed: readonly { readonly why: string; readonly count: number }[];
};

/** What libraries add around a model whose own names are below it. */
const wrappers: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/(?<=^|\.)_orig_mod\./g, "torch.compile's _orig_mod"],
  [/(?<=^|\.)_fsdp_wrapped_module\./g, "FSDP's _fsdp_wrapped_module"],
  [/(?<=^|\.)_checkpoint_wrapped_module\./g, "activation checkpointing's _checkpoint_wrapped_module"],
  [/^module\./g, "DistributedDataParallel's module"],
];

const paligemma = '(?<=(?:^|\\.)paligemma_with_expert\\.paligemma\\.)';

/** Where PaliGemma's parts were before transformers 4.52. */
const moved: readonly (readonly [pattern: RegExp, now: string])[] = [
  [new RegExp(`${paligemma}language_model\\.lm_head\\.`), 'lm_head.'],
  [new RegExp(`${paligemma}language_model\\.model\\.`), 'model.language_model.'],
  [new RegExp(`${paligemma}vision_tower\\.`), 'model.vision_tower.'],
  [new RegExp(`${paligemma}multi_modal_projector\\.`), 'model.multi_modal_projector.'],
];

const statistics = 'LeRobot kept normalization statistics among the weights until 0.4; give those of your data';

const notWeights: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^(?:model\.)?(?:un)?normalize(?:_inputs|_targets|_outputs)?\./, statistics],
  [/^(?:model\.)?(?:input_|output_)?normalizer\./, statistics],
  [/\.rotary_emb\.(?:inv_freq|original_inv_freq)$/, 'rotary frequencies follow from the sizes'],
  [/\.embeddings\.position_ids$/, 'positions of patches follow from their number'],
  [/(?:^|\.)gemma_expert\.model\.embed_tokens\.weight$/, 'the action expert has no vocabulary and reads none'],
];

const older = 'the layout of transformers before 4.52';

/** A name as the maps know it, and everything that was other about it. */
const today = (name: string): readonly [name: string, why: readonly string[]] => {
  const why: string[] = [];
  let now = name;
  for (let before = ''; before !== now; ) {
    before = now;
    for (const [pattern, reason] of wrappers) {
      const inside = now.replaceAll(pattern, '');
      if (inside !== now) why.push(reason);
      now = inside;
    }
  }
  for (const [pattern, place] of moved) {
    const there = now.replace(pattern, place);
    if (there !== now) why.push(older);
    now = there;
  }
  return [now, [...new Set(why)]];
};

const why = (name: string): string | undefined => notWeights.find(([pattern]) => pattern.test(name))?.[1];

/**
 * The names of a PyTorch file as today's openpi and LeRobot write them: without what torch.compile, DistributedDataParallel, FSDP and
 * activation checkpointing add, in the layout that transformers has from 4.52 on, and without what is no weight.
 *
 * Two names that would become one keep the second as it is, which then is one that no map knows.
 *
 * @law names of today are themselves; wrapping or ageing the names of a file and reading them gives them back.
 * @source LeRobot 0.3.3 `policies/pi0/modeling_pi0.py` `_transform_state_dict_keys`; 0.6.1 `processor/migrate_policy_normalization.py`
 */
export const readableNames = (names: Iterable<string>): ReadableNames => {
  const stored = new Map<string, string>();
  const ignored: IgnoredTensor[] = [];
  const renamed = new Map<string, number>();
  const later: (readonly [string, string, readonly string[]])[] = [];
  const take = (now: string, name: string, reasons: readonly string[]): void => {
    stored.set(now, name);
    for (const reason of reasons) renamed.set(reason, (renamed.get(reason) ?? 0) + 1);
  };
  for (const name of names) {
    const [now, reasons] = today(name);
    const reason = why(now);
    if (reason !== undefined) ignored.push({ name, why: reason });
    else if (reasons.length === 0) take(name, name, []);
    else later.push([now, name, reasons]);
  }
  for (const [now, name, reasons] of later) {
    if (stored.has(now)) stored.set(name, name);
    else take(now, name, reasons);
  }
  return { stored, ignored, renamed: [...renamed].map(([reason, count]) => ({ why: reason, count })) };
};
