import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { writeRows } from '../../../src/cli/format/index.js';
import type { Column, Value } from '../../../src/driver/results.js';

const column = (name: string): Column => ({ name, type: undefined, table: undefined, column: undefined, nullable: true, description: undefined });
const NAMES = ['step', 'table', 'operation', 'detail', 'columns', 'handled', 'how', 'reason', 'explanation', 'pageSize', 'calls'];

async function planOf(lines: readonly Readonly<Record<string, Value>>[], names = NAMES): Promise<string> {
  let text = '';
  const out = Object.assign(new Writable({ write: (chunk: Buffer, _encoding, done) => { text += chunk.toString(); done(); } }), { columns: 40 });
  async function* rows(): AsyncGenerator<Value[]> {
    for (const line of lines) yield names.map((name) => line[name] ?? null);
  }
  await writeRows('plan', names.map(column), rows(), out);
  return text;
}

test('a block per table, nothing cut to the width of the terminal', async () => {
  const url = `GET /users/ada@contoso.example/messages?$select=${'x'.repeat(200)}`;
  const text = await planOf([
    { step: 1, operation: 'statement', how: 'staged', explanation: 'rows are collected' },
    { step: 2, table: 'Messages m', operation: 'request', detail: url, columns: 'id', how: 'Prefer: a', pageSize: 25, calls: 1 },
    { step: 3, table: 'Messages m', operation: 'conjunct', detail: 'isRead = 0', handled: 'exact', how: 'isRead eq false' },
    { step: 4, table: 'Messages m', operation: 'conjunct', detail: "subject LIKE '%x%'", handled: 'none', reason: 'word-index', explanation: 'words' },
    { step: 5, table: 'Messages m', operation: 'order', detail: 'subject', handled: 'local' },
    { step: 6, table: 'MailFolders', operation: 'something new', detail: 'shown', explanation: 'all the same' },
  ]);
  expect(text).toBe(`rows are collected (staged)

Messages m
  ${url}
      columns: id
      Prefer: a
      25 rows a page, one call
  WHERE isRead = 0
      sent as isRead eq false
      done by the service
  WHERE subject LIKE '%x%'
      done here (word-index: words)
  ORDER BY subject
      done here

MailFolders
  something new shown
      all the same
`);
});

test('measures of EXPLAIN ANALYZE', async () => {
  const text = await planOf([{ step: 1, table: 'Messages', operation: 'request', detail: 'GET /x', requests: 1, bytes: 20, rowsRead: 3, rowsKept: 2, retries: 0, ms: 1.5 }], [...NAMES, 'requests', 'bytes', 'rowsRead', 'rowsKept', 'retries', 'ms']);
  expect(text).toContain('took 1 request, 20 bytes, 3 rows read, 2 kept, 0 retries, 1.5 ms');
});

test('a plan as JSON is printed as it is, without control characters', async () => {
  expect(await planOf([{ plan: '{\n  "a": 1\n}\u009b' }], ['plan'])).toBe('{\n  "a": 1\n}\\u009b\n');
});
