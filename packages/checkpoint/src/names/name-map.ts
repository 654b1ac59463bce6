import { gemmaRules } from './gemma-rules.js';
import type { FamilyNames, NameFormat, NameMap, NameRule } from './rule.js';
import { siglipRules } from './siglip-rules.js';

/** The variants of a model that change its names. */
export type NameFeatures = {
  readonly family: FamilyNames;
  /** For the language model and the action expert: are queries, keys and values one tensor? */
  readonly fused: { readonly llm: boolean; readonly expert: boolean };
};

/** What comes before every name of a format. */
export const namePrefix: { readonly [F in Exclude<NameFormat, 'torsor'>]: string } = {
  'openpi-pytorch': '',
  lerobot: 'model.',
};

const both = 'paligemma_with_expert';

const headRules = ({ heads }: FamilyNames, prefix: string): readonly NameRule[] =>
  heads.flatMap(([name, input, output]) => [
    {
      scope: 'head',
      ours: `${name}/kernel`,
      axes: `${input} ${output}`,
      theirs: [`${prefix}${name}.weight`],
      form: `${output} ${input}`,
      tied: [],
    },
    { scope: 'head', ours: `${name}/bias`, axes: output, theirs: [`${prefix}${name}.bias`], form: output, tied: [] },
  ]);

// PyTorch stores a tied pair once, under the name that sorts first.
const embedding = (prefix: string): NameRule => ({
  scope: 'llm',
  ours: 'PaliGemma/llm/embedder/input_embedding',
  axes: 'v d',
  theirs: [`${prefix}${both}.paligemma.lm_head.weight`],
  form: 'v d',
  tied: [`${prefix}${both}.paligemma.model.language_model.embed_tokens.weight`],
});

/**
 * Every name of a model in a PyTorch format beside openpi's JAX path, as data.
 *
 * @source openpi `examples/convert_jax_model_to_pytorch.py`, `models_pytorch/` (15a9616); LeRobot 0.4.4 `policies/{pi0,pi05,pi0_fast}`
 * @law a bijection on the elements of a model: importing what was exported gives the model back, bit for bit.
 */
export const nameMap = (format: Exclude<NameFormat, 'torsor'>, { family, fused }: NameFeatures): NameMap => {
  const prefix = namePrefix[format];
  const model = `${prefix}${both}.paligemma.model.`;
  const llm = { scope: 'llm', suffix: '', decoder: `${model}language_model.`, fused: fused.llm, adaptive: false };
  const expert = family.expert && {
    scope: 'expert',
    suffix: '_1',
    decoder: `${prefix}${both}.gemma_expert.model.`,
    fused: fused.expert,
    adaptive: family.expert.adaptive,
  };
  return {
    rules: [
      ...siglipRules(model),
      embedding(prefix),
      ...gemmaRules(llm),
      ...(expert === null ? [] : gemmaRules(expert)),
      ...headRules(family, prefix),
    ],
    unread:
      expert === null
        ? []
        : [
            {
              name: `${prefix}${both}.gemma_expert.lm_head.weight`,
              axes: [
                ['llm', 'v'],
                ['expert', 'd'],
              ],
              why: 'the action expert has no vocabulary: PyTorch allocates this head and never reads it',
            },
          ],
  };
};
