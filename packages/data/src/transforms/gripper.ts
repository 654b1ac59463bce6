// Constants of the ALOHA and Interbotix programs, as openpi's aloha_policy.py states them.

type Interval = {
  readonly low: number;
  readonly high: number;
};

/** Finger positions of the puppet arm, closed and open, in metres. */
const fingers: Interval = { low: 0.01844, high: 0.058 };
/** Angles of openpi's own gripper, in radians. */
const angles: Interval = { low: 0.5476, high: 1.6296 };
/** Joint positions of the puppet gripper, closed and open, in radians. */
const joints: Interval = { low: -0.6213, high: 1.491 };

/** The crank that drives the fingers, in metres. */
const armLength = 0.036;
const hornRadius = 0.022;

const normalized = (x: number, { low, high }: Interval): number => (x - low) / (high - low);
const unnormalized = (x: number, { low, high }: Interval): number => x * (high - low) + low;

/**
 * ALOHA's gripper position (0 closed, 1 open: linear in the fingers) as openpi's (linear in the angle).
 *
 * Beyond [-0.11, 1] the crank cannot go: the sine is cut to [-1, 1], as openpi does.
 *
 * @law `gripperToLinear` undoes it on [-0.11, 1].
 * @source openpi `policies/aloha_policy.py` `_gripper_to_angular` (15a9616)
 */
export const gripperToAngular = (value: number): number => {
  const position = unnormalized(value, fingers);
  const sine = (hornRadius ** 2 + position ** 2 - armLength ** 2) / (2 * hornRadius * position);
  return normalized(Math.asin(Math.max(-1, Math.min(1, sine))), angles);
};

/** openpi's gripper position as ALOHA's: the inverse of `gripperToAngular`. */
export const gripperToLinear = (value: number): number => {
  const side = hornRadius * Math.sin(unnormalized(value, angles));
  return normalized(side + Math.sqrt(side ** 2 - hornRadius ** 2 + armLength ** 2), fingers);
};

/**
 * A gripper action of a model as ALOHA's command; both are angles, over other ranges.
 *
 * @law `gripperFromAngularInv` undoes it.
 * @source openpi `policies/aloha_policy.py` `_gripper_from_angular` (15a9616)
 */
export const gripperFromAngular = (value: number): number => normalized(value + angles.low, joints);

/** ALOHA's gripper command as a model's action: the inverse of `gripperFromAngular`, and not `gripperToAngular`. */
export const gripperFromAngularInv = (value: number): number => unnormalized(value, joints) - angles.low;
