import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import {
  type Expr,
  type Graph,
  type Invalid,
  input,
  isValid,
  type Primitive,
  type TensorExpr,
  type VjpInput,
} from '../expr.js';
import { substitute } from '../graph.js';
import { cotangentsOf } from '../transform/cotangents.js';
import { sameType, showType } from '../type.js';

/** What a backend may know of a block besides its body: plain data. */
export type BlockAttributes = { readonly [key: string]: string | number | boolean };

/** A named composite. Its body is its meaning; a backend may replace it by a fused kernel of the same meaning. */
export type BlockParams = {
  readonly name: string;
  readonly attributes: BlockAttributes;
  readonly body: Graph;
};

/** A named composite: results of the body for the operands. */
export const blockP: Primitive<'block', BlockParams> = {
  name: 'block',
  infer: ({ name, body }, operands) => {
    if (operands.length !== body.inputs.length) {
      return E.left(`${name} takes ${body.inputs.length} operands, got ${operands.length}`);
    }
    const wrong = body.inputs.findIndex(({ type }, i) => {
      const operand = operands[i];
      return operand === undefined || !sameType(type, operand);
    });
    const expected = body.inputs[wrong];
    return expected === undefined
      ? E.right(body.outputs.map(({ type }) => type))
      : E.left(`${name} takes ${showType(expected.type)} as operand ${wrong}`);
  },
  vjp: (rule) => {
    const cts = blockCotangents(rule);
    return E.isLeft(cts) ? rule.operands.map(() => O.some(cts.left)) : cts.right;
  },
  ref: ({ body }, operands, _results, evaluate) => evaluate(body, operands).map(({ data }) => data),
};

/** The derivative of the body, with the block's operands and cotangents put in. */
const blockCotangents = ({
  params: { body },
  operands,
  cotangents,
  wanted,
}: VjpInput<BlockParams>): E.Either<Invalid, ReadonlyArray<O.Option<Expr>>> => {
  const ctInputs = body.outputs.map(({ type }, i) => input(`ct_${i}`, type));
  const given = ctInputs.map((ct, i) => (O.isSome(cotangents[i] ?? O.none) ? O.some<Expr>(ct) : O.none));
  const wrt = body.inputs.filter((_, i) => wanted[i] === true);
  const cts = cotangentsOf(body.outputs, given, wrt);
  if (E.isLeft(cts)) return cts;
  const by = new Map<TensorExpr, TensorExpr>();
  body.inputs.forEach((formal, i) => {
    const actual = operands[i];
    if (actual !== undefined) by.set(formal, actual);
  });
  ctInputs.forEach((formal, i) => {
    const actual = cotangents[i];
    if (actual !== undefined && O.isSome(actual) && isValid(actual.value)) by.set(formal, actual.value);
  });
  const place = (ct: Expr): Expr => (isValid(ct) ? (substitute([ct], by)[0] ?? ct) : ct);
  return E.right(
    body.inputs.map((formal, i) =>
      wanted[i] === true ? O.map(place)(cts.right[wrt.indexOf(formal)] ?? O.none) : O.none,
    ),
  );
};
