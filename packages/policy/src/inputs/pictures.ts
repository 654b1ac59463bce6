import type { JitterForm } from '@torsor/models';

/** Which pictures a policy is shown, and how. */
export type Pictures = {
  /** Feature of the dataset by camera of the model, of those that are given pictures. */
  readonly features: { readonly [camera: string]: string };
  /** Cameras of the model that are given none. */
  readonly absent: readonly string[];
  /** Height and width that every picture is brought to. */
  readonly size: readonly [height: number, width: number];
  /** How training varies colours, beside crops and turns; `null` where it varies nothing. */
  readonly augment: JitterForm | null;
};

/** What the pictures of a policy depend on. */
export type PictureSettings = {
  readonly model: { readonly cameras: readonly string[]; readonly imageSize: readonly [height: number, width: number] };
  readonly data: {
    /** Feature of the dataset by camera of the model; `null` for one that is absent. */
    readonly cameras: { readonly [camera: string]: string | null };
    readonly augment: boolean;
    readonly jitter: JitterForm;
  };
};

/** The pictures of a policy: of a camera without a feature, none. */
export const picturesOf = ({ model, data }: PictureSettings): Pictures => {
  const given = model.cameras.flatMap((camera) => {
    const feature = data.cameras[camera] ?? null;
    return feature === null ? [] : [[camera, feature] as const];
  });
  const features = Object.fromEntries(given);
  return {
    features,
    absent: model.cameras.filter((camera) => !(camera in features)),
    size: model.imageSize,
    augment: data.augment && given.length > 0 ? data.jitter : null,
  };
};

/** A policy without the cameras that are given no pictures. */
export const withoutAbsent = <C extends { readonly cameras: readonly string[] }>(
  config: C,
  { absent }: Pictures,
): C => ({
  ...config,
  cameras: config.cameras.filter((camera) => !absent.includes(camera)),
});

/** Bytes `[b, h, w, 3]` by camera of the model. */
export type CameraBytes = { readonly [camera: string]: Uint8Array };

/** A line about the pictures of a policy; `null` for one without cameras. */
export const showPictures = ({ features, absent, size, augment }: Pictures): string | null => {
  const given = Object.entries(features).map(([camera, feature]) => `${camera} from ${feature}`);
  const all = [...given, ...absent.map((camera) => `${camera} absent`)];
  if (all.length === 0) return null;
  const jitter = { full: 'full colour jitter', openpi: "openpi's colour jitter, which leaves saturation" } as const;
  const how = augment === null ? 'not augmented' : `augmented in training by crop, turn and ${jitter[augment]}`;
  return `${all.join(', ')}; ${size.join('x')}, ${how}`;
};
