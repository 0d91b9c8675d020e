import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Predicate } from '../../src/scan/predicate.js';
import { PlanWeakened } from '../../src/scan/source.js';
import type { Source } from '../../src/scan/source.js';
import type { SqlValue } from '../../src/scan/value.js';
import { startSandbox } from '../../src/sandbox/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { client } from './client-fixture.js';
import { compare, context, eq, oneOf, rows, scan, sourceOf } from './source-fixture.js';
import type { Ask } from './source-fixture.js';

let sandbox: Sandbox;
let columns: string[];
let stored: SqlValue[][];
let held: number;

const MESSAGE_COLUMNS = ['id', 'isRead', 'importance', 'receivedDateTime', 'subject', 'from_emailAddress_address', 'hasAttachments', 'parentFolderId', 'conversationId', 'flag_flagStatus', 'sentDateTime', 'isDraft'];

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 300, now: new Date('2026-03-01T12:00:00Z') });
  held = Number(await (await fetch(`${sandbox.graphEndpoint}/me/messages/$count`)).text());
});
afterAll(async () => {
  await sandbox.close();
});

const source = (): Source => sourceOf(client(new URL(sandbox.graphEndpoint).origin), { pageSize: 50 });
const value = (row: readonly SqlValue[], column: string): SqlValue => row[columns.indexOf(column)] ?? null;

/** Plans again, as a driver does, when promises are taken back. */
async function answer(from: Source, ask: Ask): Promise<{ got: SqlValue[][]; exact: boolean; limited: boolean; ordered: boolean }> {
  for (let attempt = 0; ; attempt++) {
    const plan = from.plan(scan('Messages', { columns: MESSAGE_COLUMNS, ...ask }));
    try {
      return { got: await rows(from, plan), exact: plan.outcomes.every(({ handled }) => handled === 'exact'), limited: plan.limit === 'honoured', ordered: plan.order === 'honoured' };
    } catch (error) {
      if (!(error instanceof PlanWeakened) || attempt > 0) throw error;
    }
  }
}

/** SQL's own meaning of the predicates drawn here. */
function holds(row: readonly SqlValue[], predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'compare': {
      const left = value(row, predicate.column);
      const right = predicate.value;
      if (left === null) return false;
      const order = left < right ? -1 : left > right ? 1 : 0;
      return { eq: order === 0, ne: order !== 0, lt: order < 0, le: order <= 0, gt: order > 0, ge: order >= 0 }[predicate.op];
    }
    case 'in':
      return predicate.values.includes(value(row, predicate.column) ?? '');
    case 'prefix':
      return String(value(row, predicate.column)).toLowerCase().startsWith(predicate.prefix.toLowerCase());
    case 'any':
      return predicate.arms.some((arm) => holds(row, arm));
    case 'all':
      return predicate.arms.every((arm) => holds(row, arm));
    default:
      return true;
  }
}

describe.each([
  ['lenient', { filterMode: 'live' }],
  ['strict', { filterMode: 'strict' }],
  ['lossy, short, empty and repeating pages, no count', { filterMode: 'live', lossyEq: true, shortPages: true, emptyPages: true, repeatRows: true, countMinusOne: true }],
  ['throttled and failing', { filterMode: 'live', throttleEvery: 7, serviceUnavailableEvery: 11, resetEvery: 13, retryAfter: 0.01 }],
] as const)('messages of a service that is %s', (_, faults) => {
  test('all are there', async () => {
    sandbox.faults.set(faults);
    columns = MESSAGE_COLUMNS;
    stored = await rows(source(), source().plan(scan('Messages', { columns })));
    expect(held).toBeGreaterThan(150);
    expect(stored).toHaveLength(held);
    expect(new Set(stored.map(([id]) => id)).size).toBe(held);
  });

  test('every predicate gives a superset, exact ones just the rows, a limit the right ones', async () => {
    const from = source();
    const sample = stored.filter((row, index) => index % 37 === 0 && row.length > 0);
    const predicates: Predicate[] = sample.flatMap((row): Predicate[] => [
      eq('subject', String(value(row, 'subject'))),
      { kind: 'prefix', column: 'subject', prefix: String(value(row, 'subject')).slice(0, 4).toUpperCase(), caseSensitive: false },
      eq('from_emailAddress_address', String(value(row, 'from_emailAddress_address'))),
      eq('conversationId', String(value(row, 'conversationId'))),
      eq('parentFolderId', String(value(row, 'parentFolderId'))),
      ...(['eq', 'lt', 'le', 'gt', 'ge'] as const).map((op) => compare('receivedDateTime', op, String(value(row, 'receivedDateTime')))),
      compare('sentDateTime', 'gt', String(value(row, 'sentDateTime'))),
    ]);
    predicates.push(eq('isRead', 0n), eq('isDraft', 1n), eq('hasAttachments', 1n), eq('importance', 'high'), oneOf('importance', 'low', 'high'), eq('flag_flagStatus', 'flagged'));
    predicates.push({ kind: 'any', arms: [eq('isRead', 0n), eq('importance', 'high')] });
    for (const [index, predicate] of predicates.entries()) {
      const second = predicates[(index * 7 + 3) % predicates.length]!;
      const where = index % 2 === 0 ? [predicate] : [predicate, second];
      const expected = stored.filter((row) => where.every((one) => holds(row, one)));
      const ask: Ask = { where, ...(index % 3 === 0 ? { order: [{ column: 'receivedDateTime', descending: index % 6 === 0 }] } : {}), ...(index % 3 !== 2 ? { limit: 5 } : {}) };
      const { got, exact, limited, ordered } = await answer(from, ask);
      const label = JSON.stringify(where, (_key, one: unknown) => (typeof one === 'bigint' ? Number(one) : one));
      const ids = new Set(got.map(([id]) => id));
      expect(ids.size, label).toBe(got.length);
      if (exact) expect(got.filter((row) => !where.every((one) => holds(row, one))), label).toEqual([]);
      if (limited) expect(got.length, label).toBe(Math.min(5, expected.length));
      else expect(expected.filter(([id]) => !ids.has(id ?? null)), label).toEqual([]);
      if (ordered) {
        const times = got.map((row) => String(value(row, 'receivedDateTime')));
        expect(times, label).toEqual([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0) * (index % 6 === 0 ? -1 : 1)));
        if (limited) {
          const all = expected.map((row) => String(value(row, 'receivedDateTime'))).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0) * (index % 6 === 0 ? -1 : 1));
          expect(times, label).toEqual(all.slice(0, 5));
        }
      }
    }
  });

  test('keys of either kind find their rows', async () => {
    const regular = sourceOf(client(new URL(sandbox.graphEndpoint).origin), { idType: 'Regular' });
    const others = await rows(regular, regular.plan(scan('Messages', { columns: ['id', 'subject'], limit: 45 })));
    const from = source();
    const keys = others.map(([id]) => String(id));
    const running = context();
    const plan = from.plan(scan('Messages', { columns: ['id', 'subject'], where: [oneOf('id', ...keys, 'no such id')] }));
    const got = await rows(from, plan, running);
    expect(new Map(got.map(([id, subject]) => [id, subject]))).toEqual(new Map(others.map(([id, subject]) => [id, subject])));
  });

  test('a count is the number of rows, or nothing', async () => {
    const from = source();
    const count = await from.count(from.plan(scan('Messages', { columns: [], where: [eq('isRead', 0n)], countOnly: true })), context());
    const unread = BigInt(stored.filter((row) => value(row, 'isRead') === 0n).length);
    expect([unread, undefined]).toContain(count);
  });
});

test('while mail arrives, moves and is deleted, what stays is read', async () => {
  sandbox.faults.set({ filterMode: 'live', lossyEq: false, shortPages: false, emptyPages: false, repeatRows: false, countMinusOne: false, throttleEvery: 0, serviceUnavailableEvery: 0, resetEvery: 0, busyMailbox: 60 });
  const from = sourceOf(client(new URL(sandbox.graphEndpoint).origin), { pageSize: 20 });
  const before = new Set((await rows(from, from.plan(scan('Messages')))).map(([id]) => id));
  sandbox.faults.set({ busyMailbox: 60 });
  const got = new Set((await rows(from, from.plan(scan('Messages')))).map(([id]) => id));
  sandbox.faults.set({ busyMailbox: 0 });
  const after = (await rows(from, from.plan(scan('Messages')))).map(([id]) => id);
  expect(after.filter((id) => before.has(id) && !got.has(id))).toEqual([]);
});

test('folders: the tree, by path, by well-known name, with what is below', async () => {
  const from = source();
  const tree = await rows(from, from.plan(scan('MailFolders', { columns: ['id', 'path', 'depth', 'wellKnownName', 'parentFolderId'] })));
  const byPath = new Map(tree.map((row) => [row[1], row]));
  const inbox = tree.find((row) => row[3] === 'inbox')!;
  expect(inbox[2]).toBe(1n);
  const deep = [...byPath.values()].find((row) => row[2] === 3n)!;
  expect(await from.resolveFolder('mail', String(deep[1]), undefined, context())).toBe(deep[0]);
  expect(await from.resolveFolder('mail', String(deep[1]).toUpperCase(), undefined, context())).toBe(deep[0]);
  expect(await from.resolveFolder('mail', 'INBOX', undefined, context())).toBe(inbox[0]);
  expect(await from.resolveFolder('mail', '/Inbox', undefined, context())).toBe(inbox[0]);
  expect(await from.resolveFolder('mail', '/nowhere/else', undefined, context())).toBeUndefined();
  const below = new Set(tree.filter((row) => String(row[1]).startsWith(`${String(inbox[1])}/`) || row === inbox).map((row) => row[0]));
  const everything = await rows(from, from.plan(scan('Messages', { columns: ['id', 'parentFolderId'] })));
  const got = await rows(from, from.plan(scan('Messages', { columns: ['id', 'parentFolderId'], where: [eq('parentFolderId', String(inbox[0])), eq('IncludeSubfolders', 1n)] })));
  expect(new Set(got.map(([id]) => id))).toEqual(new Set(everything.filter((row) => below.has(row[1] ?? null)).map(([id]) => id)));
});

test('recipients and attachments are those of their messages', async () => {
  const from = source();
  const messages = await rows(from, from.plan(scan('Messages', { columns: ['id', 'toRecipients', 'hasAttachments'] })));
  const recipients = await rows(from, from.plan(scan('MessageRecipients', { columns: ['messageId', 'ordinal', 'emailAddress_address'], where: [eq('kind', 'to')] })));
  const expected = messages.flatMap(([id, json]) => (JSON.parse(String(json)) as { emailAddress: { address: string } }[]).map(({ emailAddress }, index) => `${String(id)} ${index} ${emailAddress.address}`));
  expect(recipients.map(([id, ordinal, address]) => `${String(id)} ${String(ordinal)} ${String(address)}`).sort()).toEqual(expected.sort());
  const attachments = await rows(from, from.plan(scan('MessageAttachments', { columns: ['messageId', 'id', 'name', 'isInline'] })));
  const withSome = new Set(messages.filter((row) => row[2] === 1n).map(([id]) => id));
  // hasAttachments does not tell of messages whose attachments are all inline.
  expect(new Set(attachments.filter((row) => row[3] === 0n).map(([id]) => id))).toEqual(withSome);
  expect(attachments.some(([id]) => !withSome.has(id ?? null))).toBe(true);
  const notInline = await rows(from, from.plan(scan('MessageAttachments', { columns: ['messageId', 'id'], where: [eq('isInline', 0n)] })));
  expect(new Set(notInline.map(([id]) => id))).toEqual(withSome);
  const [messageId, id] = attachments[0]!;
  expect(await rows(from, from.plan(scan('MessageAttachments', { columns: ['messageId', 'id'], where: [eq('messageId', String(messageId)), eq('id', String(id))] })))).toEqual([[messageId, id]]);
});
