import type { Case } from './case.js';
import { compositeCases } from './composites.js';
import { compositeGradientCases } from './gradients/composites.js';
import { isPulledBack, pullbackOf } from './gradients/derived.js';
import { gradientCases } from './gradients/primitives.js';
import { primitiveCases } from './primitives/catalogue.js';
import { trainingCases } from './training.js';

/** The parts of the suite, by which its report is written. */
export type GroupName = 'primitive' | 'composite' | 'gradient' | 'pullback' | 'scan' | 'training';

/** A case with its place in the suite: `primitive/add/rows`. */
export type Entry = {
  readonly group: GroupName;
  readonly id: string;
  readonly case: Case;
};

const entries = (group: GroupName, under: string, cases: readonly Case[]): readonly Entry[] =>
  cases.map((each) => ({ group, id: [group, ...(under === '' ? [] : [under]), each.name].join('/'), case: each }));

const { scan: scans, ...primitives } = primitiveCases;
const { scan: scanGradients, ...gradients } = gradientCases;

const withGradient = new Set(Object.entries(gradients).flatMap(([name, cases]) => (cases.length > 0 ? [name] : [])));

/** Of every case that can be differentiated, the pullback. */
const pullbacks = (under: string, cases: readonly Case[]): readonly Entry[] =>
  entries('pullback', under, cases.filter(isPulledBack).map(pullbackOf));

/** Every case that every backend passes. */
export const suite: readonly Entry[] = [
  ...Object.entries(primitives).flatMap(([name, cases]) => entries('primitive', name, cases)),
  ...entries('composite', '', compositeCases),
  ...Object.entries(gradients).flatMap(([name, cases]) => entries('gradient', name, cases)),
  ...entries('gradient', 'composite', compositeGradientCases),
  ...Object.entries(primitives).flatMap(([name, cases]) => (withGradient.has(name) ? pullbacks(name, cases) : [])),
  ...pullbacks('composite', compositeCases),
  ...pullbacks('scan', scans),
  ...entries('scan', '', scans),
  ...entries('scan', 'gradient', scanGradients),
  ...entries('training', '', trainingCases),
];
