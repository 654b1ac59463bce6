import pc from 'picocolors';
import type { Event, Reporter } from './event.js';
import { progressLine } from './format.js';

/** The colours of messages; without colours the words alone say the same. */
export type Palette = { readonly error: (text: string) => string; readonly warning: (text: string) => string };

/** @param colours - false for a pipe, or where `NO_COLOR` is set. */
export const palette = (colours: boolean): Palette => {
  const { red, yellow } = pc.createColors(colours);
  return { error: red, warning: yellow };
};

/** The line of an event for people, `null` for one that only machines read. */
export const eventLine = (event: Event, { error, warning }: Palette): string | null => {
  switch (event._tag) {
    case 'Log':
      return event.message;
    case 'Warning':
      return `${warning('warning:')} ${event.message}`;
    case 'Failure':
      return `${error('error:')} ${event.message}`;
    case 'Progress':
      return event.logged ? progressLine(event) : null;
    case 'Metrics':
      return null;
    case 'Result':
      return event.text;
  }
};

/** Plain lines: results to `out`, everything else to `err`. */
export const plainReporter = (
  out: (text: string) => void,
  err: (text: string) => void,
  colours: Palette,
): Reporter => ({
  report: (event) => {
    const line = eventLine(event, colours);
    if (line !== null) (event._tag === 'Result' ? out : err)(`${line}\n`);
  },
  close: () => undefined,
});
