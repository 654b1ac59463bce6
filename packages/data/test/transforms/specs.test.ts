import { describe, expect, it } from 'vitest';
import {
  type ModelKind,
  type NormStats,
  type PipelineName,
  pipelineOf,
  pipelineSpecs,
  servingInputs,
  servingOutputs,
  type Transform,
  trainingInputs,
} from '../../src/index.js';

// The lists of openpi's configurations, written out: training/config.py (15a9616).

const stats: NormStats = {
  state: { mean: [0], std: [1], q01: [-1], q99: [1] },
  actions: { mean: [0], std: [1], q01: [-1], q99: [1] },
};

const t = true;
const masks = {
  aloha: [t, t, t, t, t, t, false, t, t, t, t, t, t, false],
  libero: [t, t, t, t, t, t, false],
  droid: [t, t, t, t, t, t, t, false],
} as const;

const droidKeys = {
  'observation/exterior_image_1_left': 'exterior_image_1_left',
  'observation/exterior_image_2_left': 'exterior_image_2_left',
  'observation/wrist_image_left': 'wrist_image_left',
  'observation/joint_position': 'joint_position',
  'observation/gripper_position': 'gripper_position',
  actions: 'actions',
  prompt: 'prompt',
};

type Written = {
  readonly repack: Extract<Transform, { readonly kind: 'RepackTransform' }>['structure'];
  readonly robot: (model: ModelKind) => readonly [inputs: Transform, outputs: Transform];
  readonly mask: readonly boolean[];
  readonly delta: readonly ModelKind[];
  readonly prompt: string | null;
};

const every = ['pi0', 'pi05', 'pi0-fast'] as const;

const written: Readonly<Record<PipelineName, Written>> = {
  aloha: {
    repack: {
      images: {
        cam_high: 'observation.images.cam_high',
        cam_left_wrist: 'observation.images.cam_left_wrist',
        cam_right_wrist: 'observation.images.cam_right_wrist',
      },
      state: 'observation.state',
      actions: 'action',
    },
    robot: () => [
      { kind: 'AlohaInputs', adaptToPi: true },
      { kind: 'AlohaOutputs', adaptToPi: true },
    ],
    mask: masks.aloha,
    delta: every,
    prompt: null,
  },
  aloha_sim: {
    repack: { images: { cam_high: 'observation.images.top' }, state: 'observation.state', actions: 'action' },
    robot: () => [
      { kind: 'AlohaInputs', adaptToPi: true },
      { kind: 'AlohaOutputs', adaptToPi: true },
    ],
    mask: masks.aloha,
    delta: [],
    prompt: 'Transfer cube',
  },
  libero: {
    repack: {
      'observation/image': 'image',
      'observation/wrist_image': 'wrist_image',
      'observation/state': 'state',
      actions: 'actions',
      prompt: 'prompt',
    },
    robot: (model) => [{ kind: 'LiberoInputs', model }, { kind: 'LiberoOutputs' }],
    mask: masks.libero,
    delta: ['pi0', 'pi0-fast'],
    prompt: null,
  },
  droid: {
    repack: droidKeys,
    robot: (model) => [{ kind: 'DroidInputs', model }, { kind: 'DroidOutputs' }],
    mask: masks.droid,
    delta: [],
    prompt: null,
  },
  droid_joint_position: {
    repack: droidKeys,
    robot: (model) => [{ kind: 'DroidInputs', model }, { kind: 'DroidOutputs' }],
    mask: masks.droid,
    delta: every,
    prompt: null,
  },
};

const cases = (Object.keys(written) as PipelineName[]).flatMap((name) => every.map((kind) => ({ name, kind })));

describe('a named pipeline', () => {
  it.each(cases)('$name for $kind', ({ name, kind }) => {
    const { repack, robot, mask, delta, prompt } = written[name];
    const [inputs, outputs] = robot(kind);
    const isDelta = delta.includes(kind);
    const mode = kind === 'pi0' ? 'mean_std' : 'quantile';
    const pipeline = pipelineOf(pipelineSpecs[name], { kind, actionDim: 32, actionHorizon: 50 });
    const served: readonly Transform[] = [
      inputs,
      ...(isDelta ? [{ kind: 'DeltaActions', mask } as const] : []),
      { kind: 'Normalize', stats, mode },
      { kind: 'InjectDefaultPrompt', prompt },
      { kind: 'ResizeImages', height: 224, width: 224 },
      ...(kind === 'pi0-fast'
        ? [{ kind: 'TokenizeFASTInputs' } as const]
        : [
            { kind: 'TokenizePrompt', discreteStateInput: kind === 'pi05' } as const,
            { kind: 'PadStatesAndActions', modelActionDim: 32 } as const,
          ]),
    ];
    expect(servingInputs(pipeline, stats)).toEqual(served);
    expect(trainingInputs(pipeline, stats)).toEqual([{ kind: 'RepackTransform', structure: repack }, ...served]);
    expect(servingOutputs(pipeline, stats)).toEqual([
      ...(kind === 'pi0-fast' ? [{ kind: 'ExtractFASTActions', actionHorizon: 50, actionDim: 32 }] : []),
      { kind: 'Unnormalize', stats, mode },
      ...(isDelta ? [{ kind: 'AbsoluteActions', mask }] : []),
      outputs,
    ]);
  });

  it('reads the state from the prompt for π0.5 alone, and only if it should', () => {
    const discrete = (kind: ModelKind, discreteStateInput: boolean) =>
      pipelineOf(pipelineSpecs.libero, { kind, actionDim: 7, actionHorizon: 1, discreteStateInput }).model.inputs.some(
        (transform) => transform.kind === 'TokenizePrompt' && transform.discreteStateInput,
      );
    expect([discrete('pi05', true), discrete('pi05', false), discrete('pi0', true)]).toEqual([true, false, false]);
  });
});
