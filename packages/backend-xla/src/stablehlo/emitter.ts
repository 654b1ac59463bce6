import {
  type Algebra,
  type ApplyNode,
  applyAlgebra,
  type DType,
  type Graph,
  type TensorExpr,
  TensorType,
  topological,
} from '@torsor/tensor';
import { gathersOperands, inherited } from './gathering.js';
import { literalText } from './literal.js';
import { layoutText } from './partitioning.js';
import { list, quoted, typeList, typeText } from './types.js';
import type { Value } from './value.js';

/** How exact products of f32 are on devices that have faster, less exact ones. */
export type Precision = 'default' | 'high' | 'highest';

/** What a primitive becomes: writes operations, gives the values of its results. */
export type Lowering = (to: Emitter, operands: readonly Value[]) => readonly Value[];

/** The text of a module as it grows, line by line; every operation carries the node that it came from. */
export class Emitter {
  readonly precision: Precision;
  private readonly algebra: Algebra<Lowering>;
  private readonly lines: string[] = [];
  /** By name, what a value is where it is used. A name is used in its own region alone, for bodies are closed. */
  private readonly placed = new Map<string, Value>();
  private indent = '    ';
  private count = 0;
  /** The path of the node being written: `scan#3/dot_general#7`, numbered as `printProgram` does. */
  private location = '';

  constructor(algebra: Algebra<Lowering>, precision: Precision) {
    this.algebra = algebra;
    this.precision = precision;
  }

  /** What has been written. */
  text(): string {
    return this.lines.join('\n');
  }

  /** A name that no other value has. */
  fresh(type: TensorType): Value {
    return { name: `%${this.count++}`, type };
  }

  /** A line without a location that begins, separates or ends regions: as deep as the operation that holds them. */
  edge(text: string): void {
    this.lines.push(this.indent.slice(2) + text);
  }

  /** An operation with one result: its name, operands and attributes, and the types that follow the colon. */
  op(text: string, signature: string, type: TensorType): Value {
    const result = this.fresh(type);
    this.lines.push(`${this.indent}${result.name} = ${text} : ${signature} loc(${quoted(this.location)})`);
    return result;
  }

  /** An operation whose signature is a function type: `(operands) -> result`. */
  call(text: string, operands: readonly Value[], type: TensorType): Value {
    return this.op(text, `(${typeList(operands.map((operand) => operand.type))}) -> ${typeText(type)}`, type);
  }

  /** An operation on operands of one type that gives that type. */
  map(name: string, operands: readonly Value[], type: TensorType): Value {
    return this.op(`stablehlo.${name} ${namesOf(operands)}`, typeText(type), type);
  }

  /** A constant of a type. */
  constant(type: TensorType, values: readonly number[]): Value {
    return this.op(`stablehlo.constant dense<${literalText(type, values)}>`, typeText(type), type);
  }

  /** A scalar constant. */
  scalar(dtype: DType, value: number): Value {
    return this.constant(new TensorType(dtype, []), [value]);
  }

  /** A tensor filled with one number. It is repeated by an operation: as a literal it would be held in full. */
  filled(type: TensorType, value: number): Value {
    const scalar = this.scalar(type.dtype, value);
    return type.shape.length === 0 ? scalar : this.broadcast(scalar, [], type);
  }

  /** A value repeated; `dims` says which axis of the result each of its axes becomes. */
  broadcast(value: Value, dims: readonly number[], type: TensorType): Value {
    return this.call(`stablehlo.broadcast_in_dim ${value.name}, dims = ${list(dims)}`, [value], type);
  }

  /** A value in another element type; itself where it has it already. */
  convert(value: Value, dtype: DType): Value {
    if (value.type.dtype === dtype) return value;
    return this.call(`stablehlo.convert ${value.name}`, [value], new TensorType(dtype, value.type.shape));
  }

  /** A value under another shape; itself where it has it already. */
  reshape(value: Value, type: TensorType): Value {
    return this.call(`stablehlo.reshape ${value.name}`, [value], type);
  }

  /**
   * An operation with regions and any number of results: `open` begins it, `write` fills it and `close` ends it.
   */
  enclosing(open: string, types: readonly TensorType[], close: string, write: () => void): readonly Value[] {
    const { name } = this.fresh(new TensorType('bool', []));
    const results = types.length === 1 ? name : `${name}:${types.length}`;
    const outer = this.indent;
    this.indent = `${outer}  `;
    this.edge(`${results} = ${open}`);
    write();
    this.edge(`${close} loc(${quoted(this.location)})`);
    this.indent = outer;
    return types.map((type, i) => ({ name: types.length === 1 ? name : `${name}#${i}`, type }));
  }

  /** Ends a region. */
  yield(values: readonly Value[]): void {
    const types = typeList(values.map(({ type }) => type));
    this.lines.push(`${this.indent}stablehlo.return ${namesOf(values)} : ${types}`);
  }

  /** The operations of a graph on given operands. Recursion is as deep as bodies are nested. */
  inline(graph: Graph, operands: readonly Value[]): readonly Value[] {
    const outer = this.location;
    const prefix = outer === '' ? '' : `${outer}/`;
    const values = new Map<TensorExpr, Value>();
    bind(values, graph.inputs, operands);
    let number = 0;
    for (const node of topological(graph.outputs)) {
      if (node._tag === 'Input') continue;
      this.location = `${prefix}${node.primitive.name}#${number++}`;
      bind(values, node.results, this.lower(node, valuesOf(values, node.operands)));
    }
    this.location = outer;
    return valuesOf(values, graph.outputs);
  }

  private lower(node: ApplyNode, operands: readonly Value[]): readonly Value[] {
    const lowering = applyAlgebra(this.algebra, node);
    const results = lowering(this, gathersOperands(node) ? operands.map((operand) => this.place(operand)) : operands);
    const [operand] = operands;
    return operand === undefined
      ? results
      : results.map((result) => ({ ...result, ...inherited(node, operand, result) }));
  }

  /** A value as it is to lie where it is used. */
  private place(value: Value): Value {
    const { name, type, wanted } = value;
    if (wanted === undefined) return value;
    const known = this.placed.get(name);
    if (known !== undefined) return known;
    const text = `sdy.sharding_constraint ${name} ${layoutText(wanted, type.shape)}`;
    const placed = this.op(text, typeText(type), type);
    this.placed.set(name, placed);
    return placed;
  }
}

/** The names of values, one after another. */
export const namesOf = (values: readonly Value[]): string => values.map(({ name }) => name).join(', ');

const bind = (values: Map<TensorExpr, Value>, exprs: readonly TensorExpr[], to: readonly Value[]): void => {
  exprs.forEach((expr, i) => {
    const value = to[i];
    if (value !== undefined) values.set(expr, value);
  });
};

const valuesOf = (values: ReadonlyMap<TensorExpr, Value>, exprs: readonly TensorExpr[]): readonly Value[] =>
  exprs.map((expr) => {
    const value = values.get(expr);
    // A program is closed and its nodes are in order; anything else is a mistake in this emitter.
    if (value === undefined) throw new RangeError('a value is used before it is written');
    return value;
  });
