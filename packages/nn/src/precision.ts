import type { DType } from '@torsor/tensor';

/** The dtype that sums and normalizations of a compute dtype are kept in: float64 stays, everything else is float32. */
export const wideDType = (compute: DType): DType => (compute === 'f64' ? 'f64' : 'f32');
