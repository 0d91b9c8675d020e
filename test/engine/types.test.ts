import { afterEach, describe, expect, it } from 'vitest';
import { createTable, declaredType, quoteIdentifier } from '../../src/engine/index.js';
import type { ColumnType } from '../../src/catalog/table.js';
import { bound, failure, newDatabase, newJudge, rowsOf } from './fixture.js';

let database = newDatabase();
afterEach(() => {
  database.close();
  database = newDatabase();
});
const stage = (row: Record<string, null | bigint | number | string | Uint8Array>, key = 'k') => database.stage('Messages', Object.keys(row), { rows: [Object.values(row)], keys: [key] });
const one = (sql: string, ...values: (null | bigint | number | string)[]) => rowsOf(database, sql, bound(...values))[0]?.[0];

describe('declared types', () => {
  it('are TEXT for everything that is text, with the second word kept', () => {
    const types: Record<ColumnType, string> = { text: 'TEXT', timestamp: 'TEXT TIMESTAMP', date: 'TEXT DATE', time: 'TEXT TIME', json: 'TEXT JSON', boolean: 'BOOLEAN', integer: 'INTEGER', bigint: 'BIGINT', double: 'REAL', binary: 'BLOB' };
    for (const [type, declared] of Object.entries(types)) expect(declaredType(type as ColumnType)).toBe(declared);
  });
  it('keep text as it is: no numeric affinity', () => {
    stage({ subject: '007', receivedDateTime: '2024', toRecipients: '[1]' });
    expect(rowsOf(database, 'SELECT typeof(subject), subject, typeof(receivedDateTime), typeof(toRecipients) FROM Messages')).toEqual([['text', '007', 'text', 'text']]);
    expect(one("SELECT receivedDateTime >= '2024' FROM Messages")).toBe(1n);
  });
  it('quote every name', () => {
    expect(quoteIdentifier('a"b')).toBe('"a""b"');
    expect(() => quoteIdentifier('a\0b')).toThrow(RangeError);
    expect(createTable({ schema: 'main', name: 'x"; DROP', columns: [{ name: 'order', type: 'text' }] })).toBe('CREATE TABLE "main"."x""; DROP"("order" TEXT)');
  });
});

describe('values', () => {
  it('booleans are 1, 0 and NULL', () => {
    stage({ id: 'a', isRead: 1n }, 'a');
    stage({ id: 'b', isRead: 0n }, 'b');
    stage({ id: 'c', isRead: null }, 'c');
    for (const condition of ['isRead = TRUE', 'isRead = 1', "isRead = '1'", 'isRead', 'isRead IS TRUE']) expect(one(`SELECT id FROM Messages WHERE ${condition}`)).toBe('a');
    expect(rowsOf(database, "SELECT id FROM Messages WHERE isRead = 'true'")).toEqual([]);
    expect(one('SELECT id FROM Messages WHERE NOT isRead')).toBe('b');
  });
  it('integers stay integers, reals real', () => {
    stage({ subject: '5', size: 7n, score: 5n, big: 9007199254740993n });
    expect(one('SELECT size / 2 FROM Messages')).toBe(3n);
    expect(one('SELECT typeof(score) FROM Messages')).toBe('real');
    expect(one('SELECT subject = ? FROM Messages', 5n)).toBe(1n);
    expect(one('SELECT subject = ? FROM Messages', 5)).toBe(0n); // a JavaScript number is REAL: '5.0'
    expect(one('SELECT big FROM Messages')).toBe(9007199254740993n);
    expect(one('SELECT -9223372036854775808')).toBe(-9223372036854775808n);
    expect(one('SELECT size > \'5\' FROM Messages')).toBe(1n);
  });
  it('own functions return integers as integers', () => {
    for (const call of ["len('abc')", "year('2024-01-01')", "datediff('day', '2024-01-01', '2024-01-03')", "charindex('b', 'abc')", "datepart('month', '2024-05-01')", "xs_convert('int', '7')", 'xs_tick()']) {
      expect(one(`SELECT typeof(${call})`)).toBe('integer');
    }
    expect(one("SELECT 7 / len('ab')")).toBe(3n);
  });
  it('ids differ by case', () => {
    stage({ id: 'AAMkAg' }, 'AAMkAg');
    stage({ id: 'AAMkAG' }, 'AAMkAG');
    expect(one('SELECT count(*) FROM Messages')).toBe(2n);
    expect(rowsOf(database, "SELECT id FROM Messages WHERE id = 'AAMkAG'")).toEqual([['AAMkAG']]);
  });
  it('text with NUL is kept, emoji pass', () => {
    stage({ id: 'a\0b', parentFolderId: '👩‍👩‍👧 é' });
    expect(rowsOf(database, 'SELECT id, parentFolderId, length(id), len(id) FROM Messages')).toEqual([['a\0b', '👩‍👩‍👧 é', 1n, 3n]]);
  });
  it('a lone surrogate in a parameter is U+FFFD, as it is in rows that were read', () => {
    stage({ subject: 'x\ufffd' });
    expect(one('SELECT subject = ? FROM Messages', 'x\ud83d')).toBe(1n);
    expect(one('SELECT ?', '👩‍👩‍👧\udc00')).toBe('👩‍👩‍👧\ufffd');
  });
  it('bytes are bytes', () => {
    stage({ mime: new Uint8Array([0, 255, 7]) });
    expect(Buffer.from(one('SELECT mime FROM Messages') as unknown as Uint8Array)).toEqual(Buffer.from([0, 255, 7]));
  });
  it('has no collation but BINARY', () => {
    stage({ subject: 'Hello' });
    expect(one("SELECT count(*) FROM Messages WHERE subject = 'hello'")).toBe(0n);
  });
});

describe('judge and statement database', () => {
  it('compile the same programs', () => {
    const judge = newJudge();
    const sql = "SELECT subject, len(subject) FROM Messages WHERE receivedDateTime > xs_ts('2024-01-01') AND isRead = 0";
    const { columns, program } = judge.examine(sql);
    expect(columns.map(({ declaredType: type }) => type)).toEqual(['TEXT', undefined]);
    expect(program.map(({ p4 }) => p4)).toContain('len(1)');
    expect(rowsOf(database, sql)).toEqual([]);
    judge.close();
  });
  it('refuses anything but queries', () => {
    for (const sql of ['DELETE FROM Messages', 'PRAGMA journal_mode = wal', "ATTACH 'x' AS y", 'CREATE TABLE x(a)', 'INSERT INTO Messages(id) VALUES (1) RETURNING id', 'VACUUM']) {
      expect(['STATEMENT_REFUSED', 'BAD_VALUE']).toContain(failure(() => rowsOf(database, sql)).code);
    }
    expect(one('SELECT count(*) FROM Messages')).toBe(0n);
  });
});
