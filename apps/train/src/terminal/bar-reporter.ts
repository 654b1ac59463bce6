import type { Progress } from '@torsor/training';
import { MultiBar, type SingleBar } from 'cli-progress';
import type { Reporter } from './event.js';
import { progressFigures } from './format.js';
import { eventLine, type Palette } from './plain-reporter.js';

const format = '{bar} {value}/{total}  {figures}';

const newBars = (stream: NodeJS.WritableStream): MultiBar =>
  // gracefulExit would take Ctrl-C for itself.
  new MultiBar({
    format,
    stream,
    hideCursor: true,
    barsize: 20,
    gracefulExit: false,
    forceRedraw: true,
    linewrap: false,
  });

/** A progress bar on a terminal, with the other lines printed above it. */
export const barReporter = (
  terminal: NodeJS.WritableStream,
  out: (text: string) => void,
  colours: Palette,
): Reporter => {
  let active: { readonly bars: MultiBar; readonly bar: SingleBar } | null = null;
  const close = (): void => {
    active?.bars.stop();
    active = null;
  };
  const progress = (event: Progress): void => {
    if (active === null) {
      const bars = newBars(terminal);
      active = { bars, bar: bars.create(event.steps, event.step, { figures: '' }) };
    }
    active.bar.update(event.step, { figures: progressFigures(event) });
    if (event.step >= event.steps) close();
  };
  return {
    report: (event) => {
      if (event._tag === 'Progress') return progress(event);
      const line = eventLine(event, colours);
      if (line === null) return;
      if (event._tag === 'Result') {
        close();
        out(`${line}\n`);
      } else if (active === null) terminal.write(`${line}\n`);
      else active.bars.log(`${line}\n`);
    },
    close,
  };
};
