import type { Application } from '@torsor/tensor';
import { type BinaryName, deviceDType, type UnaryName } from '../kernels.js';
import { given } from '../plan/builder.js';
import { elementwise, firstStored, firstType, type Lower, type Typed } from './rule.js';

/** A function of one operand. */
export const unary = (application: Application<UnaryName>): Lower => {
  return elementwise(application, {
    key: application.name,
    run: (kernels, [x]) => kernels.unary(application.name, given(x)),
  });
};

/** A function of two operands. */
export const binary = (application: Application<BinaryName>): Lower => {
  return elementwise(application, {
    key: application.name,
    run: (kernels, [x, y]) => kernels.binary(application.name, given(x), given(y)),
  });
};

/** A comparison. */
export const compare = (application: Application<'compare'>): Lower => {
  const { direction } = application.params;
  return elementwise(application, {
    key: direction,
    run: (kernels, [x, y]) => kernels.compare(direction, given(x), given(y)),
  });
};

/** A choice by a predicate. */
export const select = (application: Application<'select'>): Lower => {
  return elementwise(application, {
    key: 'select',
    run: (kernels, [p, x, y]) => kernels.select(given(p), given(x), given(y)),
  });
};

/** Another element type. */
export const convert = (application: Application<'convert'>): Lower => {
  const dtype = deviceDType(firstType(application.results));
  return elementwise(application, { key: `convert ${dtype}`, run: (kernels, [x]) => kernels.convert(given(x), dtype) });
};

/** The operand itself. */
export const identity = (typed: Typed): Lower => {
  const type = firstType(typed.results);
  return (builder, operands) => {
    const [x] = operands;
    return [x !== undefined && x._tag !== 'Stored' ? x : { ...firstStored(builder, operands), type }];
  };
};
