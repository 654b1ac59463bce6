import type { Application } from '@torsor/tensor';
import { given } from '../plan/builder.js';
import { type Lower, onFull } from './rule.js';

/** Slices chosen by indices. */
export const gather = (application: Application<'gather'>): Lower => {
  const { axis, batchDims } = application.params;
  return onFull(application, {
    key: `gather ${axis} ${batchDims}`,
    run: (kernels, [x, indices]) => kernels.gather(given(x), given(indices), { axis, batchDims }),
  });
};

/** Slices added where indices say. */
export const scatterAdd = (application: Application<'scatter_add'>): Lower => {
  const { axis, batchDims } = application.params;
  return onFull(application, {
    key: `scatter_add ${axis} ${batchDims}`,
    run: (kernels, [x, indices, updates]) =>
      kernels.scatterAdd(given(x), given(indices), given(updates), { axis, batchDims }),
  });
};

/** A region that begins where scalars say. */
export const dynamicSlice = (application: Application<'dynamic_slice'>): Lower => {
  const { sizes } = application.params;
  return onFull(application, {
    key: `dynamic_slice ${sizes.join(' ')}`,
    run: (kernels, [x, ...starts]) => kernels.dynamicSlice(given(x), starts, sizes),
  });
};

/** An operand with a region replaced. */
export const dynamicUpdateSlice = (application: Application<'dynamic_update_slice'>): Lower => {
  return onFull(application, {
    key: 'dynamic_update_slice',
    run: (kernels, [x, update, ...starts]) => kernels.dynamicUpdateSlice(given(x), given(update), starts),
  });
};
