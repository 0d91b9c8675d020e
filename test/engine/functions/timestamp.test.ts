import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { normalTimestamp } from '../../../src/engine/index.js';
import { bound, failure, newDatabase, newJudge, evaluate, rowsOf } from '../fixture.js';

const judge = newJudge();
afterAll(() => {
  judge.close();
});

/** The same moment, 2024-01-02T10:00:00Z, in nine notations. */
const NOTATIONS = [
  '2024-01-02T10:00:00Z',
  '2024-01-02 10:00:00', // datetime()
  '2024-01-02T10:00:00',
  '2024-01-02T10:00:00.000Z',
  '2024-01-02T10:00:00.0000000Z',
  '2024-01-02T12:00:00+02:00',
  '2024-01-02 04:30:00.000 -05:30',
  '2024-01-02T10:00',
  '2024-01-02t10:00:00z',
];
const MOMENTS = ['2024-01-02T09:59:59Z', '2024-01-02T10:00:00Z', '2024-01-02T10:00:01Z'];
const OPERATORS: Record<string, (order: number) => boolean> = { '=': (o) => o === 0, '<>': (o) => o !== 0, '<': (o) => o < 0, '<=': (o) => o <= 0, '>': (o) => o > 0, '>=': (o) => o >= 0 };

describe('nine notations × six operators', () => {
  const database = newDatabase();
  afterAll(() => {
    database.close();
  });
  database.stage('Messages', ['receivedDateTime', 'subject'], { rows: MOMENTS.map((moment) => [moment, moment]), keys: MOMENTS });
  for (const notation of NOTATIONS) {
    it(notation, () => {
      for (const [operator, holds] of Object.entries(OPERATORS)) {
        const expected = MOMENTS.filter((_, index) => holds(index - 1));
        const run = (operand: string, ...values: string[]) => rowsOf(database, `SELECT subject FROM Messages WHERE receivedDateTime ${operator} xs_ts(${operand}) ORDER BY 1`, bound(...values)).flat();
        expect(run(`'${notation}'`)).toEqual(expected);
        expect(run('?', notation)).toEqual(expected);
        expect(run(`(SELECT '${notation}')`)).toEqual(expected);
      }
    });
  }
  it('values of date functions', () => {
    expect(rowsOf(database, "SELECT count(*) FROM Messages WHERE receivedDateTime >= xs_ts(datetime('2024-01-01 10:00:00', '+1 day'))")).toEqual([[2n]]);
    expect(rowsOf(database, "SELECT count(*) FROM Messages WHERE receivedDateTime > xs_ts(date('2024-01-02'))")).toEqual([[3n]]);
  });
});

describe('normal form', () => {
  it.each([
    ['2024-01-02', 0, '2024-01-02T00:00:00Z'],
    ['2024-01-02', 7, '2024-01-02T00:00:00.0000000Z'],
    ['2024-01-02T10:00:00.5Z', 3, '2024-01-02T10:00:00.500Z'],
    ['2024-01-02T10:00:00.5Z', 0, '2024-01-02T10:00:00Z5'],
    ['2024-01-02T10:00:00.1234567Z', 3, '2024-01-02T10:00:00.123Z4567'],
    ['2024-12-31T23:30:00-01:00', 0, '2025-01-01T00:30:00Z'],
    ['0001-01-01', 0, '0001-01-01T00:00:00Z'],
    ['2024-02-29', 0, '2024-02-29T00:00:00Z'],
  ])('%s with %i digits → %s', (text, digits, expected) => {
    expect(normalTimestamp(text, digits)).toBe(expected);
    expect(evaluate(judge, 'xs_ts(?, ?)', text, BigInt(digits))).toBe(expected);
  });
  it.each(['', 'yesterday', '2024', '2024-1-2', '2023-02-29', '2024-13-01', '2024-01-02T24:00:00Z', '2024-01-02T10:61:00Z', '2024-01-02T10:00:00+15:00', '10:00:00', '2024-01-02Z', "2024-01-02' OR 1", '0000-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00', '2024-01-02T10:00:00Z5'])('%j is none, and comparing with it is an error', (text) => {
    expect(normalTimestamp(text)).toBeUndefined();
    const database = newDatabase();
    database.stage('Messages', ['receivedDateTime'], { rows: [['2024-01-01T00:00:00Z']], keys: ['k'] });
    expect(failure(() => rowsOf(database, 'SELECT 1 FROM Messages WHERE receivedDateTime > xs_ts(?)', bound(text))).code).toBe('BAD_VALUE');
    database.close();
  });
  it('numbers are none, NULL is NULL', () => {
    const database = newDatabase();
    expect(failure(() => rowsOf(database, 'SELECT xs_ts(20240101)')).hint).toContain('2024-01-31');
    expect(rowsOf(database, 'SELECT xs_ts(NULL)')).toEqual([[null]]);
    database.close();
  });
  it('keeps the order of moments, whatever digits they have', () => {
    const moment = fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 9_999_999 }), fc.integer({ min: -14, max: 14 }));
    const written = ([seconds, ticks, zone]: [number, number, number]): string => {
      const local = new Date(Date.UTC(2024, 1, 28, 23, 30) + seconds * 1000 + zone * 3_600_000).toISOString().slice(0, 19);
      return `${local}.${String(ticks).padStart(7, '0')}${zone < 0 ? '-' : '+'}${String(Math.abs(zone)).padStart(2, '0')}:00`;
    };
    fc.assert(
      fc.property(moment, moment, fc.constantFrom(0, 3, 7), (a, b, digits) => {
        const order = Math.sign(a[0] - b[0] || a[1] - b[1]);
        const [x, y] = [normalTimestamp(written(a), digits)!, normalTimestamp(written(b), digits)!];
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(order);
      }),
      { numRuns: 500 },
    );
  });
  it('leaves a normal form alone', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        const text = `${date.toISOString().slice(0, 19)}Z`;
        expect(normalTimestamp(text)).toBe(text);
      }),
    );
  });
  it('a constant is computed once', () => {
    const program = judge.program("SELECT 1 FROM Messages WHERE receivedDateTime > xs_ts('2024-01-01')")!;
    const call = program.findIndex(({ p4 }) => p4?.startsWith('xs_ts') === true);
    const once = program.slice(0, call).findLast(({ opcode }) => opcode === 'Once');
    expect(once?.p2).toBeGreaterThan(call);
  });
});
