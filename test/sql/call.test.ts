import { describe, expect, test } from 'vitest';
import { ExchangeSqlError } from '../../src/errors.js';
import { translate } from '../../src/sql/index.js';

const dialect = { now: new Date('2026-03-10T12:00:00Z'), schemas: ['MSGraph', 'dbo'], catalogs: ['CData'] };
const read = (sql: string): { readonly procedure: string; readonly values: readonly (readonly [string | undefined, string | undefined])[]; readonly parameters: unknown } => {
  const { call, text, parameters } = translate(sql, dialect);
  return {
    procedure: call!.procedure,
    values: call!.values.map(({ name, expression, isFolder }) => [name, expression === undefined ? undefined : (isFolder ? 'FOLDER ' : '') + text.slice(expression.start, expression.end)] as const),
    parameters: [parameters.positional, parameters.named],
  };
};

describe('a call is read', () => {
  test.each<[string, string, readonly (readonly [string | undefined, string | undefined])[], number, string[]]>([
    ["EXEC MoveMail MessageId = 'a', DestinationId='b'", 'MoveMail', [['MessageId', "'a'"], ['DestinationId', "'b'"]], 0, []],
    ["EXECUTE MoveMail @MessageId='a', @DestinationId = 'b';", 'MoveMail', [['MessageId', "'a'"], ['DestinationId', "'b'"]], 0, []],
    ["exec [MoveMail] 'a', 'b'", 'MoveMail', [[undefined, "'a'"], [undefined, "'b'"]], 0, []],
    ['EXEC MoveMail @MessageId = @MessageId, @DestinationId = :folder', 'MoveMail', [['MessageId', '@MessageId'], ['DestinationId', ':folder']], 0, ['MessageId', 'folder']],
    ['EXEC MoveMail ?, ?', 'MoveMail', [[undefined, '?'], [undefined, '?']], 2, []],
    ["CALL MoveMail('a', upper('b'))", 'MoveMail', [[undefined, "'a'"], [undefined, "upper('b')"]], 0, []],
    ["CALL MoveMail(MessageId => 'a', DestinationId = 'b')", 'MoveMail', [['MessageId', "'a'"], ['DestinationId', "'b'"]], 0, []],
    ['CALL GetRoomLists()', 'GetRoomLists', [], 0, []],
    ['CALL GetRoomLists', 'GetRoomLists', [], 0, []],
    ['EXEC GetRoomLists', 'GetRoomLists', [], 0, []],
    ['{call MoveMail(?, ?)}', 'MoveMail', [[undefined, '?'], [undefined, '?']], 2, []],
    [' { ? = call MoveMail(?, ?) } ; ', 'MoveMail', [[undefined, '?'], [undefined, '?']], 2, []],
    ['{call GetRoomLists}', 'GetRoomLists', [], 0, []],
    ["EXEC CData.MSGraph.MoveMail 'a', DEFAULT", 'MoveMail', [[undefined, "'a'"], [undefined, undefined]], 0, []],
    ["EXEC dbo.MoveMail MessageId = ('a'), DestinationId = FOLDER('/Inbox/Clients')", 'MoveMail', [['MessageId', "('a')"], ['DestinationId', "FOLDER '/Inbox/Clients'"]], 0, []],
    ["EXEC Snooze DateTime = DATEADD(day, 1, GETDATE()) -- tomorrow", 'Snooze', [['DateTime', "DATEADD('day', 1, '2026-03-10T12:00:00Z')"]], 0, []],
    ["EXEC p a = 'x, y', b = coalesce(?, 'z'), c = -1.5", 'p', [['a', "'x, y'"], ['b', "coalesce(?, 'z')"], ['c', '-1.5']], 1, []],
  ])('%s', (sql, procedure, values, positional, named) => {
    expect(read(sql)).toEqual({ procedure, values, parameters: [positional, named] });
  });

  test('explained, with options', () => {
    for (const [sql, analyze, format] of [["EXPLAIN EXEC p @a='x'", false, 'rows'], ["EXPLAIN (FORMAT JSON) {call p('x')}", false, 'json'], ["EXPLAIN ANALYZE CALL p('x')", true, 'rows']] as const) {
      const translated = translate(sql, dialect);
      expect([translated.kind, translated.explain, translated.call?.procedure]).toEqual(['explain', { analyze, format }, 'p']);
    }
  });

  test('plain ? are counted by value', () => {
    const { call } = translate('EXEC p coalesce(?, ?), 1, ?', dialect);
    expect(call!.values.map(({ plainBefore, plain }) => [plainBefore, plain])).toEqual([[0, 2], [2, 0], [2, 1]]);
  });

  test('words of a call are names elsewhere', () => {
    expect(translate('SELECT call, exec FROM (SELECT 1 AS call, 2 AS exec)', dialect).call).toBeUndefined();
    expect(translate('EXPLAIN SELECT call FROM (SELECT 1 AS call)', dialect).call).toBeUndefined();
  });
});

describe('a call that cannot be read says where', () => {
  test.each<[string, string, number, string]>([
    ['EXEC', 'SYNTAX', 4, 'needs the name'],
    ["EXEC p a = ", 'SYNTAX', 7, 'has no value'],
    ["EXEC p a = 'x',, b = 'y'", 'SYNTAX', 7, 'a value is missing'],
    ["CALL p 'x'", 'SYNTAX', 7, 'in parentheses'],
    ["CALL p('x'", 'SYNTAX', 6, 'not closed'],
    ["CALL p('x') 'y'", 'SYNTAX', 12, 'cannot follow'],
    ["EXEC p 'x')", 'SYNTAX', 10, ') without a ('],
    ["{call p('x')", 'SYNTAX', 0, 'not closed'],
    ["{ SELECT 1 }", 'SYNTAX', 2, 'no CALL follows'],
    ['EXEC @rc = p', 'SYNTAX', 5, 'needs the name'],
    ["EXEC p @a = @b OUTPUT", 'NOT_SUPPORTED', 15, 'OUTPUT'],
    ["EXEC p a = 'x' || FOLDER('/Inbox')", 'NOT_SUPPORTED', 18, 'whole value'],
    ["EXEC p 'x'; EXEC p 'y'", 'SYNTAX', 10, 'more than one'],
    ["EXEC other.p 'x'", 'UNKNOWN_FUNCTION', 5, 'no schema other'],
    ["{}", 'SYNTAX', 1, 'no CALL follows'],
  ])('%s', (sql, code, position, message) => {
    let error: unknown;
    try {
      translate(sql, dialect);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ExchangeSqlError);
    const { code: got, position: at, message: said } = error as ExchangeSqlError;
    expect([got, at, said]).toEqual([code, position, expect.stringContaining(message)]);
  });
});
