import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  add,
  constant,
  type ExprTree,
  hashProgram,
  mul,
  type Program,
  printProgram,
  program,
  scan,
  showShapeError,
  tanh,
  tensorType,
} from '../src/index.js';

const built = <P>(made: E.Either<Parameters<typeof showShapeError>[0], P>): P => {
  if (E.isLeft(made)) throw new Error(showShapeError(made.left));
  return made.right;
};

const x = tensorType('f32', [2]);
const one = (f: (x: Parameters<typeof tanh>[0]) => ExprTree): Program => built(program({ x }, (inputs) => f(inputs.x)));

describe('a program as text', () => {
  it('names inputs and outputs by their paths and has a line per node', () => {
    expect(printProgram(one((a) => ({ y: mul(a, 2) })))).toBe(
      [
        '%in0 = x : f32[2]',
        '(%in0: f32[2]) {',
        '  %0 = constant() {dtype="f32" shape=[2] values=[2]} : f32[2]',
        '  %1 = mul(%in0, %0) : f32[2]',
        '  return %1',
        '}',
        '-> y: f32[2]',
      ].join('\n'),
    );
  });

  it('shows the body of a scan', () => {
    const text = printProgram(
      one((a) => scan((c: typeof a) => ({ carry: tanh(c), y: {} }), a, {}, { length: 3 }).carry),
    );
    expect(text).toContain(
      'scan(%in0) {body=(%in0: f32[2]) {\n    %0 = tanh(%in0) : f32[2]\n    return %0\n  } length=3',
    );
  });
});

describe('the hash of a program', () => {
  it('is equal for equal structures, whatever inputs and outputs are called', () => {
    const other = built(program({ z: x }, ({ z }) => ({ w: mul(z, 2) })));
    expect(hashProgram(one((a) => ({ y: mul(a, 2) })))).toBe(hashProgram(other));
  });

  it('differs with a constant, an operand, the order of operands or the length of a scan', () => {
    const loop = (length: number): Program =>
      one((a) => scan((c: typeof a) => ({ carry: tanh(c), y: {} }), a, {}, { length }).carry);
    const programs = [
      one((a) => mul(a, 2)),
      one((a) => mul(a, 3)),
      one((a) => mul(2, a)),
      one((a) => add(a, 2)),
      one((a) => mul(a, a)),
      loop(3),
      loop(4),
    ];
    expect(new Set(programs.map(hashProgram)).size).toBe(programs.length);
  });

  it('tells 0 from −0 and NaN from infinity', () => {
    const values = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const programs = values.map((value) => one((a) => add(a, constant(value, 'f32', [2]))));
    expect(new Set(programs.map(hashProgram)).size).toBe(values.length);
  });
});
