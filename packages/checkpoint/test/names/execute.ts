import { permute } from '../../src/convert/permute.js';
import type { ConversionPlan } from '../../src/names/plan.js';
import type { Arrays } from './fixtures.js';

const product = (shape: readonly number[]): number => shape.reduce((n, dim) => n * dim, 1);

/** A plan carried out on whole numbers in memory. */
export const execute = ({ tensors }: ConversionPlan, source: Arrays): Arrays =>
  new Map(
    tensors.map(({ name, shape, slices }) => {
      const parts = slices.flatMap((slice) => {
        const size = product(slice.shape);
        const elements = source.get(slice.source)?.elements ?? [];
        const target = new Uint32Array(size);
        permute(Uint32Array.from(elements.slice(slice.offset, slice.offset + size)), slice.shape, slice.order, target);
        return [...target];
      });
      const elements = slices.length === 0 ? Array.from({ length: product(shape) }, () => 0) : parts;
      return [name, { shape, elements }] as const;
    }),
  );
