import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, Traffic } from '../src/index.js';
import { descent, forward, planOver, type Sizes } from './programs.js';

const sizes: fc.Arbitrary<Sizes> = fc.record({
  depth: fc.integer({ min: 1, max: 4 }),
  batch: fc.integer({ min: 1, max: 3 }).map((n) => 8 * n),
  width: fc.integer({ min: 1, max: 3 }).map((n) => 8 * n),
  hidden: fc.integer({ min: 1, max: 3 }).map((n) => 16 * n),
});

const meshTexts = [
  'data=1',
  'data=2',
  'fsdp=4',
  'tensor=2',
  'data=2,fsdp=2',
  'fsdp=2,tensor=4',
  'data=2,fsdp=2,tensor=2',
];

const bytesOf = (traffic: readonly Traffic[], wanted: Partial<Traffic>): number =>
  traffic
    .filter((one) => Object.entries(wanted).every(([key, value]) => one[key as keyof Traffic] === value))
    .reduce((sum, { bytesPerDevice }) => sum + bytesPerDevice, 0);

const stateBytes = ({ groups }: Plan): number =>
  groups.filter(({ name }) => name !== 'batch').reduce((sum, { bytes }) => sum + bytes, 0);

const weightBytes = ({ depth, width, hidden }: Sizes): number => 2 * 4 * depth * width * hidden;

describe('laws', () => {
  it('one device sends nothing', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom('data=1', 'fsdp=1,data=1', 'tensor=1'), (of, mesh) => {
        expect(planOver(descent(of), mesh).traffic).toEqual([]);
      }),
    );
  });

  it('what devices hold together is at least what there is, and more devices do not hold more each', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(...meshTexts), (of, mesh) => {
        const built = descent(of);
        const plan = planOver(built, mesh);
        for (const { bytes, bytesPerDevice } of plan.groups) {
          expect(bytesPerDevice * plan.devices).toBeGreaterThanOrEqual(bytes);
          expect(bytesPerDevice).toBeLessThanOrEqual(bytes);
        }
        expect(plan.flopsPerDevice * plan.devices).toBeGreaterThanOrEqual(plan.flops);
        expect(plan.flops).toBe(planOver(built, 'data=1').flops);
      }),
    );
  });

  it('a donated buffer counts once', () => {
    fc.assert(
      fc.property(sizes, (of) => {
        const built = descent(of);
        const given = planOver(built, 'data=1');
        const kept = planOver(built, 'data=1', false);
        // The new parameters are written over their gradients: both are as large.
        expect(given.peakBytesPerDevice).toBeLessThanOrEqual(kept.peakBytesPerDevice);
        expect(kept.peakBytesPerDevice).toBeLessThanOrEqual(given.peakBytesPerDevice + stateBytes(given));
        expect(given.peakBytesPerDevice).toBeGreaterThanOrEqual(stateBytes(given));
      }),
    );
  });

  it('a deeper loop needs no more for each of its steps', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 60 }), (of, depth) => {
        expect(planOver(forward({ ...of, depth }), 'data=1').temporaryBytesPerDevice).toBe(
          planOver(forward(of), 'data=1').temporaryBytesPerDevice,
        );
      }),
    );
  });

  it('the derivative stacks the carry and the gradients, a line in the depth', () => {
    fc.assert(
      fc.property(sizes, (of) => {
        const at = (depth: number): number => planOver(descent({ ...of, depth }), 'data=1').temporaryBytesPerDevice;
        expect(at(7) - at(5)).toBe(at(5) - at(3));
        const each = 4 * of.batch * of.width + weightBytes({ ...of, depth: 1 });
        expect((at(7) - at(5)) / 2).toBe(each);
      }),
    );
  });

  it('twice the batch is twice the work', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(...meshTexts), (of, mesh) => {
        const once = planOver(forward(of), mesh);
        const twice = planOver(forward({ ...of, batch: 2 * of.batch }), mesh);
        expect(twice.flopsPerDevice).toBe(2 * once.flopsPerDevice);
      }),
    );
  });
});

describe('known numbers', () => {
  const of: Sizes = { depth: 3, batch: 16, width: 8, hidden: 32 };
  const weights = weightBytes(of);
  const activation = of.batch * of.width * 4;

  it('a forward pass is two products of 2·b·d·f each in every layer', () => {
    expect(planOver(forward(of), 'data=1').flops).toBe(3 * 2 * (2 * 16 * 8 * 32));
  });

  it('data parallel: every gradient is reduced once', () => {
    const { traffic } = planOver(descent(of), 'data=4');
    expect(bytesOf(traffic, { collective: 'all-reduce', over: 'data', what: 'gradients' })).toBeCloseTo(
      // and the loss, one number
      2 * (3 / 4) * (weights + 4),
      6,
    );
    expect(bytesOf(traffic, { what: 'parameters' })).toBe(0);
  });

  it('fully sharded: parameters are gathered forward and backward, gradients scattered once', () => {
    const { traffic, groups } = planOver(descent(of), 'fsdp=4');
    expect(bytesOf(traffic, { collective: 'all-gather', over: 'fsdp', what: 'parameters' })).toBe(
      2 * (3 / 4) * weights,
    );
    expect(bytesOf(traffic, { collective: 'reduce-scatter', over: 'fsdp' })).toBe((3 / 4) * weights);
    expect(bytesOf(traffic, { what: 'activations' })).toBe(0);
    expect(groups.find(({ name }) => name === 'params')?.bytesPerDevice).toBe(weights / 4);
  });

  it('tensor parallel: one sum of activations a layer forward, one backward, no parameter moves', () => {
    const { traffic } = planOver(forward(of), 'tensor=4');
    expect(traffic).toEqual([
      {
        collective: 'all-reduce',
        over: 'tensor',
        what: 'activations',
        bytesPerDevice: 3 * 2 * (3 / 4) * activation,
        count: 3,
      },
    ]);
    const both = planOver(descent(of), 'tensor=4').traffic;
    expect(bytesOf(both, { collective: 'all-reduce', over: 'tensor' })).toBe(2 * 3 * 2 * (3 / 4) * activation);
    expect(bytesOf(both, { what: 'parameters' })).toBe(0);
    expect(bytesOf(both, { what: 'gradients' })).toBe(0);
  });

  it('tensor parallel with data parallel: the sums are of a part of the batch, gradients of a part of the weights', () => {
    const { traffic } = planOver(descent(of), 'data=2,tensor=4');
    expect(bytesOf(traffic, { over: 'tensor', what: 'activations' })).toBe(2 * 3 * 2 * (3 / 4) * (activation / 2));
    expect(bytesOf(traffic, { over: 'data', what: 'gradients' })).toBeCloseTo(2 * (1 / 2) * (weights / 4 + 4), 6);
  });
});
