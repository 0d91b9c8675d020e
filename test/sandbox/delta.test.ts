import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { clientOf, type Row } from './support/client.js';
import { ANN, COUNT, fill } from './support/fill.js';

let sandbox: Sandbox;
let client: ReturnType<typeof clientOf>;
const ME = `/users/${ANN}`;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  const ann = fill(sandbox.writer);
  sandbox.writer.bulk(() => {
    for (let index = 0; index < 15; index++) ann.addContact(ann.contactFolder('/'), { displayName: `Contact ${String(index)}`, emailAddresses: [{ name: 'x', address: `c${String(index)}@fabrikam.example` }] });
  });
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

async function round(url: string, headers: Record<string, string> = {}): Promise<{ readonly rows: readonly Row[]; readonly link: string }> {
  const rows: Row[] = [];
  for (;;) {
    const page = await client.get(url, headers);
    if (page.status !== 200) throw new Error(page.text);
    rows.push(...page.rows);
    const next = page.body['@odata.nextLink'] as string | undefined;
    if (next === undefined) return { rows, link: page.body['@odata.deltaLink'] as string };
    expect(page.body).not.toHaveProperty('@odata.deltaLink');
    url = next;
  }
}

describe('delta', () => {
  test('messages of a folder: everything, then only what changed, moved away or was deleted', async () => {
    const { store } = sandbox;
    const mailbox = store.mailboxes.find(ANN)!.mailbox;
    const inbox = store.wellKnown(mailbox, 'mailFolder', 'inbox')!;
    const archive = store.wellKnown(mailbox, 'mailFolder', 'archive')!;
    const first = await round(`${ME}/mailFolders/inbox/messages/delta?$select=subject,isRead`, { prefer: 'odata.maxpagesize=7' });
    expect(first.rows).toHaveLength(30);
    expect(Object.keys(first.rows[0]!).sort()).toEqual(['@odata.etag', 'id', 'isRead', 'subject']);
    expect((await round(first.link)).rows).toEqual([]);
    const numbers = store.database.all<{ n: number }>('SELECT n FROM message WHERE folder = ? ORDER BY received DESC LIMIT 3', inbox.n).map((row) => row.n);
    store.messages.patch(numbers[0]!, { isRead: true }, store.clock.now());
    store.messages.move(numbers[1]!, archive.n, store.clock.now());
    store.messages.remove(numbers[2]!);
    const second = await round(first.link);
    expect(second.rows).toEqual([
      { '@odata.etag': expect.any(String) as string, id: first.rows[0]!.id, subject: first.rows[0]!.subject, isRead: true },
      { '@removed': { reason: 'deleted' }, id: first.rows[1]!.id },
      { '@removed': { reason: 'deleted' }, id: first.rows[2]!.id },
    ]);
    expect((await round(second.link)).rows).toEqual([]);
    expect(COUNT).toBe(40);
  });

  test('with immutable ids a message that left and came back is an upsert only', async () => {
    const { store } = sandbox;
    const prefer = { prefer: 'IdType="ImmutableId"' };
    const first = await round(`${ME}/mailFolders/inbox/messages/delta?$select=id`, prefer);
    const mailbox = store.mailboxes.find(ANN)!.mailbox;
    const inbox = store.wellKnown(mailbox, 'mailFolder', 'inbox')!;
    const n = store.database.get<{ n: number }>('SELECT n FROM message WHERE folder = ? ORDER BY received DESC LIMIT 1', inbox.n)!.n;
    store.messages.move(n, store.wellKnown(mailbox, 'mailFolder', 'archive')!.n, store.clock.now());
    store.messages.move(n, inbox.n, store.clock.now());
    const second = await round(first.link, prefer);
    expect(second.rows.map((row) => [row.id, '@removed' in row])).toEqual([[first.rows[0]!.id, false]]);
  });

  test('only a receivedDateTime filter, no search, no foreign tokens', async () => {
    const base = `${ME}/mailFolders/inbox/messages/delta`;
    expect((await round(`${base}?$filter=receivedDateTime ge 2026-02-01T00:00:00Z`)).rows.length).toBeLessThan(12);
    expect((await client.get(`${base}?$filter=isRead eq true`)).error.code).toBe('ErrorInvalidUrlQueryFilter');
    expect((await client.get(`${base}?$search="x"`)).status).toBe(400);
    const { link } = await round(`${ME}/contacts/delta`);
    const foreign = new URL(link).search;
    expect((await client.get(base + foreign)).error.code).toBe('SyncStateNotFound');
    expect((await client.get(`${base}?$deltatoken=nonsense`)).status).toBe(410);
  });

  test('contacts and folders', async () => {
    const { store } = sandbox;
    const contacts = await round(`${ME}/contacts/delta?$select=displayName`);
    expect(contacts.rows).toHaveLength(15);
    const [first, second] = store.items.list(store.mailboxes.find(ANN)!.mailbox, 'contact');
    store.items.patch(first!.n, { displayName: 'Renamed' }, store.clock.now());
    store.items.remove(second!.n);
    const changed = await round(contacts.link);
    expect(changed.rows.map((row) => row.displayName ?? row['@removed'])).toEqual(['Renamed', { reason: 'deleted' }]);
    const folders = await round(`${ME}/mailFolders/delta`);
    expect(folders.rows.map((row) => row.displayName)).toContain('2026');
  });

  test('every token can be made to expire', async () => {
    const { link } = await round(`${ME}/contacts/delta`);
    sandbox.faults.set({ expireDelta: true });
    const answer = await client.get(link);
    sandbox.faults.reset();
    expect([answer.status, answer.error.code]).toEqual([410, 'SyncStateNotFound']);
  });

  test('repeated rows are replayed, the round still ends', async () => {
    sandbox.faults.set({ repeatRows: true });
    const { rows } = await round(`${ME}/contacts/delta?$select=id`);
    sandbox.faults.reset();
    expect(rows.length).toBeGreaterThan(14);
    expect(new Set(rows.map((row) => row.id)).size).toBe(14);
  });
});
