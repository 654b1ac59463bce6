import { bySeverity, type Finding, isSafe, type Place } from './finding.js';
import { counted } from './words.js';

const columns = 80;

const indent = ' '.repeat(9);

/** Words in lines of at most 80 columns, the first after a label; a word longer than a line is not broken. */
const wrapped = (label: string, text: string): readonly string[] => {
  const lines: string[] = [];
  let line = label.padEnd(indent.length);
  let isFresh = true;
  for (const word of text.split(' ')) {
    if (!isFresh && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent;
      isFresh = true;
    }
    line += isFresh ? word : ` ${word}`;
    isFresh = false;
  }
  return [...lines, line];
};

const shownPlace = ({ file, feature, dimension, episode, frame }: Place): string =>
  [
    ...(file === undefined ? [] : [file]),
    ...(episode === undefined ? [] : [`episode ${episode}`]),
    ...(frame === undefined ? [] : [`frame ${frame}`]),
    ...(feature === undefined ? [] : [feature]),
    ...(dimension === undefined ? [] : [dimension]),
  ].join(', ');

const placed = ({ where, message }: Finding): string => {
  const place = shownPlace(where);
  // A message of the reader names its place itself.
  const names = where.file === undefined ? place : where.file;
  return message.toLowerCase().includes(names.toLowerCase()) ? message : `${place}: ${message}`;
};

/** A finding as one line: where, what, and what mends it. */
export const sentenceOf = (finding: Finding): string =>
  finding.remedy === null ? placed(finding) : `${placed(finding)} Remedy: ${finding.remedy}`;

/** A finding as lines of at most 80 columns (but for longer words): how bad, where, what, and what mends it. */
export const showFinding = (finding: Finding): string => {
  const { severity, remedy } = finding;
  return [...wrapped(severity, placed(finding)), ...(remedy === null ? [] : wrapped('', `→ ${remedy}`))].join('\n');
};

/** What was looked at. */
export type Looked = { readonly episodes: number; readonly frames: number };

/** All findings, the worst first, and a line that sums up. */
export const showFindings = (findings: readonly Finding[], { episodes, frames }: Looked): string => {
  const count = (wanted: Finding['severity']): string =>
    counted(findings.filter(({ severity }) => severity === wanted).length, wanted);
  const found = `${count('error')}, ${count('warning')}, ${count('note')}`;
  const looked = `${counted(episodes, 'episode')} (${counted(frames, 'frame')}) looked at: ${found}`;
  return [
    ...bySeverity(findings).map(showFinding),
    ...(findings.length === 0 ? [] : ['']),
    `${looked}. ${isSafe(findings) ? 'Safe to train on.' : 'Not safe to train on.'}`,
  ].join('\n');
};
