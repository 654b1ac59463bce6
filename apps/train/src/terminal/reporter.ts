import { barReporter } from './bar-reporter.js';
import type { Reporter } from './event.js';
import { jsonReporter } from './json-reporter.js';
import { palette, plainReporter } from './plain-reporter.js';

/** The streams of a process and its environment, as far as output depends on them. */
export type Terminal = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined };
  readonly env: { readonly [name: string]: string | undefined };
};

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

/** JSON lines when asked for; else a bar on a terminal, plain lines anywhere else. `NO_COLOR` and `TERM=dumb` are respected. */
export const reporterFor = ({ stdout, stderr, env }: Terminal, json: boolean): Reporter => {
  const out = (text: string): void => void stdout.write(text);
  const err = (text: string): void => void stderr.write(text);
  if (json) return jsonReporter(out);
  const capable = stderr.isTTY === true && env['TERM'] !== 'dumb';
  const colours = palette(capable && !isSet(env['NO_COLOR']));
  return capable ? barReporter(stderr, out, colours) : plainReporter(out, err, colours);
};
