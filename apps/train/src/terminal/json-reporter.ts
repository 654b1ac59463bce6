import { encodeMetricLine } from '@torsor/metrics';
import type { Event, Reporter } from './event.js';

const fields = (event: Event): object | null => {
  switch (event._tag) {
    case 'Metrics':
      return JSON.parse(encodeMetricLine(event.line));
    case 'Result':
      return { data: event.data };
    case 'Progress': {
      const { _tag, logged, ...progress } = event;
      return logged ? progress : null;
    }
    default: {
      const { _tag, ...rest } = event;
      return rest;
    }
  }
};

/** One JSON object per event, with its kind as `event`: `log`, `warning`, `failure`, `progress`, `metrics` or `result`. */
export const jsonReporter = (write: (text: string) => void): Reporter => ({
  report: (event) => {
    const shown = fields(event);
    if (shown !== null) write(`${JSON.stringify({ event: event._tag.toLowerCase(), ...shown })}\n`);
  },
  close: () => undefined,
});
