import {
  type ModelKind,
  type NormStats,
  type PipelineName,
  pipelineOf,
  pipelineSpecs,
  type RepackStructure,
  type Transform,
  trainingInputs,
} from '@torsor/data';
import { jointInputs, modelInputs } from '@torsor/policy';
import { showSettingsError } from '@torsor/settings';
import { modelSpaceOf } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { lacking, presets } from '../../src/config/presets.js';
import { defaultRequest, resolveConfig } from '../../src/config/resolve.js';
import type { TrainConfig } from '../../src/config/schema.js';

const configOf = (name: string): TrainConfig => {
  const found = resolveConfig({ ...defaultRequest, base: { _tag: 'Preset', name } });
  if (E.isLeft(found)) throw new Error(JSON.stringify(found.left));
  return found.right;
};

const vector = { mean: [0], std: [1], q01: [-1], q99: [1] };
const stats: NormStats = { state: vector, actions: vector };

type Columns = TrainConfig['data']['columns'];

/** What a preset calls what the robot of openpi's pipeline has. */
const repackOf = (robot: string, { cameras, columns }: TrainConfig['data']): RepackStructure => {
  const seen = (camera: string): string => cameras[camera] ?? 'absent';
  const column = (role: keyof Columns, usual: string): string => {
    const said = columns[role];
    return typeof said === 'string' ? said : usual;
  };
  const present = (named: RepackStructure): RepackStructure =>
    Object.fromEntries(Object.entries(named).filter(([, feature]) => feature !== 'absent'));
  if (robot === 'aloha') {
    const images = {
      cam_high: seen('base_0_rgb'),
      cam_left_wrist: seen('left_wrist_0_rgb'),
      cam_right_wrist: seen('right_wrist_0_rgb'),
    };
    return {
      images: present(images),
      state: column('state', 'observation.state'),
      actions: column('action', 'action'),
    };
  }
  const wrist = 'wrist_0_rgb' in cameras ? 'wrist_0_rgb' : 'left_wrist_0_rgb';
  if (robot === 'libero') {
    return {
      'observation/image': seen('base_0_rgb'),
      'observation/wrist_image': seen(wrist),
      'observation/state': column('state', 'state'),
      actions: column('action', 'actions'),
      prompt: 'prompt',
    };
  }
  const [joints = '', gripper = ''] = columns.state ?? [];
  return {
    'observation/exterior_image_1_left': seen('base_0_rgb'),
    'observation/wrist_image_left': seen(wrist),
    'observation/joint_position': joints,
    'observation/gripper_position': gripper,
    actions: column('action', 'actions'),
    prompt: 'prompt',
  };
};

const sequenceOf = (model: TrainConfig['model']): Transform =>
  model.kind === 'pi0-fast'
    ? { kind: 'TokenizeFASTInputs' }
    : { kind: 'TokenizePrompt', discreteStateInput: model.kind === 'pi05' && model.discreteStateInput };

/** A transform of openpi's, as the road of samples has it: it takes pictures, names and tasks from elsewhere. */
const onRoad = (transform: Transform): readonly Transform[] => {
  switch (transform.kind) {
    case 'AlohaInputs':
      return jointInputs(transform);
    case 'RepackTransform':
    case 'LiberoInputs':
    case 'DroidInputs':
    case 'InjectDefaultPrompt':
    case 'ResizeImages':
      return [];
    default:
      return [transform];
  }
};

/** openpi `training/config.py` `_CONFIGS` (15a9616): the pipeline of each, and its default prompt. */
const robots: readonly (readonly [preset: string, pipeline: PipelineName, prompt: string | null])[] = [
  ['pi0_aloha_sim', 'aloha_sim', 'Transfer cube'],
  ['pi0_aloha_pen_uncap', 'aloha', 'uncap the pen'],
  ['pi05_aloha_pen_uncap', 'aloha', 'uncap the pen'],
  ['pi0_libero', 'libero', null],
  ['pi0_libero_low_mem_finetune', 'libero', null],
  ['pi0_fast_libero', 'libero', null],
  ['pi0_fast_libero_low_mem_finetune', 'libero', null],
  ['pi05_libero', 'libero', null],
  ['pi0_fast_full_droid_finetune', 'droid_joint_position', null],
  ['pi05_full_droid_finetune', 'droid_joint_position', null],
  ['pi05_droid_finetune', 'droid', null],
];

describe.each(robots)("the preset %s is openpi's pipeline %s", (preset, name, defaultPrompt) => {
  const { model, data } = configOf(preset);
  const spec = { ...pipelineSpecs[name], defaultPrompt };
  const pipeline = trainingInputs(
    pipelineOf(spec, {
      kind: model.kind as ModelKind,
      actionDim: model.actionDim,
      actionHorizon: model.actionHorizon,
      imageSize: model.imageSize,
      ...(model.kind === 'pi05' ? { discreteStateInput: model.discreteStateInput } : {}),
    }),
    stats,
  );

  it('in what it reads of a dataset', () => {
    const [repack] = pipeline;
    // The second camera of DROID is named by openpi, and no model looks through it.
    const second = 'exterior_image_2_left';
    const own = repackOf(spec.robot, data);
    const beside = spec.robot === 'droid' ? { [`observation/${second}`]: second } : {};
    expect({ kind: 'RepackTransform', structure: { ...own, ...beside } }).toEqual(repack);
    expect(data.withoutCameras).toEqual(spec.robot === 'droid' ? [second] : ['observation.images.cam_high']);
    expect(Object.keys(data.cameras)).toEqual(model.cameras);
    expect(data.prompt).toBe(defaultPrompt);
    // openpi's LiberoInputs and DroidInputs hide no picture from π0-FAST.
    expect(model.kind === 'pi0-fast' ? model.absentCameras : 'black').toBe('black');
  });

  it('in what it makes of states and actions', () => {
    const road = modelInputs(modelSpaceOf(stats, data, model.actionDim), [sequenceOf(model)]);
    const withMask = pipeline.flatMap(onRoad);
    // Where nothing is a delta, the road says so; what is no number of a sequence is padded for every family.
    const nothing: readonly Transform[] = data.deltaActionMask === null ? [{ kind: 'DeltaActions', mask: null }] : [];
    const pad: readonly Transform[] =
      model.kind === 'pi0-fast' ? [{ kind: 'PadStatesAndActions', modelActionDim: model.actionDim }] : [];
    const at = withMask.findIndex(({ kind }) => kind === 'Normalize');
    expect(road).toEqual([...withMask.slice(0, at), ...nothing, ...withMask.slice(at), ...pad]);
  });
});

it("LIBERO's states are 8 wide, and openpi pads them for no model that writes them as tokens", () => {
  expect(configOf('pi0_fast_libero').model.actionDim).toBe(8);
});

describe('what a preset expects of whoever trains by it', () => {
  /** openpi `training/config.py` `_CONFIGS` (15a9616): the checkpoint of each weight loader. */
  const weightsOf = (name: string): string => {
    if (name === 'pi05_droid_finetune') return 'pi05_droid';
    return `${/^pi0_fast|^pi05|^pi0/u.exec(name)?.[0]}_base`;
  };

  it.each(robots.map(([name]) => name))('%s: its dataset, and weights or the word that there are none', (name) => {
    const config = configOf(name);
    const [data, weights, ...more] = lacking(name, config);
    expect(more).toEqual([]);
    expect(data).toMatch(
      new RegExp(`^data.dir: ${name} trains on (the simulated )?[A-Z]+, a LeRobot dataset with .*--data$`, 'u'),
    );
    for (const feature of Object.values(config.data.cameras)) {
      expect(data).toContain((feature ?? '').replace(/^observation.images.cam_(left|right)/u, 'cam_$1'));
    }
    expect(weights).toBe(
      `init.from: ${name} begins from ${weightsOf(name)}: give it by --set init.from=… (torsor convert makes it of openpi's), or train random weights by --from-scratch`,
    );
    const placed = { ...config, data: { ...config.data, dir: '/robot' } };
    expect(lacking(name, placed)).toEqual([weights]);
    expect(lacking(name, { ...placed, fromScratch: true })).toEqual([]);
    expect(lacking(name, { ...placed, init: { from: 'w', fresh: [], unused: [] } })).toEqual([]);
    expect(lacking(name, { ...config, fromScratch: true })).toEqual([data]);
  });

  it('nothing where it is of no robot, or where there is no preset', () => {
    const others = presets.map(({ name }) => name).filter((name) => !robots.some(([robot]) => robot === name));
    expect(others).toContain('pi0');
    for (const name of others) expect(lacking(name, configOf(name))).toEqual([]);
    expect(lacking(null, configOf('pi0_libero'))).toEqual([]);
  });

  it('from scratch and from weights is a contradiction', () => {
    const settings = ['init.from=w', 'fromScratch=true'];
    const found = resolveConfig({ ...defaultRequest, settings });
    expect(E.isLeft(found) ? found.left.map(showSettingsError) : []).toEqual([
      'fromScratch: init.from is w: begin from it, or from scratch (--set fromScratch=true)',
    ]);
  });
});
