import { benchReader } from '../../packages/data/bench/reader.js';
import type { Bench } from './bench.js';

/** Rows per second of the LeRobot reader against a loop over the row objects of the same files. */
export const reader: Bench = {
  name: 'reader',
  reference: 'a row-by-row hyparquet loop',
  bound: { atLeast: 5 },
  run: async () => {
    const { rows, rowsPerSecond, ratioToCalls } = await benchReader();
    return {
      ours: rowsPerSecond.reader,
      reference: rowsPerSecond.objects,
      unit: 'rows/s',
      detail: `${rows} rows; ${ratioToCalls.toFixed(1)}× against one call per row`,
    };
  },
};
