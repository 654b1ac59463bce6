import type { Algebra, Application, GatherParams, Graph, PrimitiveName, ScanParams, TensorType } from '@torsor/tensor';
import { type Carried, carried, gathered, type Inside, unsplit } from './carried.js';
import { dot } from './dot.js';
import { agreed, elementwise, shared } from './elementwise.js';
import type { Layout } from './layout.js';
import { reshaped } from './reshape.js';

/** A sub-program walked with the layouts of its inputs. */
export type Walked = {
  readonly outputs: readonly Layout[];
  readonly inside: Inside;
};

/** Walks a sub-program that runs some times for each run of what it is in. */
export type WalkBody = (body: Graph, inputs: readonly Layout[], times: number) => Walked;

/** How a primitive carries layouts. */
type Rule = (operands: readonly Layout[], walkBody: WalkBody) => Carried;

const axesAt = (operands: readonly Layout[], i: number): Layout['axes'] => operands[i]?.axes ?? [];

const rankOf = ([type]: readonly TensorType[]): number => type?.shape.length ?? 0;

const each =
  <N extends PrimitiveName>(_: Application<N>): Rule =>
  (operands) =>
    elementwise(operands);

const made =
  ({ results }: Application<'constant' | 'iota'>): Rule =>
  () =>
    carried([], unsplit(rankOf(results)));

const reduced =
  ({ params: { axes } }: Application<'reduce_sum' | 'reduce_max' | 'reduce_min'>): Rule =>
  (operands) => {
    const whole = axesAt(operands, 0);
    return carried(
      operands,
      whole.filter((_, axis) => !axes.includes(axis)),
      { partial: whole.filter((_, axis) => axes.includes(axis)).flat() },
    );
  };

/** Along one axis every element depends on others: that axis is made whole. */
const along =
  (axis: number, removed: boolean): Rule =>
  (operands) => {
    const kept = operands.map((layout) => gathered(layout, [axis]));
    const result = kept[0] ?? [];
    return carried(operands, removed ? result.filter((_, i) => i !== axis) : result, { kept });
  };

const concatenated =
  ({ params: { axis } }: Application<'concatenate'>): Rule =>
  (operands) => {
    const kept = operands.map((layout) => gathered(layout, [axis]));
    const result = agreed(operands.map((layout, i) => ({ ...layout, axes: kept[i] ?? [] })));
    return carried(operands, result, { kept: operands.map((layout) => shared(layout, result)) });
  };

/** A batch stays split through a cut of another axis; a cut axis keeps its split where the extents allow it. */
const sameAxes =
  (_: Application<'slice' | 'pad'>): Rule =>
  (operands) =>
    carried(operands, axesAt(operands, 0));

const dynamicallyCut =
  ({ operands: [from], results: [to] }: Application<'dynamic_slice'>): Rule =>
  (operands) => {
    const cut = (from?.shape ?? []).flatMap((extent, axis) => (extent === to?.shape[axis] ? [] : [axis]));
    const [x, ...starts] = operands;
    const kept = x === undefined ? [] : gathered(x, cut);
    return carried(operands, kept, { kept: [kept, ...starts.map(({ axes }) => axes)] });
  };

const updated =
  (_: Application<'dynamic_update_slice'>): Rule =>
  (operands) =>
    carried(operands, axesAt(operands, 0));

/** The axes of a gather's result that come from the indices. */
const chosenAxes = ({ axis, batchDims }: GatherParams, indexRank: number): readonly number[] =>
  Array.from({ length: indexRank - batchDims }, (_, i) => axis + i);

/**
 * Rows of a table: a table whose rows are split over an axis that does not split the indices gives parts that are added up;
 * over one that does, it is gathered.
 */
const taken =
  ({ params, operands: types }: Application<'gather'>): Rule =>
  (operands) => {
    const [table, indices] = [axesAt(operands, 0), axesAt(operands, 1)];
    const used = indices.flat();
    const kept = table.map((names) => names.filter((name) => !used.includes(name)));
    const rows = kept[params.axis] ?? [];
    const count = chosenAxes(params, rankOf(types.slice(1))).length;
    const own = indices.slice(indices.length - count);
    const result = [...kept.slice(0, params.axis), ...own, ...kept.slice(params.axis + 1)];
    return carried(operands, result, { kept: [kept, indices], partial: rows });
  };

/** Rows added into a table: devices that hold other rows to add each have a part of the sum. */
const scattered =
  ({ params, operands: types }: Application<'scatter_add'>): Rule =>
  (operands) => {
    const [table, indices, rows] = [axesAt(operands, 0), axesAt(operands, 1), axesAt(operands, 2)];
    const chosen = chosenAxes(params, rankOf(types.slice(1)));
    const partial = chosen.flatMap((axis) => rows[axis] ?? []);
    const own = rows.filter((_, axis) => !chosen.includes(axis));
    const fresh = [...own.slice(0, params.axis), [], ...own.slice(params.axis)];
    const result = operands[0]?.undecided === true ? fresh : table;
    return carried(operands, result, { kept: [table, indices, rows], partial });
  };

const block =
  ({ params: { body } }: Application<'block'>): Rule =>
  (operands, walkBody) => {
    const { outputs, inside } = walkBody(body, operands, 1);
    return {
      results: outputs.map(({ axes }) => axes),
      kept: operands.map(({ axes }) => axes),
      partial: [],
      flops: 0,
      inside,
    };
  };

/** The layouts with which a step begins, from those of the operands: elements have no leading axis. */
const stepInputs = ({ numConsts, numCarry }: ScanParams, operands: readonly Layout[]): readonly Layout[] =>
  operands.map((layout, i) => (i < numConsts + numCarry ? layout : { ...layout, axes: layout.axes.slice(1) }));

const scanned =
  ({ params }: Application<'scan'>): Rule =>
  (operands, walkBody) => {
    const { body, numConsts, numCarry, length } = params;
    const first = stepInputs(params, operands);
    const once = walkBody(body, first, length).outputs;
    // A carry that begins as a constant lies as the step leaves it; sums of gradients do.
    const settled = first.map((layout, i) => {
      const carry = i - numConsts;
      return carry >= 0 && carry < numCarry ? settle(layout, once[carry] ?? layout) : layout;
    });
    const { outputs, inside } = walkBody(body, settled, length);
    const results = outputs.map(({ axes }, i) =>
      i < numCarry ? (settled[numConsts + i]?.axes ?? axes) : [[], ...axes],
    );
    return { results, kept: operands.map(({ axes }) => axes), partial: [], flops: 0, inside };
  };

const settle = (before: Layout, after: Layout): Layout =>
  before.undecided ? after : { ...before, state: before.state && after.state };

/** How every primitive carries layouts. */
export const layoutRules: Algebra<Rule> = {
  abs: each,
  add: each,
  and: each,
  argmax: ({ params: { axis } }) => along(axis, true),
  block,
  broadcast_in_dim:
    ({ params: { shape, dims }, operands: [type] }) =>
    (operands) => {
      const from = axesAt(operands, 0);
      const at = (axis: number): readonly string[] => {
        const source = dims.indexOf(axis);
        return type?.shape[source] === shape[axis] ? (from[source] ?? []) : [];
      };
      return carried(
        operands,
        shape.map((_, axis) => at(axis)),
      );
    },
  ceil: each,
  compare: each,
  concatenate: concatenated,
  constant: made,
  convert: each,
  cos: each,
  cumsum: ({ params: { axis } }) => along(axis, false),
  div: each,
  dot_general: (application) => (operands) => dot(application, operands),
  dynamic_slice: dynamicallyCut,
  dynamic_update_slice: updated,
  exp: each,
  expm1: each,
  floor: each,
  gather: taken,
  iota: made,
  is_finite: each,
  log: each,
  log1p: each,
  logistic: each,
  maximum: each,
  minimum: each,
  mul: each,
  neg: each,
  not: each,
  or: each,
  pad: sameAxes,
  pow: each,
  reduce_max: reduced,
  reduce_min: reduced,
  reduce_sum: reduced,
  rem: each,
  reshape:
    ({ params: { shape }, operands: [type] }) =>
    (operands) => {
      const { kept, result } = reshaped(axesAt(operands, 0), type?.shape ?? [], shape);
      return carried(operands, result, { kept: [kept] });
    },
  round_nearest_even: each,
  rsqrt: each,
  scan: scanned,
  scatter_add: scattered,
  select: each,
  sign: each,
  sin: each,
  slice: sameAxes,
  sqrt: each,
  stop_gradient: each,
  sub: each,
  tanh: each,
  transpose:
    ({ params: { permutation } }) =>
    (operands) =>
      carried(
        operands,
        permutation.map((axis) => axesAt(operands, 0)[axis] ?? []),
      ),
};
