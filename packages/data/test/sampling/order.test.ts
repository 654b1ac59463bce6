import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cachedEpochOrder, epochOrder, firstPosition, nextIndices } from '../../src/sampling/order.js';

const seed = fc.nat(0xffffffff);
const n = fc.integer({ min: 1, max: 60 });

describe('nextIndices', () => {
  it('any split of a run into batches and resumes gives the epochs one after the other', () => {
    fc.assert(
      fc.property(seed, n, fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 12 }), (s, size, batches) => {
        let position = firstPosition;
        const seen: number[] = [];
        for (const batch of batches) {
          // A resumed run knows its position only as stored text.
          const next = nextIndices(JSON.parse(JSON.stringify(position)), batch, size, s);
          expect(next.indices).toHaveLength(batch);
          seen.push(...next.indices);
          position = next.position;
        }
        const epochs = Array.from({ length: Math.ceil(seen.length / size) + 1 }, (_, epoch) => [
          ...epochOrder(s, epoch, size),
        ]).flat();
        expect(seen).toEqual(epochs.slice(0, seen.length));
        expect(position.epoch * size + position.offset).toBe(seen.length);
      }),
    );
  });

  it('an epoch visits every sample once', () => {
    fc.assert(
      fc.property(seed, fc.nat(1000), n, (s, epoch, size) => {
        expect([...epochOrder(s, epoch, size)].toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: size }, (_, i) => i),
        );
      }),
    );
  });

  it('epochs and seeds differ', () => {
    const orders = [epochOrder(1, 0, 50), epochOrder(1, 1, 50), epochOrder(2, 0, 50)].map(String);
    expect(new Set(orders).size).toBe(3);
  });

  it('the remembering order is the same function', () => {
    const cached = cachedEpochOrder();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        (s, epoch, size) => {
          expect(cached(s, epoch, size)).toEqual(epochOrder(s, epoch, size));
        },
      ),
    );
  });

  it('no samples: an empty batch, the position stays', () => {
    expect(nextIndices({ epoch: 2, offset: 0 }, 4, 0, 1)).toEqual({
      indices: new Uint32Array(0),
      position: { epoch: 2, offset: 0 },
    });
  });
});
