/**
 * What float32 resizing may differ by, in the units of [-1, 1]: places in the source are rounded to its extent's last bit, and
 * neighbours differ by 2 at most.
 */
export const resizeBound = (extent: number): number => 2 * extent * 2 ** -23;
