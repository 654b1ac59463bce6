import { familyOf, type ModelSettings } from './families.js';
import type { FreezeSettings } from './freeze.js';

const loraNames = { textbook: 'LoRA as published', openpi: "LoRA with openpi's habits" } as const;

/** A line about a policy: its family, its sizes, its cameras and its low-rank factors. */
export const describeModel = (
  model: ModelSettings,
  { freezeForLora }: Pick<FreezeSettings, 'freezeForLora'>,
): string => {
  const { title, experts: expertsOf } = familyOf(model);
  const experts = expertsOf(model);
  const cameras = model.cameras.length === 0 ? 'no cameras' : `cameras ${model.cameras.join(', ')}`;
  const lora = experts.some((expert) => expert.lora !== undefined)
    ? `, ${loraNames[model.lora]}${freezeForLora ? ', the rest of those experts frozen' : ''}`
    : '';
  return `${title}, ${model.paligemma.depth} layers, width ${experts.map(({ width }) => width).join(' and ')}, ${cameras}${lora}`;
};
