import type { FamilyNames } from './rule.js';

// Letters of heads: `a` numbers of an action, `x` width of the expert, `y` twice that, `z` an output as wide as the expert.

/** @source openpi `models_pytorch/pi0_pytorch.py` `PI0Pytorch.__init__` (15a9616) */
export const pi0Names: FamilyNames = {
  kind: 'pi0',
  heads: [
    ['state_proj', 'a', 'x'],
    ['action_in_proj', 'a', 'x'],
    ['action_time_mlp_in', 'y', 'x'],
    ['action_time_mlp_out', 'x', 'z'],
    ['action_out_proj', 'x', 'a'],
  ],
  expert: { adaptive: false },
  marks: ['state_proj', 'action_time_mlp_in', 'action_time_mlp_out'],
  formats: ['torsor', 'openpi-pytorch', 'lerobot'],
};

/** @source openpi `models_pytorch/pi0_pytorch.py` `PI0Pytorch.__init__` (15a9616) */
export const pi05Names: FamilyNames = {
  kind: 'pi05',
  heads: [
    ['action_in_proj', 'a', 'x'],
    ['time_mlp_in', 'x', 'z'],
    ['time_mlp_out', 'x', 'z'],
    ['action_out_proj', 'x', 'a'],
  ],
  expert: { adaptive: true },
  marks: ['time_mlp_in', 'time_mlp_out'],
  formats: ['torsor', 'openpi-pytorch', 'lerobot'],
};

/** openpi has no π0-FAST in PyTorch. @source LeRobot 0.4.4 `policies/pi0_fast` */
export const pi0FastNames: FamilyNames = {
  kind: 'pi0-fast',
  heads: [],
  expert: null,
  marks: [],
  formats: ['torsor', 'lerobot'],
};
