import { printProgram } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EmitOptions, emitModule } from '../../src/stablehlo/module.js';
import { shardingText } from '../../src/stablehlo/partitioning.js';
import { quoted } from '../../src/stablehlo/types.js';
import { indexing, layers, movement, products, reductions } from './programs.js';

const plain: EmitOptions = { precision: 'default', aliases: new Map(), partitioning: null };

const depth = fc.integer({ min: 1, max: 400 });

/** The names and numbers of a text in order. */
const words = (text: string): readonly string[] => text.match(/%?[A-Za-z_]*#?\d+/g) ?? [];

describe('emitModule', () => {
  it('gives one text for a program however often it is built', () => {
    for (const build of [indexing, movement, products, reductions]) {
      expect(emitModule(build(), plain)).toBe(emitModule(build(), plain));
    }
  });

  it('is no longer for a deeper scan', () => {
    const lines = (text: string): number => text.split('\n').length;
    fc.assert(
      fc.property(depth, depth, fc.boolean(), (a, b, reverse) => {
        expect(lines(emitModule(layers(a, reverse), plain))).toBe(lines(emitModule(layers(b, reverse), plain)));
      }),
    );
  });

  it('differs in extents alone for 4, 18 and 54 layers', () => {
    const shallow = words(emitModule(layers(4, true), plain));
    for (const layerCount of [18, 54]) {
      const deep = words(emitModule(layers(layerCount, true), plain));
      const changed = shallow.flatMap((word, i) => (word === deep[i] ? [] : [[word, deep[i]]]));
      expect(deep.length).toBe(shallow.length);
      for (const [before, after] of changed) {
        expect([
          ['4', `${layerCount}`],
          ['3', `${layerCount - 1}`],
        ]).toContainEqual([before, after]);
      }
    }
  });

  it('locates every operation where printProgram has its node', () => {
    for (const program of [indexing(), movement(), products(), reductions(), layers(3)]) {
      const printed = printProgram(program);
      const operations = emitModule(program, plain)
        .split('\n')
        .filter((line) => / = stablehlo\.(?!while|reduce\()/.test(line));
      for (const line of operations) {
        const [, place = ''] = /loc\("(.*)"\)$/.exec(line) ?? [];
        const [outermost = ''] = place.split('/');
        const [name, number] = outermost.split('#');
        expect(printed).toContain(`%${number} = ${name}(`);
      }
    }
  });

  it('keeps a name with quotes, backslashes and other scripts in one line', () => {
    expect(quoted('a "b" \\ \n é')).toBe('"a \\"b\\" \\\\ \\0a \\C3\\A9"');
    expect(quoted('\ud800')).toBe('"\\EF\\BF\\BD"');
  });

  it('completes a sharding to the rank, and never shortens one', () => {
    expect(shardingText([['data']], [4, 2])).toBe('sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>');
    expect(shardingText([], [])).toBe('sdy.sharding = #sdy.sharding<@mesh, []>');
    expect(shardingText([[], ['data']], [4])).toBe('sdy.sharding = #sdy.sharding<@mesh, [{}, {"data"}]>');
  });
});
