import type { Dataset } from './dataset.js';

/**
 * A dataset whose every frame has one task: what openpi trains on where its repack keeps no prompt and a default is given.
 *
 * @law the prompt of every window is `prompt`; nothing else changes.
 * @source openpi `transforms.py` `InjectDefaultPrompt`, `training/config.py` `LeRobotAlohaDataConfig` (15a9616)
 */
export const withPrompt = (dataset: Dataset, prompt: string): Dataset => ({
  ...dataset,
  tasks: new Map([...dataset.tasks.keys()].map((task) => [task, prompt])),
});
