import type { Backend } from '@torsor/backend';
import { cook, type Recipe, type RecipeOptions, recipe, recipeShape } from '@torsor/laws';
import { type Expr, grad, reduceSum } from '@torsor/tensor';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { anyProgram, type Case, checkCase, example, normals, showCaseFailure } from '../../src/index.js';
import type { Report } from './report.js';

const inputs = { x: normals(recipeShape), y: normals(recipeShape) };

const valueOf = (of: Recipe): Case => example(JSON.stringify(of), anyProgram, inputs, ({ x, y }) => cook(of, x, y));

const gradientOf = (of: Recipe): Case =>
  example(`gradient of ${JSON.stringify(of)}`, anyProgram, inputs, (given) =>
    grad(({ x, y }: { readonly x: Expr; readonly y: Expr }) => reduceSum(cook(of, x, y)))(given),
  );

/** A step that float32 and float64 may stand on different sides of. */
const hasStep = (of: Recipe): boolean => JSON.stringify(of).includes('"ceil"');

const numRuns = 60;

const agree = (
  title: string,
  options: RecipeOptions,
  backend: () => Backend,
  report: Report,
  of: (recipe: Recipe) => Case,
): void => {
  it(`random programs agree: ${title}`, async () => {
    const property = fc.asyncProperty(
      recipe(options).filter((candidate) => !hasStep(candidate)),
      async (candidate) => {
        const checked = await checkCase(backend(), of(candidate))();
        if (E.isLeft(checked)) expect.fail(showCaseFailure(checked.left));
        report.add('random', title, checked.right);
      },
    );
    await fc.assert(property, { numRuns });
  });
};

/** Random programs and their gradients, shrunk when they disagree. */
export const randomPrograms = (backend: () => Backend, report: Report): void => {
  agree('values', {}, backend, report, valueOf);
  agree('gradients', { smooth: true }, backend, report, gradientOf);
};
