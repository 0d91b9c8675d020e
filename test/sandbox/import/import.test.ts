import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { importPaths } from '../../../src/sandbox/import/index.js';
import { graphRecurrence } from '../../../src/sandbox/import/calendar-rule.js';
import { recordingWriter } from './recording-writer.js';

const folder = mkdtempSync(join(tmpdir(), 'exchange-sql-import-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const now = new Date('2026-05-01T12:00:00Z');

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function read(...paths: string[]): Promise<{ report: Awaited<ReturnType<typeof importPaths>>; recorded: ReturnType<typeof recordingWriter> }> {
  const recorded = recordingWriter();
  const report = await importPaths({ writer: recorded.writer, mailbox: recorded.mailbox, paths, now });
  return { report, recorded };
}

const mail = (subject: string, extra = ''): string => `From: Ada <ada@contoso.example>\nTo: Team: bo@contoso.example, cy@contoso.example;\nSubject: ${subject}\nDate: Mon, 02 Mar 2026 10:00:00 +0530\nMessage-ID: <${subject}@contoso.example>\n${extra}\nHello`;

describe('mail', () => {
  test('mbox: From_ only after a blank line, one > undone, groups flattened', async () => {
    const { report, recorded } = await read(file('a.mbox', `From ada Mon Mar  2 04:30:00 2026\n${mail('one')}\n>From here\nFrom the middle of a paragraph\n\nFrom bo Mon Mar  2 05:30:00 2026\n${mail('two')}\n`));
    expect(report.problems).toEqual([]);
    expect(recorded.messages.map(({ message }) => message.entity['subject'])).toEqual(['one', 'two']);
    expect(JSON.stringify(recorded.messages[0]!.message.entity['body'])).toContain('From here\\nFrom the middle');
    expect(recorded.messages[0]!.message.entity['toRecipients']).toHaveLength(2);
    expect(recorded.messages[0]!.message.sentDateTime.toISOString()).toBe('2026-03-02T04:30:00.000Z');
    expect(recorded.messages[0]!.folder).toBe('/Inbox/a');
  });

  test('maildir flags and the date of a message whose own date is unreadable', async () => {
    const directory = join(folder, 'box.maildir');
    file('box.maildir/cur/1767225600.M1P1.host:2,FS', mail('flagged').replace(/Date:.*\n/, 'Date: yesterday or so\n'));
    file('box.maildir/new/1767225601.M1P1.host', mail('fresh'));
    const { report, recorded } = await read(directory);
    expect(report.counts.messages).toBe(2);
    const [first, second] = recorded.messages;
    expect([first!.message.entity['isRead'], JSON.stringify(first!.message.entity['flag'])]).toEqual([true, '{"flagStatus":"flagged"}']);
    expect(first!.message.sentDateTime.toISOString()).toBe('2026-01-01T00:00:00.000Z');
    expect(second!.message.entity['isRead']).toBe(false);
  });

  test('a folder with files without an ending; what is no mail is named', async () => {
    file('drop/0001', mail('bare'));
    file('drop/LICENSE', 'Permission is hereby granted\n');
    const { report } = await read(join(folder, 'drop'));
    expect(report.counts.messages).toBe(1);
    expect(report.problems).toEqual([{ where: 'drop/LICENSE', what: 'neither mail, calendar nor contacts: skipped' }]);
  });

  test('a path that does not exist is named', async () => {
    const { report } = await read(join(folder, 'nowhere'));
    expect(report.problems[0]!.what).toBe('no such file or folder');
  });
});

describe('calendar', () => {
  const calendar = (...lines: string[]): string => ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR'].join('\r\n');

  test('a series with an override, a cancelled date, and a broken line', async () => {
    const { report, recorded } = await read(
      file('series.ics', calendar('BEGIN:VEVENT', 'UID:s', 'DTSTART;TZID=Europe/Berlin:20260302T090000', 'DTEND;TZID=Europe/Berlin:20260302T100000', 'RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6', 'EXDATE;TZID=Europe/Berlin:20260304T090000', 'SUMMARY:Stand-up', 'THIS LINE IS BROKEN', 'END:VEVENT', 'BEGIN:VEVENT', 'UID:s', 'RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000', 'DTSTART;TZID=Europe/Berlin:20260309T110000', 'SUMMARY:Later', 'END:VEVENT')),
    );
    expect(report.counts.events).toBe(2);
    expect(report.problems).toHaveLength(1);
    const { event } = recorded.events[0]!;
    expect(event.cancelled).toEqual(['2026-03-04']);
    expect(event.exceptions?.map(({ date, entity }) => [date, entity['subject']])).toEqual([['2026-03-09', 'Later']]);
    expect(event.entity['start']).toEqual({ dateTime: '2026-03-02T09:00:00', timeZone: 'Europe/Berlin' });
  });

  test('an empty VEVENT is skipped, one without DTSTART gets another date; both are named', async () => {
    const { report, recorded } = await read(file('two.ics', calendar('BEGIN:VEVENT', 'END:VEVENT', 'BEGIN:VEVENT', 'UID:b', 'DTSTART;VALUE=DATE:Next Year', 'DTEND:20260101', 'END:VEVENT')));
    expect(report.counts.events).toBe(1);
    expect(report.problems.map(({ what }) => what)).toEqual(['empty VEVENT: skipped', 'VEVENT without a readable DTSTART: DTEND taken as its start']);
    expect(recorded.events[0]!.event.entity['start']).toEqual({ dateTime: '2026-01-01T00:00:00', timeZone: 'UTC' });
  });

  const monday = { date: '2026-03-02', allDay: false, instant: 0, graph: { dateTime: '2026-03-02T09:00:00', timeZone: 'UTC' } };
  test.each([
    ['FREQ=DAILY;INTERVAL=2', 'daily'],
    ['FREQ=WEEKLY', 'weekly'],
    ['FREQ=MONTHLY;BYMONTHDAY=31', 'absoluteMonthly'],
    ['FREQ=MONTHLY;BYDAY=-1FR', 'relativeMonthly'],
    ['FREQ=YEARLY', 'absoluteYearly'],
    ['FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', 'relativeYearly'],
    ['FREQ=MONTHLY;BYDAY=1MO,3MO', undefined],
    ['FREQ=HOURLY', undefined],
  ])('%s is %s', (rule, type) => {
    const pattern = graphRecurrence(rule, monday)?.['pattern'] as { type: string } | undefined;
    expect(pattern?.type).toBe(type);
  });
});

describe('contacts', () => {
  test('quoted-printable 2.1, groups, escapes', async () => {
    const { report, recorded } = await read(
      file('c.vcf', 'BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BC=\r\nller;Zo=C3=AB\r\nTEL;CELL:+49 1\r\nitem1.EMAIL;INTERNET:zoe@contoso.example\r\nORG:Contoso\\; Ltd;R&D\r\nEND:VCARD\r\n'),
    );
    expect(report.counts.contacts).toBe(1);
    expect(recorded.contacts[0]).toMatchObject({ surname: 'Müller', givenName: 'Zoë', mobilePhone: '+49 1', companyName: 'Contoso; Ltd', department: 'R&D', emailAddresses: [{ name: 'Zoë Müller', address: 'zoe@contoso.example' }] });
  });
});

const data = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const present = existsSync(data);
if (!present) console.warn(`SKIPPED: the corpus beside the repository is absent; its import is not tested`);
test.skipIf(!present)('the whole corpus: 3,907 messages, at least 4,446 events, 501 cards, every loss named, in seconds', async () => {
  const { report } = await read(join(data, 'mail'), join(data, 'calendar'), join(data, 'contacts'));
  expect(report.counts.messages).toBe(3907);
  expect(report.counts.events).toBeGreaterThanOrEqual(4446);
  expect(report.counts.contacts).toBe(501);
  const skipped = report.problems.filter(({ what }) => what.startsWith('empty VEVENT'));
  expect(report.counts.events + skipped.length).toBe(4477);
}, 60_000);
