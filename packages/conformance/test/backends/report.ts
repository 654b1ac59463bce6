import type { GroupName } from '../../src/index.js';

/** The worst error of a part of the suite on a backend. */
type Part = {
  readonly cases: number;
  readonly refused: number;
  readonly error: number;
  readonly where: string;
};

type PartName = GroupName | 'random';

const nothing: Part = { cases: 0, refused: 0, error: 0, where: 'nowhere' };

/** Collects errors, so that a person can read how exact a backend is. */
export class Report {
  readonly #parts = new Map<PartName, Part>();

  /** Notes the relative error of a case. */
  add(name: PartName, where: string, error: number): void {
    const part = this.#parts.get(name) ?? nothing;
    const worse = Number.isFinite(error) && error > part.error ? { error, where } : {};
    this.#parts.set(name, { ...part, cases: part.cases + 1, ...worse });
  }

  /** Notes a case whose dtype the backend has not. */
  refuse(name: PartName): void {
    const part = this.#parts.get(name) ?? nothing;
    this.#parts.set(name, { ...part, refused: part.refused + 1 });
  }

  /** A table: for each part, how many cases ran, how many were refused for their dtype, and the worst error. */
  print(backend: string): string {
    const rows = [...this.#parts].map(([name, { cases, refused, error, where }]) =>
      [
        name.padEnd(10),
        String(cases).padStart(5),
        String(refused).padStart(7),
        error.toExponential(1).padStart(8),
        ` ${where}`,
      ].join(' '),
    );
    const title = `${backend}: worst difference from the reference, relative to the largest number of the case`;
    return ['', title, `${'part'.padEnd(10)} cases refused    error  in`, ...rows, ''].join('\n');
  }
}
