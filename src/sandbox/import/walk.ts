/**
 * Owns: which files below the given paths hold mail, calendars or contacts, and of which kind each is.
 * Invariants: a file is told by its ending; one without an ending by its first bytes; a maildir by its three folders.
 */
import { closeSync, existsSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

export interface FoundFile {
  readonly kind: 'mbox' | 'mail' | 'calendar' | 'contacts';
  readonly path: string;
  /** Path below the argument it was found under, for messages to the user. */
  readonly label: string;
  readonly bytes: number;
  /** Mail folder below Inbox, '' for Inbox itself. */
  readonly folder: string;
  /** Maildir flags (S seen, F flagged, R replied, …), absent for other files. */
  readonly flags?: string;
  /** Maildir: when the message was delivered. */
  readonly deliveredAt?: Date;
}

type Report = (where: string, what: string) => void;

export function findFiles(paths: readonly string[], report: Report): FoundFile[] {
  const found: FoundFile[] = [];
  for (const path of paths) {
    if (!existsSync(path)) {
      report(path, 'no such file or folder');
      continue;
    }
    if (statSync(path).isDirectory()) walk(path, basename(path), '', found, report);
    else addFile(path, basename(path), '', found, report);
  }
  return found;
}

const MAILDIR = ['cur', 'new', 'tmp'];

function walk(directory: string, label: string, folder: string, found: FoundFile[], report: Report): void {
  const names = readdirSync(directory).sort();
  if (names.includes('cur') && names.includes('new')) {
    walkMaildir(directory, label, folderName(directory), found);
    for (const name of names) {
      if (!MAILDIR.includes(name) && statSync(join(directory, name)).isDirectory()) walk(join(directory, name), `${label}/${name}`, folder, found, report);
    }
    return;
  }
  for (const name of names) {
    if (name.startsWith('.')) continue;
    const path = join(directory, name);
    const below = `${label}/${name}`;
    if (statSync(path).isDirectory()) walk(path, below, folderName(path), found, report);
    else addFile(path, below, folder, found, report);
  }
}

const folderName = (path: string): string => basename(path).replace(/\.(eml|maildir|mbox)$/i, '');

function walkMaildir(directory: string, label: string, folder: string, found: FoundFile[]): void {
  for (const part of ['cur', 'new']) {
    for (const name of readdirSync(join(directory, part)).sort()) {
      const path = join(directory, part, name);
      const stat = statSync(path);
      if (!stat.isFile()) continue;
      const flags = /[:;!]2,([A-Za-z]*)$/.exec(name)?.[1] ?? '';
      const seconds = /^(\d{9,11})\./.exec(name)?.[1];
      const deliveredAt = seconds === undefined ? stat.mtime : new Date(Number(seconds) * 1000);
      found.push({ kind: 'mail', path, label: `${label}/${part}/${name}`, bytes: stat.size, folder, flags, deliveredAt });
    }
  }
}

const KINDS: Readonly<Record<string, FoundFile['kind']>> = {
  '.mbox': 'mbox',
  '.mbx': 'mbox',
  '.eml': 'mail',
  '.ics': 'calendar',
  '.ical': 'calendar',
  '.ifb': 'calendar',
  '.vcf': 'contacts',
  '.vcard': 'contacts',
};

function addFile(path: string, label: string, folder: string, found: FoundFile[], report: Report): void {
  const extension = extname(path).toLowerCase();
  const kind = KINDS[extension] ?? (extension === '' ? sniff(path) : undefined);
  if (kind === undefined) {
    report(label, 'neither mail, calendar nor contacts: skipped');
    return;
  }
  found.push({ kind, path, label, bytes: statSync(path).size, folder: kind === 'mbox' ? folderName(path) : folder });
}

/** Kind of a file without an ending, by its first bytes. */
function sniff(path: string): FoundFile['kind'] | undefined {
  const buffer = Buffer.alloc(512);
  const file = openSync(path, 'r');
  const length = readSync(file, buffer, 0, buffer.length, 0);
  closeSync(file);
  const head = buffer.toString('latin1', 0, length);
  if (/^From \S/.test(head)) return 'mbox';
  if (/^\s*BEGIN:VCALENDAR/i.test(head)) return 'calendar';
  if (/^\s*BEGIN:VCARD/i.test(head)) return 'contacts';
  return /^[!-9;-~]+:[ \t]?.*\r?\n(?:[!-9;-~]+:|[ \t])/.test(head) ? 'mail' : undefined;
}
