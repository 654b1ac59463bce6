import * as E from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import { type ShapeError, shapeError } from './error.js';
import type { TensorType } from './type.js';

/** An expression: a tensor that a program computes, or the error of the first refused step on the way to it. */
export type Expr = TensorExpr | Invalid;

/** One result of a node. Immutable data: no device, no data, no side effect; identity is sharing. */
export class TensorExpr {
  readonly _tag = 'TensorExpr';
  readonly node: Node;
  /** Which of the node's results this is. */
  readonly index: number;
  readonly type: TensorType;

  constructor(node: Node, index: number, type: TensorType) {
    this.node = node;
    this.index = index;
    this.type = type;
  }
}

/** A refused expression. It absorbs: every expression built from it is invalid with the same, first, error. */
export class Invalid {
  readonly _tag = 'Invalid';
  readonly error: ShapeError;

  constructor(error: ShapeError) {
    this.error = error;
  }
}

/** Where an expression comes from: an input of a program or the application of a primitive. */
export type Node = InputNode | ApplyNode;

/** A free variable of an expression. */
export class InputNode {
  readonly _tag = 'Input';
  readonly name: string;
  readonly result: TensorExpr;

  constructor(name: string, type: TensorType) {
    this.name = name;
    this.result = new TensorExpr(this, 0, type);
  }
}

/** A primitive applied to operands. */
export class ApplyNode {
  readonly _tag = 'Apply';
  readonly primitive: AnyPrimitive;
  readonly params: unknown;
  readonly operands: readonly TensorExpr[];
  readonly results: readonly TensorExpr[];

  constructor(primitive: AnyPrimitive, params: unknown, operands: readonly TensorExpr[], types: readonly TensorType[]) {
    this.primitive = primitive;
    this.params = params;
    this.operands = operands;
    this.results = types.map((type, index) => new TensorExpr(this, index, type));
  }
}

/** A closed sub-program: what it computes depends on nothing but its inputs. */
export class Graph {
  readonly inputs: readonly TensorExpr[];
  readonly outputs: readonly TensorExpr[];

  constructor(inputs: readonly TensorExpr[], outputs: readonly TensorExpr[]) {
    this.inputs = inputs;
    this.outputs = outputs;
  }
}

/** A tensor in the float64 meaning of the language: every dtype is held in float64 numbers (a bool is 0 or 1). */
export type RefTensor = {
  readonly type: TensorType;
  readonly data: Float64Array;
};

/** What a derivative rule is given; operands and results are valid. */
export type VjpInput<Params> = {
  readonly params: Params;
  readonly operands: readonly TensorExpr[];
  readonly results: readonly TensorExpr[];
  /** One per result; `none` where nothing downstream depends on it. At least one is `some`. */
  readonly cotangents: ReadonlyArray<Option<Expr>>;
  /** Which operands the caller wants a cotangent for. */
  readonly wanted: readonly boolean[];
};

/** How to evaluate a sub-program in the float64 meaning; handed to the primitives that have one. */
export type EvaluateGraph = (graph: Graph, inputs: readonly RefTensor[]) => readonly RefTensor[];

/**
 * A primitive: shape rule, derivative (in the language itself) and float64 meaning.
 *
 * `infer` says the result types or why not; `vjp` gives a cotangent per operand (`none` where none flows); `ref` may
 * rely on what `infer` accepted.
 */
export type Primitive<Name extends string, Params> = {
  readonly name: Name;
  readonly infer: (params: Params, operands: readonly TensorType[]) => E.Either<string, readonly TensorType[]>;
  readonly vjp: (input: VjpInput<Params>) => ReadonlyArray<Option<Expr>>;
  readonly ref: (
    params: Params,
    operands: readonly RefTensor[],
    results: readonly TensorType[],
    evaluate: EvaluateGraph,
  ) => readonly Float64Array[];
};

/** A primitive of any params: what a node stores. */
// biome-ignore lint/suspicious/noExplicitAny: the one existential; a node does not know the params type of its primitive.
export type AnyPrimitive = Primitive<string, any>;

/** Whether no error happened on the way to an expression. */
export const isValid = (expr: Expr): expr is TensorExpr => expr._tag === 'TensorExpr';

/** A fresh free variable. */
export const input = (name: string, type: TensorType): TensorExpr => new InputNode(name, type).result;

/** An expression refused by a composite, with the composite's name. */
export const refused = (name: string, operands: readonly TensorType[], reason: string): Invalid =>
  new Invalid(shapeError(name, operands, reason));

/** The valid expressions, or the first invalid one. */
export const allValid = (exprs: readonly Expr[]): E.Either<Invalid, readonly TensorExpr[]> => {
  const valid: TensorExpr[] = [];
  for (const expr of exprs) {
    if (!isValid(expr)) return E.left(expr);
    valid.push(expr);
  }
  return E.right(valid);
};

/** Applies a primitive: the node's results, or the error of an operand or of the shape rule. Never throws. */
export const applyAll = <Params>(
  primitive: Primitive<string, Params>,
  params: Params,
  operands: readonly Expr[],
): E.Either<Invalid, readonly TensorExpr[]> => {
  const valid = allValid(operands);
  if (E.isLeft(valid)) return valid;
  const types = valid.right.map(({ type }) => type);
  const results = primitive.infer(params, types);
  return E.isLeft(results)
    ? E.left(refused(primitive.name, types, results.left))
    : E.right(new ApplyNode(primitive, params, valid.right, results.right).results);
};

/** Applies a primitive with one result. */
export const apply = <Params>(
  primitive: Primitive<string, Params>,
  params: Params,
  operands: readonly Expr[],
): Expr => {
  const results = applyAll(primitive, params, operands);
  if (E.isLeft(results)) return results.left;
  return results.right[0] ?? refused(primitive.name, [], 'has no result');
};

/** Builds from the type of an expression; an invalid one passes through. */
export const withType = (expr: Expr, build: (type: TensorType, expr: TensorExpr) => Expr): Expr =>
  isValid(expr) ? build(expr.type, expr) : expr;

/** Builds from the types of several expressions; the first invalid one passes through. */
export const withTypes = (exprs: readonly Expr[], build: (types: readonly TensorType[]) => Expr): Expr => {
  const valid = allValid(exprs);
  return E.isLeft(valid) ? valid.left : build(valid.right.map(({ type }) => type));
};
