import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { diskFindings, memoryFinding } from '../../src/run/needs.js';

const run = { out: 'runs/a', parameters: 1_000_000, checkpoints: 2 };

it('finds nothing where the disk has room for every checkpoint', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 9 }), (parameters, checkpoints) => {
      const freeBytes = 16 * parameters * checkpoints;
      expect(diskFindings({ ...run, parameters, checkpoints, freeBytes })).toEqual([]);
    }),
  );
});

it('warns where not all fit, and refuses where not one does', () => {
  expect(diskFindings({ ...run, freeBytes: 20e6 })).toMatchObject([
    {
      _tag: 'DiskTooSmall',
      severity: 'warning',
      message: '2 checkpoints of up to 16.00 MB each take up to 32.00 MB, the disk has 20.00 MB left.',
    },
  ]);
  expect(diskFindings({ ...run, freeBytes: 15e6 })).toMatchObject([{ severity: 'error' }]);
});

it('says what an update needs, and whether less is possible', () => {
  const needed = { _tag: 'DoesNotFit', needed: 40e9, memory: 24e9, remedy: null } as const;
  expect(memoryFinding(needed).message).toBe(
    'an update needs 40.00 GB, this machine has 24.00 GB (a tenth is left free): it trains on a device with more, or not.',
  );
  expect(memoryFinding({ ...needed, remedy: { saving: { batchSize: 1 }, needed: 20e9 } }).remedy).toBe(
    'a smaller batch, parts of it (gradientAccumulation) or more devices: 20.00 GB are possible; torsor plan tells where it goes',
  );
});
