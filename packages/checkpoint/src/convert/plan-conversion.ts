import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import type { ConversionError } from '../conversion-error.js';
import { detectFeatures, detectFormat } from '../names/detect.js';
import { type NameFeatures, nameMap, namePrefix } from '../names/name-map.js';
import { agrees, type ConversionPlan, type NameDifference, type Shapes, showShape } from '../names/plan.js';
import { aliasesOf, planExport } from '../names/plan-export.js';
import { planImport } from '../names/plan-import.js';
import type { NameFormat, TargetFormat } from '../names/rule.js';
import { type ConversionOptions, releasedHeads } from './options.js';

/** What a conversion will do. */
export type PlannedConversion = ConversionPlan & {
  readonly family: string;
  readonly from: NameFormat;
};

/** What a plan needs of the options. */
type Wanted = Omit<ConversionOptions, 'accompany' | 'to'> & { readonly to: NameFormat };

type Planned = E.Either<ConversionError, ConversionPlan>;
type TheirFormat = Exclude<NameFormat, 'torsor'>;

const checked = (path: string, { plan, difference }: { plan: ConversionPlan; difference: NameDifference }): Planned =>
  agrees(difference) ? E.right(plan) : E.left({ _tag: 'NamesDisagree', path, difference });

const copyOf = (names: Iterable<string>, shapes: Shapes, rename: (name: string) => string): ConversionPlan['tensors'] =>
  [...names].map((source) => {
    const shape = shapes.get(source) ?? [];
    const order = shape.map((_, axis) => axis);
    return { name: rename(source), shape, slices: [{ source, offset: 0, shape, order }] };
  });

// The two PyTorch formats differ by their prefix alone.
const renamed = (
  plan: ConversionPlan,
  shapes: Shapes,
  features: NameFeatures,
  from: TheirFormat,
  to: TheirFormat,
): ConversionPlan => {
  const duplicates = new Set(plan.tied.map(([, duplicate]) => duplicate));
  const names = [...shapes.keys()].filter((name) => !duplicates.has(name));
  const rename = (name: string): string => namePrefix[to] + name.slice(namePrefix[from].length);
  const aliases = aliasesOf(nameMap(to, features));
  return { tensors: copyOf(names, shapes, rename), tied: plan.tied, aliases, unread: [] };
};

const expectedOf = (path: string, expected: Shapes | undefined, ours: Shapes): E.Either<ConversionError, void> => {
  if (expected === undefined) return E.right(undefined);
  const difference: NameDifference = {
    missing: [...expected.keys()].filter((name) => !ours.has(name)),
    unused: [...ours.keys()].filter((name) => !expected.has(name)),
    misshaped: [...expected].flatMap(([name, shape]) => {
      const actual = ours.get(name);
      return actual === undefined || showShape(actual) === showShape(shape)
        ? []
        : [{ name, expected: showShape(shape), actual: showShape(actual) }];
    }),
  };
  return agrees(difference) ? E.right(undefined) : E.left({ _tag: 'NamesDisagree', path, difference });
};

const hasImageTower = (shapes: Shapes): boolean => [...shapes.keys()].some((name) => name.startsWith('PaliGemma/img/'));

const exported = (options: Wanted, shapes: Shapes, to: TheirFormat, features: NameFeatures): Planned =>
  hasImageTower(shapes)
    ? checked(options.input, planExport(nameMap(to, features), shapes))
    : E.left({ _tag: 'NoImageTower', path: options.input, format: to });

const imported = (options: Wanted, shapes: Shapes, from: TheirFormat, features: NameFeatures): Planned =>
  checked(options.input, planImport(nameMap(from, features), shapes, options.heads ?? releasedHeads));

const shapesOf = (plan: ConversionPlan): Shapes => new Map(plan.tensors.map(({ name, shape }) => [name, shape]));

const fromOurs = (options: Wanted, shapes: Shapes, features: NameFeatures): Planned => {
  const wanted = expectedOf(options.input, options.expected, shapes);
  if (E.isLeft(wanted)) return wanted;
  return options.to === 'torsor'
    ? E.right({ tensors: copyOf(shapes.keys(), shapes, String), tied: [], aliases: {}, unread: [] })
    : exported(options, shapes, options.to, features);
};

const fromTheirs = (options: Wanted, shapes: Shapes, from: TheirFormat, features: NameFeatures): Planned => {
  const plan = imported(options, shapes, from, features);
  if (E.isLeft(plan)) return plan;
  const wanted = expectedOf(options.input, options.expected, shapesOf(plan.right));
  if (E.isLeft(wanted)) return wanted;
  if (options.to === 'torsor') return plan;
  return E.right(renamed(plan.right, shapes, features, from, options.to));
};

/** Whose names are written. */
const namesOf = (target: TargetFormat): NameFormat => (target === 'openpi' ? 'torsor' : target);

/**
 * How a file's tensors become those of the format asked for, every key of it accounted for.
 *
 * @errors `UnknownFormat`, `NoNames`, `NoImageTower`, `NamesDisagree`.
 */
export const planConversion = (
  { to: target, ...given }: Omit<ConversionOptions, 'accompany'>,
  shapes: Shapes,
): E.Either<ConversionError, PlannedConversion> => {
  const options = { ...given, to: namesOf(target) };
  const format = options.from === undefined ? detectFormat(shapes.keys()) : O.some(options.from);
  if (O.isNone(format)) return E.left({ _tag: 'UnknownFormat', path: options.input, names: [...shapes.keys()] });
  const from = format.value;
  const detected = detectFeatures(from, shapes, options.families);
  if (O.isNone(detected)) return E.left({ _tag: 'UnknownFormat', path: options.input, names: [...shapes.keys()] });
  const features = detected.value;
  const { kind: family, formats } = features.family;
  if (!formats.includes(options.to)) return E.left({ _tag: 'NoNames', format: options.to, family });
  const plan = from === 'torsor' ? fromOurs(options, shapes, features) : fromTheirs(options, shapes, from, features);
  if (E.isLeft(plan)) return plan;
  return target === 'openpi' && !hasImageTower(shapesOf(plan.right))
    ? E.left({ _tag: 'NoImageTower', path: options.input, format: target })
    : E.right({ ...plan.right, family, from });
};
