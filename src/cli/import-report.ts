/**
 * Owns: an import as a person sees it: a bar while it runs (on a terminal only), the counts, one line for each thing it could not read.
 * Does not own: importing (the sandbox).
 */
import type { WriteStream } from 'node:tty';
import type { Sandbox } from '../sandbox/index.js';
import { printable } from './printable.js';

type Report = NonNullable<Sandbox['imported']>;

export interface ImportProgress {
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
}

const BAR = 30;
/** A bar that is redrawn more often than this only flickers. */
const REDRAW_MS = 50;

export function importProgress(stream: WriteStream): ImportProgress {
  let last = 0;
  let shown = false;
  return {
    update: (done, total) => {
      const now = Date.now();
      if (!stream.isTTY || total === 0 || (now - last < REDRAW_MS && done < total)) return;
      last = now;
      shown = true;
      const part = Math.min(1, done / total);
      const full = Math.round(part * BAR);
      stream.write(`\r\u001b[Kimporting [${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${String(Math.floor(part * 100)).padStart(3)} % of ${megabytes(total)}`);
    },
    stop: () => {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** One line; `where` says where the problems are named, if not below. */
export function importSummary({ counts, problems, milliseconds }: Report, where?: string): string {
  const read = [count(counts.messages, 'message'), count(counts.events, 'event'), count(counts.contacts, 'contact'), ...(counts.tasks > 0 ? [count(counts.tasks, 'task')] : [])].join(', ');
  const skipped = problems.length === 0 ? '' : `; ${count(problems.length, 'problem')}${where === undefined ? '' : ` (${where})`}`;
  return `imported ${read} in ${(milliseconds / 1000).toFixed(1)} s${skipped}`;
}

export function importProblems({ problems }: Report): string[] {
  return problems.map(({ where, what }) => `import: ${printable(where)}: ${printable(what)}`.replaceAll('\n', ' '));
}

const count = (number: number, noun: string): string => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
