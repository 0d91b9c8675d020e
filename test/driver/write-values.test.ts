import { describe, expect, test } from 'vitest';
import type { ColumnDeclaration } from '../../src/catalog/table.js';
import { normalValue } from '../../src/driver/write-values.js';
import { ExchangeSqlError } from '../../src/errors.js';
import type { SqlValue } from '../../src/scan/value.js';

const column = (type: ColumnDeclaration['type'], more: Partial<ColumnDeclaration> = {}): ColumnDeclaration => ({ name: 'c', type, description: 'A column.', ...more });
const put = (value: SqlValue, given: ColumnDeclaration): SqlValue => normalValue(value, given, { table: 'T', row: 0, rows: 1, position: 7 });

describe('values in the form of their column', () => {
  test.each<[ColumnDeclaration, readonly (readonly [SqlValue, SqlValue])[]]>([
    [column('text'), [['x', 'x'], ['', ''], [5n, '5'], [5, '5.0'], [0.5, '0.5'], [-0.25, '-0.25']]],
    [column('boolean'), [[1n, 1n], [0n, 0n], [1, 1n], [0, 0n], ['true', 1n], [' FALSE ', 0n], ['1', 1n], ['0', 0n]]],
    [column('integer'), [[7n, 7n], [7, 7n], [' +7 ', 7n], ['-2147483648', -2147483648n]]],
    [column('bigint'), [['9223372036854775807', 9223372036854775807n], [-1n, -1n]]],
    [column('double'), [[1n, 1], [1.5, 1.5], ['1e3', 1000], ['-.5', -0.5]]],
    [column('timestamp'), [['2026-03-10T09:00:00Z', '2026-03-10T09:00:00Z'], ['2026-03-10 09:00', '2026-03-10T09:00:00Z'], ['2026-03-10T09:00:00.5+02:00', '2026-03-10T07:00:00.5Z'], ['2026-03-10', '2026-03-10T00:00:00Z']]],
    [column('timestamp', { fraction: 3 }), [['2026-03-10T09:00:00Z', '2026-03-10T09:00:00.000Z']]],
    // On the clock of the row's own zone, unless an offset is said.
    [column('timestamp', { zonePath: 'start/timeZone' }), [['2026-03-10 09:00', '2026-03-10T09:00:00'], ['2026-03-10', '2026-03-10T00:00:00'], ['2026-03-10T09:00+01:00', '2026-03-10T08:00:00Z'], ['2026-03-10T09:00:00Z', '2026-03-10T09:00:00Z']]],
    [column('date'), [['2026-03-10', '2026-03-10'], ['2026-03-10T00:00:00Z', '2026-03-10']]],
    [column('time'), [['9:05', '09:05:00'], ['09:05:06', '09:05:06'], ['23:59:59.25', '23:59:59.25']]],
    [column('json'), [['{"a": 1}', '{"a": 1}'], [5n, '5'], ['null', 'null']]],
    [column('json', { items: 'recipient' }), [['ann@contoso.example; bo@contoso.example', 'ann@contoso.example; bo@contoso.example']]],
    [column('binary'), [[new Uint8Array([1]), new Uint8Array([1])], ['aGk=', 'aGk=']]],
  ])('%j', (given, pairs) => {
    expect(put(null, given)).toBeNull();
    for (const [value, wanted] of pairs) expect([value, put(value, given)]).toEqual([value, wanted]);
  });

  test.each<[ColumnDeclaration['type'], readonly SqlValue[]]>([
    ['text', [new Uint8Array([65])]],
    ['boolean', ['yes', 2n, 0.5, '', new Uint8Array([1])]],
    ['integer', ['7.5', 7.5, 2147483648n, 'x', '', '99999999999']],
    ['bigint', ['9223372036854775808', 1e300, '0x10']],
    ['double', ['1,5', '', 'x', new Uint8Array([1])]],
    ['timestamp', ['soon', 5n, '2026-02-30', '2026-03-10T25:00', '']],
    ['date', ['2026-03-10T09:00', '10.03.2026', '2026-13-01', 20260310n]],
    ['time', ['24:00', '9', '2026-03-10', 'noon']],
    ['json', ['{', 'x', '', new Uint8Array([1])]],
    ['binary', [5n, 0.5]],
  ])('%s: what is none', (type, values) => {
    for (const value of values) {
      const error: unknown = (() => {
        try {
          return put(value, column(type));
        } catch (caught) {
          return caught;
        }
      })();
      expect([value, error]).toEqual([value, expect.any(ExchangeSqlError)]);
      expect(error).toMatchObject({ code: 'BAD_VALUE', position: 7 });
      expect((error as ExchangeSqlError).message).toMatch(/^T\.c is /);
      expect((error as ExchangeSqlError).hint).toMatch(/\w/);
    }
  });

  test('a long value is cut in its error', () => {
    expect(() => put('x'.repeat(5000), column('boolean'))).toThrow(/^.{0,140}$/);
  });
});
