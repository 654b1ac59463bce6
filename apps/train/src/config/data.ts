import * as z from 'zod';

const isHeldOut = (x: number): boolean => x > 0 && (x < 1 || Number.isInteger(x));

const key = z.string().min(1);

export const dataSchema = z.strictObject({
  dir: key.nullable().default(null).describe('folder of a LeRobot dataset; null: the embedded sample'),
  withoutCameras: z
    .union([z.literal('all'), z.array(key)])
    .default([])
    .describe('declared cameras to train without, as observation.images.… keys; or all'),
  deltaActionMask: z
    .array(z.boolean())
    .min(1)
    .nullable()
    .default(null)
    .describe('true: this action dimension is learned relative to the state; null: all absolute'),
  heldOut: z
    .number()
    .refine(isHeldOut, { error: 'a fraction between 0 and 1, or a number of episodes from 1' })
    .default(0.1)
    .describe('episodes never trained on: a fraction below 1, or a count'),
  normMode: z.enum(['mean_std', 'quantile']).default('mean_std'),
  units: z
    .union([z.string(), z.array(z.string())])
    .nullable()
    .default(null)
    .describe('unit of the actions, or one for each dimension; LeRobot records none, they are printed with errors'),
});
