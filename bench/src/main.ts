import { type Bench, measure } from './bench.js';
import { registry } from './registry.js';

const usage = `usage: pnpm bench [--json] [name …], a name or the beginning of several\nbenches: ${registry.map(({ name }) => name).join(', ') || 'none yet'}\n`;

type Named = Pick<Bench, 'name'>;

/** `xla` is `xla` itself and every `xla-…`. */
const isNamed =
  (asked: string) =>
  ({ name }: Named): boolean =>
    name === asked || name.startsWith(`${asked}-`);

const select = (names: readonly string[]): readonly Bench[] | string => {
  const unknown = names.filter((name) => !registry.some(isNamed(name)));
  if (unknown.length > 0) return `no bench named ${unknown.join(', ')}\n${usage}`;
  return names.length === 0 ? registry : registry.filter((bench) => names.some((name) => isNamed(name)(bench)));
};

type Measured = Awaited<ReturnType<typeof measure>>;

const figures = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

const show = (result: Measured): string => {
  if ('skipped' in result) return `${result.name}: skipped: ${result.skipped}\n`;
  const { name, ratio, bound, holds, ours, reference, unit, against, detail, spread } = result;
  const numbers = `${figures.format(ours)} ${unit}, ${against} ${figures.format(reference)} ${unit}`;
  const rounds =
    spread === undefined ? '' : `, ${spread.map((value) => figures.format(value)).join(' to ')} in single rounds`;
  const judged = `${figures.format(ratio)}×${rounds} (bound ${bound}${holds ? '' : ', NOT KEPT'})`;
  return `${name}: ${judged}: ${numbers}${detail === undefined ? '' : `; ${detail}`}\n`;
};

const main = async (args: readonly string[]): Promise<number> => {
  const json = args.includes('--json');
  const benches = select(args.filter((arg) => arg !== '--json' && arg !== '--'));
  if (typeof benches === 'string') {
    process.stderr.write(benches);
    return 2;
  }
  const results: Measured[] = [];
  for (const bench of benches) {
    const result = await measure(bench);
    results.push(result);
    if (!json) process.stdout.write(show(result));
  }
  if (json) process.stdout.write(`${JSON.stringify({ node: process.version, results }, undefined, 2)}\n`);
  if (benches.length === 0) process.stderr.write(usage);
  return results.every((result) => 'skipped' in result || result.holds) ? 0 : 1;
};

process.exitCode = await main(process.argv.slice(2));
