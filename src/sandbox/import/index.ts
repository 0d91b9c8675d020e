/**
 * Owns: importing files and folders of mail, calendars and contacts into one sandbox mailbox, with counts and losses.
 * Does not own: the store (writer.ts), the file formats (mbox.ts, mail.ts, calendar.ts, vcard.ts).
 * Invariants: nothing is lost silently: whatever cannot be read is skipped and named in `problems`.
 */
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { FolderHandle, MailboxWriter, NewMessage, SandboxWriter } from '../writer.js';
import { readCalendar } from './calendar.js';
import { readContact } from './contact.js';
import { readMail } from './mail.js';
import { splitMbox } from './mbox.js';
import { readVcards } from './vcard.js';
import { findFiles, type FoundFile } from './walk.js';

export interface ImportCounts {
  messages: number;
  /** VEVENT components read, overrides of a series included. */
  events: number;
  contacts: number;
  tasks: number;
}

export interface ImportProblem {
  /** File, with the message or component's place in it. */
  readonly where: string;
  readonly what: string;
}

export interface ImportReport {
  readonly counts: ImportCounts;
  readonly problems: readonly ImportProblem[];
  readonly milliseconds: number;
}

export interface ImportOptions {
  readonly writer: SandboxWriter;
  readonly mailbox: MailboxWriter;
  readonly paths: readonly string[];
  /** Used only where a message or event carries no date of its own. */
  readonly now: Date;
  /** Bytes read so far and in all. */
  readonly onProgress?: (done: number, total: number, counts: Readonly<ImportCounts>) => void;
}

/** Items held before they are written in one transaction. */
const BATCH = 500;

export async function importPaths(options: ImportOptions): Promise<ImportReport> {
  const started = performance.now();
  const counts: ImportCounts = { messages: 0, events: 0, contacts: 0, tasks: 0 };
  const problems: ImportProblem[] = [];
  const files = findFiles(options.paths, (where, what) => problems.push({ where, what }));
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  let done = 0;
  const context: FileContext = { ...options, counts, problems, progress: (bytes) => options.onProgress?.(done + bytes, total, counts) };
  for (const file of files) {
    try {
      await importFile(context, file);
    } catch (error) {
      problems.push({ where: file.label, what: reasonOf(error) });
    }
    done += file.bytes;
    context.progress(0);
  }
  return { counts, problems, milliseconds: performance.now() - started };
}

interface FileContext extends ImportOptions {
  readonly counts: ImportCounts;
  readonly problems: ImportProblem[];
  /** Told of bytes read of the file at hand. */
  readonly progress: (bytes: number) => void;
}

export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.slice(0, 200);
}

async function importFile(context: FileContext, file: FoundFile): Promise<void> {
  switch (file.kind) {
    case 'mbox':
      return importMbox(context, file);
    case 'mail':
      return importMail(context, file);
    case 'calendar':
      return importCalendar(context, file);
    case 'contacts':
      return importContacts(context, file);
  }
}

function folderOf(context: FileContext, file: FoundFile): FolderHandle {
  return context.mailbox.mailFolder(file.folder === '' ? '/Inbox' : `/Inbox/${file.folder}`);
}

async function importMbox(context: FileContext, file: FoundFile): Promise<void> {
  const folder = folderOf(context, file);
  let batch: NewMessage[] = [];
  let ordinal = 0;
  let bytes = 0;
  const flush = (): void => {
    const ready = batch;
    batch = [];
    context.writer.bulk(() => {
      for (const message of ready) context.mailbox.addMessage(folder, message);
    });
    context.counts.messages += ready.length;
    context.progress(Math.min(bytes, file.bytes));
  };
  for await (const { raw, envelopeDate } of splitMbox(file.path)) {
    ordinal += 1;
    bytes += raw.byteLength;
    try {
      batch.push(await readMail(raw, { envelopeDate, now: context.now, isRead: true }));
    } catch (error) {
      context.problems.push({ where: `${file.label} message ${String(ordinal)}`, what: reasonOf(error) });
    }
    if (batch.length >= BATCH) flush();
  }
  if (ordinal === 0) throw new Error('no message found: an mbox file begins with a "From " line');
  flush();
}

async function importMail(context: FileContext, file: FoundFile): Promise<void> {
  const message = await readMail(readFileSync(file.path), {
    now: context.now,
    isRead: file.flags === undefined || file.flags.includes('S'),
    isFlagged: file.flags?.includes('F') ?? false,
    ...(file.deliveredAt === undefined ? {} : { envelopeDate: file.deliveredAt }),
  });
  context.mailbox.addMessage(folderOf(context, file), message);
  context.counts.messages += 1;
}

function importCalendar(context: FileContext, file: FoundFile): void {
  const result = readCalendar(readFileSync(file.path), context.now, context.mailbox.userPrincipalName);
  const calendar = context.mailbox.calendar('Calendar');
  context.writer.bulk(() => {
    for (const { event, components, label } of result.events) {
      try {
        context.mailbox.addEvent(calendar, event);
        context.counts.events += components;
      } catch (error) {
        context.problems.push({ where: `${file.label} ${label}`, what: reasonOf(error) });
      }
    }
    if (result.tasks.length > 0) {
      const list = context.mailbox.addTodoList(basename(file.path, extname(file.path)));
      for (const task of result.tasks) context.mailbox.addTodoTask(list, task);
      context.counts.tasks += result.tasks.length;
    }
  });
  for (const problem of result.problems) context.problems.push({ where: `${file.label} ${problem.where}`.trimEnd(), what: problem.what });
}

function importContacts(context: FileContext, file: FoundFile): void {
  const folder = context.mailbox.contactFolder('/');
  const { cards, problems } = readVcards(readFileSync(file.path));
  for (const problem of problems) context.problems.push({ where: `${file.label} ${problem.where}`, what: problem.what });
  context.writer.bulk(() => {
    for (const card of cards) {
      context.mailbox.addContact(folder, readContact(card));
      context.counts.contacts += 1;
    }
  });
}
