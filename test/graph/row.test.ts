import { expect, test } from 'vitest';
import type { ColumnDeclaration, TableDeclaration } from '../../src/catalog/table.js';
import type { EntityRow } from '../../src/graph/entity-plan.js';
import { compileRow, toTimestamp } from '../../src/graph/row.js';
import { catalog } from './source-fixture.js';

const rowOf = (entity: Record<string, unknown>, more: Partial<EntityRow> = {}): EntityRow => ({ entity, mailbox: undefined, bound: undefined, parent: undefined, asked: undefined, notes: undefined, ...more });
function values(declaration: TableDeclaration, columns: readonly string[], row: EntityRow): unknown[] {
  const parent = 'parent' in declaration.shape ? catalog.table(declaration.shape.parent) : undefined;
  const extractors = compileRow(columns, { declaration, parent, fixed: { IncludeSubfolders: 1n }, ownMailbox: 'me' });
  return extractors.map((extract) => extract({ row, element: undefined, ordinal: 0n, arrayKind: undefined }));
}
const column = (name: string, type: ColumnDeclaration['type'], more: Partial<ColumnDeclaration> = {}): ColumnDeclaration => ({ name, type, description: '', path: name, ...more });
const table = (...columns: ColumnDeclaration[]): TableDeclaration => ({ name: 'T', description: '', scope: 'mailbox', shape: { kind: 'collection', path: '/t' }, key: ['id'], columns });

test('values have the types SQLite holds', () => {
  const all = table(column('text', 'text'), column('flag', 'boolean'), column('number', 'integer'), column('big', 'bigint'), column('real', 'double'), column('list', 'json'), column('bytes', 'binary'), column('day', 'date'), column('time', 'time'), column('deep', 'text', { path: 'a/b/c' }));
  const names = all.columns.map(({ name }) => name);
  const entity = { text: 'x', flag: false, number: 3, big: '9007199254740993', real: 2, list: [{ a: 1 }], bytes: 'AQI=', day: '2024-01-02', time: '08:00:00.0000000', a: { b: { c: 'd' } } };
  expect(values(all, names, rowOf(entity))).toEqual(['x', 0n, 3n, 9007199254740993n, 2, '[{"a":1}]', new Uint8Array([1, 2]), '2024-01-02', '08:00:00', 'd']);
  expect(values(all, names, rowOf({ a: { b: null } }))).toEqual(names.map(() => null));
  expect(values(all, ['text'], rowOf({ text: 'a\ud800b' }))).toEqual(['a\ufffdb']);
  expect(values(all, ['text'], rowOf({ text: '😀' }))).toEqual(['😀']);
});

test.each<[unknown, number, unknown]>([
  ['2024-01-02T03:04:05Z', 0, '2024-01-02T03:04:05Z'],
  ['2024-01-02T03:04:05.6789012Z', 0, '2024-01-02T03:04:05Z'],
  ['2024-01-02T03:04:05Z', 3, '2024-01-02T03:04:05.000Z'],
  ['2024-01-02T03:04:05.6Z', 7, '2024-01-02T03:04:05.6000000Z'],
  ['2024-01-02T03:04:05.0000000', 0, '2024-01-02T03:04:05Z'],
  ['2024-01-02T03:04:05+02:00', 0, '2024-01-02T01:04:05Z'],
  ['2024-01-02', 0, '2024-01-02T00:00:00Z'],
  ['0001-01-01T00:00:00Z', 0, '0001-01-01T00:00:00Z'],
  ['', 0, null],
  [undefined, 0, null],
])('timestamp %s with %i digits', (given, digits, expected) => {
  expect(toTimestamp(given, digits)).toBe(expected);
});

test('events: UTC, the clock they were written on, also across a change of it', () => {
  const events = catalog.table('Events')!;
  const columns = ['start_dateTime', 'start_timeZone', 'originalStartTimeZone', 'start_localDateTime', 'calendarId'];
  const event = (dateTime: string, zone: string, allDay = false): EntityRow =>
    rowOf({ start: { dateTime, timeZone: 'UTC' }, originalStartTimeZone: zone, isAllDay: allDay }, { bound: { calendarId: 'c1' } });
  expect(values(events, columns, event('2024-03-30T08:00:00.0000000', 'W. Europe Standard Time'))).toEqual(['2024-03-30T08:00:00Z', 'UTC', 'W. Europe Standard Time', '2024-03-30T09:00:00', 'c1']);
  expect(values(events, columns, event('2024-03-31T07:00:00.0000000', 'Europe/Berlin'))[3]).toBe('2024-03-31T09:00:00');
  expect(values(events, columns, event('2024-03-31T00:00:00.0000000', 'Pacific Standard Time', true))[3]).toBe('2024-03-31T00:00:00');
  expect(values(events, columns, event('2024-03-31T00:00:00.0000000', 'tzone://Microsoft/Custom'))[3]).toBeNull();
});

test('a time given in another zone is brought to UTC', () => {
  const messages = catalog.table('Messages')!;
  const due = (timeZone: string): unknown => values(messages, ['flag_dueDateTime_dateTime'], rowOf({ flag: { dueDateTime: { dateTime: '2024-07-01T00:00:00.0000000', timeZone } } }))[0];
  expect([due('UTC'), due('W. Europe Standard Time'), due('Pacific Standard Time')]).toEqual(['2024-07-01T00:00:00Z', '2024-06-30T22:00:00Z', '2024-07-01T07:00:00Z']);
});

test('where a row was read, and by which key', () => {
  const messages = catalog.table('Messages')!;
  expect(values(messages, ['id', 'userId', 'IncludeSubfolders'], rowOf({ id: 'a' }))).toEqual(['a', 'me', 1n]);
  expect(values(messages, ['id', 'userId'], rowOf({ id: 'a' }, { mailbox: 'Ann@x', asked: 'b' }))).toEqual(['b', 'Ann@x']);
  const attachments = catalog.table('MessageAttachments')!;
  expect(values(attachments, ['messageId', 'name'], rowOf({ name: 'x' }, { bound: { messageId: 'm' } }))).toEqual(['m', 'x']);
  const items = catalog.table('ChecklistItems')!;
  const task = rowOf({ id: 't' }, { bound: { listId: 'l' } });
  expect(values(items, ['listId', 'taskId'], rowOf({ id: 'c' }, { parent: task }))).toEqual(['l', 't']);
});
