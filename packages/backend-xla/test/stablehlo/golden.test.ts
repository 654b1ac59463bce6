import type { Program } from '@torsor/tensor';
import { describe, expect, it } from 'vitest';
import { type EmitOptions, emitModule } from '../../src/stablehlo/module.js';
import { elementwise, indexing, layers, movement, products, reductions, update } from './programs.js';

const plain: EmitOptions = { precision: 'default', aliases: new Map(), partitioning: null };

/** Texts that were read by a person, and that XLA parsed and ran with the results of the reference. */
const matches = (name: string, program: Program, options: EmitOptions = plain): Promise<void> =>
  expect(emitModule(program, options)).toMatchFileSnapshot(`golden/${name}.mlir`);

describe('the text of a module', () => {
  it('of functions of corresponding elements', () => matches('elementwise', elementwise()));
  it('of constants and movements', () => matches('movement', movement()));
  it('of products, at a chosen precision', () => matches('products', products(), { ...plain, precision: 'highest' }));
  it('of reductions and running sums', () => matches('reductions', reductions()));
  it('of slices chosen by integers', () => matches('indexing', indexing()));
  it('of a scan with a block inside', () => matches('scan', layers(5)));
  it('of a scan from its end', () => matches('scan-reverse', layers(5, true)));
  it('of a scan of nothing', () => matches('scan-empty', layers(0)));
  it('with an input whose buffer an output takes', () =>
    matches('aliases', update(), { ...plain, aliases: new Map([[1, 1]]) }));
  it('split over a mesh of devices', () =>
    matches('sharded', update(), {
      ...plain,
      aliases: new Map([[1, 1]]),
      partitioning: {
        mesh: {
          axes: [
            { name: 'data', size: 2 },
            { name: 'fsdp', size: 2 },
          ],
        },
        inputs: [[['data', 'fsdp']], [[], ['fsdp']]],
        outputs: [[], [[], ['fsdp']]],
      },
    }));
});
