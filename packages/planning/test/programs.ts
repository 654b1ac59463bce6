import { parseMesh, portSpecs, showShardingError } from '@torsor/sharding';
import {
  add,
  type Expr,
  gelu,
  matmul,
  mean,
  mul,
  type Program,
  program,
  type ShapeError,
  scan,
  square,
  sub,
  tensorType,
  valueAndGrad,
} from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { donationByPath, type Plan, planProgram } from '../src/index.js';

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

/** What a small stack is made of. */
export type Sizes = {
  readonly depth: number;
  readonly batch: number;
  readonly width: number;
  readonly hidden: number;
};

type Layer = { readonly gating_einsum: Expr; readonly linear: Expr };

const layerTypes = ({ depth, width, hidden }: Sizes) => ({
  gating_einsum: tensorType('f32', [depth, width, hidden]),
  linear: tensorType('f32', [depth, hidden, width]),
});

const stack = (x: Expr, mlp: Layer): Expr =>
  scan(
    (carry: { readonly x: Expr }, { gating_einsum, linear }: Layer) => ({
      carry: { x: add(carry.x, matmul(gelu(matmul(carry.x, gating_einsum)), linear)) },
      y: {},
    }),
    { x },
    mlp,
  ).carry.x;

/** The forward pass of residual feed-forward layers. */
export const forward = (sizes: Sizes): Program =>
  right(
    program(
      { state: { params: { mlp: layerTypes(sizes) } }, batch: { x: tensorType('f32', [sizes.batch, sizes.width]) } },
      ({ state, batch }) => ({ y: stack(batch.x, state.params.mlp) }),
    ) as E.Either<ShapeError, Program>,
  );

/** A step of gradient descent on them. */
export const descent = (sizes: Sizes): Program =>
  right(
    program(
      { state: { params: { mlp: layerTypes(sizes) } }, batch: { x: tensorType('f32', [sizes.batch, sizes.width]) } },
      ({ state, batch }) => {
        const { value, grads } = valueAndGrad((mlp: Layer) => mean(square(stack(batch.x, mlp))))(state.params.mlp);
        const step = (p: Expr, g: Expr): Expr => sub(p, mul(g, 0.1));
        const mlp = {
          gating_einsum: step(state.params.mlp.gating_einsum, grads.gating_einsum),
          linear: step(state.params.mlp.linear, grads.linear),
        };
        return { state: { params: { mlp } }, metrics: { loss: value } };
      },
    ) as E.Either<ShapeError, Program>,
  );

/** A plan over a mesh with openpi's layouts, everything split that divides, state donated. */
export const planOver = (of: Program, text: string, donate = true): Plan => {
  const mesh = right(parseMesh(text));
  const specs = portSpecs(mesh, of.inputs, { minBytes: 0 });
  if (E.isLeft(specs)) throw new Error(showShardingError(specs.left));
  const donated = donate ? donationByPath(of) : new Map<number, number>();
  return planProgram({ program: of, mesh, specs: specs.right, donated, minBytes: 0 });
};
