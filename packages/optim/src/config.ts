import type { Operand } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import type { ChainState } from './chain.js';
import type { OptimError } from './error.js';
import { adamw, sgd } from './optimizers.js';
import { nonNegative, positive, type Range, rate } from './ranges.js';
import type { GradientTransformation } from './transformation.js';

/** AdamW as a configuration. */
export type AdamWConfig = {
  readonly kind: 'AdamW';
  readonly b1: number;
  readonly b2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly clipGradientNorm: number;
};

/** Gradient descent as a configuration. openpi's has a learning rate that it ignores, and never clips. */
export type SgdConfig = {
  readonly kind: 'SGD';
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Refused: the schedule has the learning rate. */
  readonly lr?: number;
  /** Refused: this optimizer does not clip. */
  readonly clipGradientNorm?: number;
};

/** Which optimizer and its hyper-parameters, without the learning rate: that comes from the schedule. */
export type OptimizerConfig = AdamWConfig | SgdConfig;

/** An optimizer that waits for its learning rate: a number, or an input of the program. */
export type Optimizer = (learningRate: Operand) => GradientTransformation<ChainState>;

const outOfRange = (
  optimizer: string,
  values: ReadonlyArray<readonly [string, number, Range]>,
): readonly OptimError[] =>
  values.flatMap(([field, value, { contains, expected }]) =>
    contains(value) ? [] : [{ _tag: 'OutOfRange', optimizer, field, value, expected }],
  );

const checkAdamW = (config: AdamWConfig): readonly OptimError[] =>
  outOfRange('AdamW', [
    ['b1', config.b1, rate],
    ['b2', config.b2, rate],
    ['eps', config.eps, nonNegative],
    ['weightDecay', config.weightDecay, nonNegative],
    ['clipGradientNorm', config.clipGradientNorm, positive],
  ]);

const unused = (field: string, remedy: string): OptimError => ({
  _tag: 'UnusedField',
  optimizer: 'SGD',
  field,
  remedy,
});

const checkSgd = (config: SgdConfig): readonly OptimError[] => [
  ...outOfRange('SGD', [['momentum', config.momentum, rate]]),
  ...(config.lr === undefined ? [] : [unused('lr', 'set the learning rate in the schedule')]),
  ...(config.clipGradientNorm === undefined
    ? []
    : [unused('clipGradientNorm', 'leave it out, or choose AdamW, which clips')]),
];

/**
 * The optimizer of a configuration.
 *
 * @errors all of `OutOfRange` and `UnusedField` (a learning rate or clipping for SGD) together.
 * @source openpi `training/optimizer.py` `create_optimizer` (15a9616)
 */
export const optimizer = (config: OptimizerConfig): E.Either<readonly OptimError[], Optimizer> => {
  const errors = config.kind === 'AdamW' ? checkAdamW(config) : checkSgd(config);
  if (errors.length > 0) return E.left(errors);
  return E.right(
    config.kind === 'AdamW'
      ? (learningRate) => adamw({ ...config, learningRate })
      : (learningRate) => sgd({ learningRate, momentum: config.momentum, nesterov: config.nesterov }),
  );
};
