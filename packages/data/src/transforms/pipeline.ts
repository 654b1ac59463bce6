import type { NormStats } from '../stats/norm-stats.js';
import { type DeltaMask, makeBoolMask } from './delta.js';
import type { NormalizationMode } from './normalize.js';
import { type Group, type ModelKind, push, type RepackStructure, type Transform } from './transform.js';

/** What a pipeline has to know of its model. */
export type PipelineModel = {
  readonly kind: ModelKind;
  readonly actionDim: number;
  readonly actionHorizon: number;
  /** Whether π0.5 reads the state in its prompt; openpi's default for it is true, and LIBERO's is false. */
  readonly discreteStateInput?: boolean;
  /** Height and width of the pictures; openpi's 224 by 224 by default. */
  readonly imageSize?: readonly [height: number, width: number];
};

/** A robot and a dataset's way of naming things. */
export type PipelineSpec = {
  readonly robot: 'aloha' | 'libero' | 'droid';
  /** From the dataset's keys to the robot's. */
  readonly repack: RepackStructure;
  /** Which action dimensions become deltas against the state. */
  readonly deltaMask: DeltaMask;
  /** The families whose actions become deltas. */
  readonly deltaModels: readonly ModelKind[];
  /** Given to samples that have no prompt. */
  readonly defaultPrompt: string | null;
  /** ALOHA: joints in the space of openpi's own robots, where its base models were trained. */
  readonly adaptToPi: boolean;
};

/** The pipelines of openpi's configurations, by name. */
export type PipelineName = 'aloha' | 'aloha_sim' | 'libero' | 'droid' | 'droid_joint_position';

const everyModel: readonly ModelKind[] = ['pi0', 'pi05', 'pi0-fast'];

const droidKeys = {
  'observation/exterior_image_1_left': 'exterior_image_1_left',
  'observation/exterior_image_2_left': 'exterior_image_2_left',
  'observation/wrist_image_left': 'wrist_image_left',
  'observation/joint_position': 'joint_position',
  'observation/gripper_position': 'gripper_position',
  actions: 'actions',
  prompt: 'prompt',
};

const droidSpec: PipelineSpec = {
  robot: 'droid',
  repack: droidKeys,
  deltaMask: makeBoolMask(7, -1),
  deltaModels: [],
  defaultPrompt: null,
  adaptToPi: false,
};

/**
 * openpi's pipelines as data; change a field with a spread.
 *
 * `aloha` is a robot with three cameras and delta joints, `aloha_sim` the simulated one with one camera. `libero` computes
 * deltas for π0 and π0-FAST, as their released checkpoints expect. `droid` takes joint velocities, `droid_joint_position`
 * joint positions.
 *
 * @source openpi `training/config.py` (15a9616)
 */
export const pipelineSpecs: Readonly<Record<PipelineName, PipelineSpec>> = {
  aloha: {
    robot: 'aloha',
    repack: {
      images: {
        cam_high: 'observation.images.cam_high',
        cam_left_wrist: 'observation.images.cam_left_wrist',
        cam_right_wrist: 'observation.images.cam_right_wrist',
      },
      state: 'observation.state',
      actions: 'action',
    },
    deltaMask: makeBoolMask(6, -1, 6, -1),
    deltaModels: everyModel,
    defaultPrompt: null,
    adaptToPi: true,
  },
  aloha_sim: {
    robot: 'aloha',
    repack: { images: { cam_high: 'observation.images.top' }, state: 'observation.state', actions: 'action' },
    deltaMask: makeBoolMask(6, -1, 6, -1),
    deltaModels: [],
    defaultPrompt: 'Transfer cube',
    adaptToPi: true,
  },
  libero: {
    robot: 'libero',
    repack: {
      'observation/image': 'image',
      'observation/wrist_image': 'wrist_image',
      'observation/state': 'state',
      actions: 'actions',
      prompt: 'prompt',
    },
    deltaMask: makeBoolMask(6, -1),
    deltaModels: ['pi0', 'pi0-fast'],
    defaultPrompt: null,
    adaptToPi: false,
  },
  droid: droidSpec,
  droid_joint_position: { ...droidSpec, deltaModels: everyModel },
};

/** What is done to samples of a dataset, in the order of its parts. */
export type Pipeline = {
  /** For a dataset only: a robot at work gives the robot's keys itself. */
  readonly repack: Group;
  readonly data: Group;
  readonly mode: NormalizationMode;
  readonly model: Group;
};

const robotGroup = ({ robot, adaptToPi }: PipelineSpec, model: ModelKind): Group => {
  switch (robot) {
    case 'aloha':
      return { inputs: [{ kind: 'AlohaInputs', adaptToPi }], outputs: [{ kind: 'AlohaOutputs', adaptToPi }] };
    case 'libero':
      return { inputs: [{ kind: 'LiberoInputs', model }], outputs: [{ kind: 'LiberoOutputs' }] };
    case 'droid':
      return { inputs: [{ kind: 'DroidInputs', model }], outputs: [{ kind: 'DroidOutputs' }] };
  }
};

const deltaGroup = (mask: DeltaMask): Group => ({
  inputs: [{ kind: 'DeltaActions', mask }],
  outputs: [{ kind: 'AbsoluteActions', mask }],
});

const modelGroup = (model: PipelineModel, prompt: string | null): Group => {
  const [height, width] = model.imageSize ?? [224, 224];
  const { actionDim, actionHorizon } = model;
  const before: readonly Transform[] = [
    { kind: 'InjectDefaultPrompt', prompt },
    { kind: 'ResizeImages', height, width },
  ];
  if (model.kind === 'pi0-fast') {
    return {
      inputs: [...before, { kind: 'TokenizeFASTInputs' }],
      outputs: [{ kind: 'ExtractFASTActions', actionHorizon, actionDim }],
    };
  }
  const discreteStateInput = model.kind === 'pi05' && (model.discreteStateInput ?? true);
  return {
    inputs: [
      ...before,
      { kind: 'TokenizePrompt', discreteStateInput },
      { kind: 'PadStatesAndActions', modelActionDim: actionDim },
    ],
    outputs: [],
  };
};

/**
 * The pipeline of a robot and a model.
 *
 * @source openpi `training/config.py` `LeRobotAlohaDataConfig`, `LeRobotLiberoDataConfig`, `LeRobotDROIDDataConfig`,
 * `ModelTransformFactory` (15a9616)
 */
export const pipelineOf = (spec: PipelineSpec, model: PipelineModel): Pipeline => {
  const robot = robotGroup(spec, model.kind);
  return {
    repack: { inputs: [{ kind: 'RepackTransform', structure: spec.repack }], outputs: [] },
    data: spec.deltaModels.includes(model.kind) ? push(robot, deltaGroup(spec.deltaMask)) : robot,
    mode: model.kind === 'pi0' ? 'mean_std' : 'quantile',
    model: modelGroup(model, spec.defaultPrompt),
  };
};

/** From a sample of the dataset to what a model is trained on. */
export const trainingInputs = ({ repack, data, mode, model }: Pipeline, stats: NormStats): readonly Transform[] => [
  ...repack.inputs,
  ...data.inputs,
  { kind: 'Normalize', stats, mode },
  ...model.inputs,
];

/** From what a robot at work gives to what a model is asked. */
export const servingInputs = ({ data, mode, model }: Pipeline, stats: NormStats): readonly Transform[] => [
  ...data.inputs,
  { kind: 'Normalize', stats, mode },
  ...model.inputs,
];

/**
 * From the model's state and sampled actions to the robot's commands.
 *
 * @law of the state and actions that `trainingInputs` gave, the actions of the dataset (up to rounding; for π0-FAST up to
 * what its tokens keep).
 */
export const servingOutputs = ({ repack, data, mode, model }: Pipeline, stats: NormStats): readonly Transform[] => [
  ...model.outputs,
  { kind: 'Unnormalize', stats, mode },
  ...data.outputs,
  ...repack.outputs,
];
