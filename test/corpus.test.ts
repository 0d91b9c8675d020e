/**
 * The statements a person runs first, over real mail, calendars and contacts. The corpus lies beside the repository and is real
 * people's data: nothing of it is written here, and a failure prints digests, never a name, an address or a subject.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Connection, type Value } from '../src/index.js';
import { startSandbox, type Sandbox } from '../src/sandbox/index.js';
import { cli } from './cli/support/cli.js';

const data = fileURLToPath(new URL('../../shared/data', import.meta.url));
const PATHS = ['mail', 'calendar', 'contacts'].map((name) => join(data, name));
const present = PATHS.every((path) => existsSync(path));
if (!present) console.warn('SKIPPED: the corpus beside the repository is absent; nothing is tested on real data');

type Entity = Readonly<Record<string, unknown>>;
interface Address {
  readonly emailAddress?: { readonly address?: string };
}

let sandbox: Sandbox;
let connection: Connection;

/** Everything a path lists, read without the driver. */
async function listed(path: string): Promise<Entity[]> {
  const rows: Entity[] = [];
  for (let url: string | undefined = `${sandbox.graphEndpoint}/me/${path}`; url !== undefined; ) {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${/OAuthAccessToken=([^;]*)/.exec(sandbox.connectionString)![1]!}` } });
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as { readonly value: Entity[]; readonly '@odata.nextLink'?: string };
    rows.push(...body.value);
    url = body['@odata.nextLink'];
  }
  return rows;
}

const rowsOf = async (sql: string, parameters: readonly (string | number)[] = []): Promise<Value[][]> => (await connection.query(sql, parameters, { rowMode: 'array' })).rows;

const digest = (rows: readonly unknown[]): string => `${String(rows.length)} rows, ${createHash('sha256').update(JSON.stringify(rows)).digest('hex')}`;
/** Without their order. */
const bag = (rows: readonly (readonly unknown[])[]): string => digest(rows.map((row) => JSON.stringify(row)).sort());

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

const addressOf = (from: unknown): string | null => (from as Address | null)?.emailAddress?.address ?? null;
const utc = (at: unknown): string => `${(at as { dateTime: string }).dateTime.slice(0, 19)}Z`;

describe.skipIf(!present)('the corpus', () => {
  beforeAll(async () => {
    sandbox = await startSandbox({ messages: 0, importPaths: PATHS });
    connection = await connect(sandbox.connectionString);
  }, 120_000);
  afterAll(async () => {
    await connection.close();
    await sandbox.close();
  });

  test('counts match it', async () => {
    expect(sandbox.imported?.counts).toMatchObject({ messages: 3907, contacts: 501 });
    expect(sandbox.imported!.counts.events).toBeGreaterThanOrEqual(4446);
    expect(sandbox.imported!.counts.events).toBeLessThanOrEqual(4477);
    expect(await rowsOf('SELECT count(*) FROM Messages')).toEqual([[3907]]);
    expect(await rowsOf('SELECT count(*) FROM Contacts')).toEqual([[501]]);
    expect(await rowsOf('SELECT count(*) FROM Events')).toEqual([[(await listed('events?$select=id&$top=1000')).length]]);
    expect(await rowsOf('SELECT sum(totalItemCount) FROM MailFolders')).toEqual([[3907]]);
    expect(await rowsOf('SELECT count(DISTINCT id) FROM Messages')).toEqual([[3907]]);
  });

  test('senders by month', async () => {
    const report = await rowsOf(`
      SELECT strftime('%Y-%m', receivedDateTime) AS month, from_emailAddress_address AS sender, count(*) AS n
      FROM Messages WHERE receivedDateTime >= '2022-01-01' GROUP BY month, sender`);
    const messages = (await listed('messages?$select=from,receivedDateTime&$top=1000')).filter(({ receivedDateTime }) => String(receivedDateTime) >= '2022-01-01');
    const expected = countBy(messages.map(({ from, receivedDateTime }) => JSON.stringify([String(receivedDateTime).slice(0, 7), addressOf(from)])));
    expect(bag(report)).toBe(bag([...expected].map(([key, n]) => [...(JSON.parse(key) as unknown[]), n])));
    expect(report.reduce((sum, row) => sum + Number(row[2]), 0)).toBe(messages.length);
    expect(report.length).toBeGreaterThan(400);
  });

  test('attachments by size', async () => {
    const report = await rowsOf(`
      SELECT m.receivedDateTime, a.contentType, a.size
      FROM Messages m JOIN MessageAttachments a ON a.messageId = m.id WHERE m.hasAttachments = 1 ORDER BY a.size DESC, m.receivedDateTime, a.contentType LIMIT 25`);
    const messages = await listed('messages?$filter=hasAttachments eq true&$select=id,receivedDateTime&$expand=attachments($select=size,contentType)&$top=100');
    const expected = messages
      .flatMap(({ receivedDateTime, attachments }) => (attachments as Entity[]).map(({ size, contentType }) => [receivedDateTime, contentType ?? null, size] as const))
      .sort((a, b) => Number(b[2]) - Number(a[2]) || compare(a[0], b[0]) || compare(a[1], b[1]));
    expect(digest(report)).toBe(digest(expected.slice(0, 25)));
    expect(await rowsOf('SELECT count(*), sum(size) FROM MessageAttachments WHERE messageId IN (SELECT id FROM Messages WHERE hasAttachments = 1)')).toEqual([[expected.length, expected.reduce((sum, [, , size]) => sum + Number(size), 0)]]);
  });

  test("a week's meetings with attendees", async () => {
    // The week with the most invitations.
    const [[monday]] = (await rowsOf(`
      SELECT date(e.start_dateTime, '-6 days', 'weekday 1') AS monday FROM Events e JOIN EventAttendees a ON a.eventId = e.id
      GROUP BY monday ORDER BY count(*) DESC, monday LIMIT 1`)) as [[string]];
    const sunday = new Date(Date.parse(monday) + 7 * 86_400_000).toISOString();
    const report = await rowsOf(
      `SELECT v.start_dateTime, v.end_dateTime, v.subject, a.emailAddress_address
       FROM CalendarView v JOIN EventAttendees a ON a.eventId = coalesce(v.seriesMasterId, v.id)
       WHERE v.start_dateTime < ? AND v.end_dateTime > ?`,
      [sunday, monday],
    );
    const shown = await listed(`calendarView?startDateTime=${monday}T00:00:00Z&endDateTime=${sunday}&$select=subject,start,end,attendees&$top=500`);
    const expected = shown
      .filter(({ start, end }) => utc(start) < sunday && utc(end) > `${monday}T00:00:00Z`)
      .flatMap(({ start, end, subject, attendees }) => (attendees as Address[]).map((attendee) => [utc(start), utc(end), subject, attendee.emailAddress?.address ?? null]));
    expect(bag(report)).toBe(bag(expected));
    expect(report.length).toBeGreaterThan(10);
  });

  test('contacts joined with their messages', async () => {
    const report = await rowsOf(`
      SELECT c.id, count(*) AS n, max(m.receivedDateTime) AS latest
      FROM Contacts c, json_each(c.emailAddresses) AS e JOIN Messages m ON lower(m.from_emailAddress_address) = lower(e.value ->> 'address')
      GROUP BY c.id`);
    // Text of the contact's own id, as the driver shows it.
    const contacts = await rowsOf('SELECT id, emailAddresses FROM Contacts');
    const messages = await listed('messages?$select=from,receivedDateTime&$top=1000');
    const bySender = new Map<string, string[]>();
    for (const { from, receivedDateTime } of messages) {
      const sender = fold(addressOf(from));
      if (sender !== undefined) bySender.set(sender, [...(bySender.get(sender) ?? []), String(receivedDateTime)]);
    }
    const expected = contacts.flatMap(([id, addresses]) => {
      const times = (JSON.parse(String(addresses)) as { address?: string }[]).flatMap(({ address }) => bySender.get(fold(address ?? null) ?? '') ?? []);
      return times.length === 0 ? [] : [[id, times.length, times.sort().at(-1)]];
    });
    expect(bag(report)).toBe(bag(expected));
    expect(report.length).toBeGreaterThan(200);
  });

  test('the answers are the same with nothing pushed down', async () => {
    await using plain = await connect(`${sandbox.connectionString};DisableServerSideFiltering=true`);
    for (const sql of [
      "SELECT id FROM Messages WHERE subject LIKE 'Re:%' AND receivedDateTime BETWEEN '2023-01-01' AND '2023-06-30' AND hasAttachments = 1",
      "SELECT id FROM Messages WHERE from_emailAddress_address LIKE '%.org' AND isRead = 1 ORDER BY receivedDateTime DESC LIMIT 40",
      'SELECT count(*) FROM Contacts WHERE companyName IS NULL',
      "SELECT f.path, count(*) FROM Messages m JOIN MailFolders f ON f.id = m.parentFolderId WHERE m.importance = 'normal' GROUP BY 1",
    ]) {
      const { rows } = await plain.query(sql, [], { rowMode: 'array' });
      expect([sql, bag(await rowsOf(sql))]).toEqual([sql, bag(rows)]);
    }
  });

  test('the command line imports it, too', async () => {
    const { stdout, stderr, code } = await cli(['query', '-f', 'csv', '--sandbox', '--import', ...PATHS, '--', 'SELECT count(*) AS n FROM Messages']);
    expect([code, stdout]).toEqual([0, 'n\r\n3907\r\n']);
    expect(stderr).toMatch(/^imported 3,907 messages, 4,4\d\d events, 501 contacts, /);
  }, 60_000);
});

/** As SQL's lower() does: ASCII letters only. */
const fold = (text: string | null): string | undefined => text?.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function compare(a: unknown, b: unknown): number {
  const [x, y] = [a ?? '', b ?? ''].map(String) as [string, string];
  return x < y ? -1 : x > y ? 1 : 0;
}
