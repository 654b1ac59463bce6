import { applyUpdates, ema, type GradientTransformation, globalNorm } from '@torsor/optim';
import { type Expr, type ExprTree, valueAndGrad } from '@torsor/tensor';

/** What training leaves behind: everything that a step computes. */
type Trained<P extends ExprTree> = {
  readonly params: P;
  readonly average: P;
  readonly state: ExprTree;
  readonly losses: Readonly<Record<string, Expr>>;
  readonly gradNorm: Expr;
};

/** How the cases train by AdamW. */
export const adam = { learningRate: 1e-2, b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 1e-2, clipGradientNorm: 0.5 };

/** Steps of an optimizer, written out into one program, with a moving average beside. */
export const train = <P extends ExprTree, S extends ExprTree>(
  params: P,
  transformation: GradientTransformation<S>,
  loss: (params: P) => Expr,
  steps: number,
): Trained<P> => {
  const averages = ema(0.9);
  let state = transformation.init(params);
  let now: P = params;
  let average: P = params;
  let gradNorm = globalNorm(params);
  const losses: Record<string, Expr> = {};
  for (let step = 0; step < steps; step++) {
    const { value, grads } = valueAndGrad(loss)(now);
    const updated = transformation.update(grads, state, now);
    losses[`step ${step}`] = value;
    gradNorm = globalNorm(grads);
    now = applyUpdates(now, updated.updates);
    average = averages.update(average, now);
    state = updated.state;
  }
  return { params: now, average, state, losses, gradNorm };
};
