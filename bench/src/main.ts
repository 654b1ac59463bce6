import { type Bench, measure } from './bench.js';
import { registry } from './registry.js';

const usage = `usage: pnpm bench [--json] [name …]\nbenches: ${registry.map(({ name }) => name).join(', ') || 'none yet'}\n`;

const select = (names: readonly string[]): readonly Bench[] | string => {
  const unknown = names.filter((name) => registry.every((bench) => bench.name !== name));
  if (unknown.length > 0) return `no bench named ${unknown.join(', ')}\n${usage}`;
  return names.length === 0 ? registry : registry.filter(({ name }) => names.includes(name));
};

type Measured = Awaited<ReturnType<typeof measure>>;

const figures = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

const show = (result: Measured): string => {
  if ('skipped' in result) return `${result.name}: skipped: ${result.skipped}\n`;
  const { name, ratio, bound, holds, ours, reference, unit, against, detail } = result;
  const numbers = `${figures.format(ours)} ${unit}, ${against} ${figures.format(reference)} ${unit}`;
  const judged = `${figures.format(ratio)}× (bound ${bound}${holds ? '' : ', NOT KEPT'})`;
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
