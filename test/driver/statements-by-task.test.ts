/** Every statement of docs/statements-by-task.md runs, or is refused as the page says. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExchangeSqlError, type Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { startHook, type Hook } from '../support/hook.js';
import { BEN, MAIN, open, refusal, startOffice, values } from './office.js';

const page = readFileSync(new URL('../../docs/statements-by-task.md', import.meta.url), 'utf8');

interface Line {
  readonly section: string;
  readonly sql: string;
  readonly named: string | undefined;
}

const lines = page.split(/^## /m).slice(1).flatMap((part): Line[] => {
  const section = part.slice(0, part.indexOf('\n'));
  return part.split('\n').filter((line) => line.startsWith('|') && line.includes('`')).map((line) => {
    const [sql, named] = [...line.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
    return { section, sql: sql!, named };
  });
});
const refused = lines.filter(({ section }) => section.startsWith('Without'));
const run = lines.filter(({ section }) => !section.startsWith('Without'));

let hook: Hook;
let sandbox: Sandbox;
let connection: Connection;
let serial = 0;

beforeAll(async () => {
  hook = await startHook();
  sandbox = await startOffice();
  connection = await open(sandbox);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
  await hook.close();
});

const post = async (path: string, body: unknown): Promise<string> => {
  const answer = await fetch(sandbox.graphEndpoint + path, { method: 'POST', headers: { 'content-type': 'application/json', prefer: 'IdType="ImmutableId"' }, body: JSON.stringify(body) });
  return String(((await answer.json()) as { id: unknown }).id);
};
const first = async (sql: string): Promise<string> => String((await values(connection, sql))[0]);
const times = { start: { dateTime: '2026-05-04T09:00:00', timeZone: 'UTC' }, end: { dateTime: '2026-05-04T10:00:00', timeZone: 'UTC' } };
const tokenOf = async (inputs: string): Promise<string> => String((await connection.query(`EXEC GetChanges ${inputs}`)).rows.at(-1)!['NextToken']);

/** A fresh thing for each parameter, so that no statement depends on another. */
const PARAMETERS: Readonly<Record<string, () => Promise<string>>> = {
  user: () => Promise.resolve(BEN),
  hook: () => Promise.resolve(hook.url),
  message: async () => first(`SELECT id FROM Messages WHERE parentFolderId = 'inbox' AND subject = 'Lunch ${String(20 + serial++)}'`),
  attached: () => first("SELECT id FROM Messages WHERE subject = 'Lunch 12'"),
  attachment: () => first("SELECT a.id FROM MessageAttachments a WHERE messageId = (SELECT id FROM Messages WHERE subject = 'Lunch 12')"),
  draft: () => post(`/users/${MAIN}/messages`, { subject: 'Draft', toRecipients: [{ emailAddress: { address: BEN } }] }),
  event: () => post(`/users/${MAIN}/events`, { subject: 'Review', ...times, attendees: [{ type: 'required', emailAddress: { address: BEN } }] }),
  invitation: async () => {
    const subject = `Invitation ${String(serial++)}`;
    await post(`/users/${BEN}/events`, { subject, ...times, attendees: [{ type: 'required', emailAddress: { address: MAIN } }] });
    return first(`SELECT id FROM Events WHERE subject = '${subject}'`);
  },
  calendar: () => post(`/users/${MAIN}/calendars`, { name: `Calendar ${String(serial++)}` }),
  contact: () => post(`/users/${MAIN}/contacts`, { displayName: 'Zoe Zahn', givenName: 'Zoe' }),
  list: () => first("SELECT id FROM TodoLists WHERE displayName = 'Errands'"),
  task: async () => post(`/users/${MAIN}/todo/lists/${await PARAMETERS['list']!()}/tasks`, { title: 'Task' }),
  group: () => first("SELECT id FROM Groups WHERE displayName = 'Sales team'"),
  token: () => tokenOf("FolderId = 'inbox'"),
  eventToken: () => tokenOf("Source = 'Events', StartDateTime = '2026-03-01', EndDateTime = '2026-06-01'"),
};

async function parametersOf(sql: string): Promise<Record<string, string>> {
  const names = new Set([...sql.replace(/'(?:[^']|'')*'/g, "''").matchAll(/@(\w+)/g)].map(([, name]) => name!).filter((name) => Object.hasOwn(PARAMETERS, name)));
  const given: Record<string, string> = {};
  for (const name of names) given[name] = await PARAMETERS[name]!();
  return given;
}

test('the page has every activity', () => {
  expect(run.length).toBeGreaterThan(60);
  expect(refused.length).toBeGreaterThan(8);
  for (const activity of ['Query', 'Create', 'Update', 'Delete', 'Execute', 'Attachments', 'Calendars', 'Contacts', 'Conversations', 'E-mails', 'Groups', 'Mail folders', 'Organizations', 'Users', 'Input', 'Create and Send E-Mail', 'Create Item', 'Delete Item', 'Find Appointments', 'Forward Item', 'Get Item', 'Monitor Item', 'Move Or Copy Item', 'Reply To E-Mail', 'Send E-Mail', 'Update Item']) {
    expect(page).toContain(`| ${activity}`);
  }
});

describe('runs', () => {
  test.each(run.map(({ section, sql }) => [section, sql]))('%s: %s', async (_, sql) => {
    const outcome = await connection.query(sql, await parametersOf(sql)).then(
      ({ rows, warnings }) => [rows.length > 0 || /^(?:UPDATE|DELETE|INSERT)/.test(sql) ? 'done' : 'no rows', warnings],
      (error: unknown) => (error instanceof ExchangeSqlError ? `${error.code}: ${error.message} ${error.hint ?? ''}` : error),
    );
    expect(outcome).toEqual(['done', []]);
  });
});

describe('is refused by name', () => {
  test.each(refused.map(({ sql, named }) => [sql, named!]))('%s', async (sql, named) => {
    const error = await refusal(connection.query(sql, await parametersOf(sql)));
    expect([error.code, error.sqlState, error.message]).toEqual(['NOT_SUPPORTED', '0A000', expect.stringContaining(named)]);
  });
});
