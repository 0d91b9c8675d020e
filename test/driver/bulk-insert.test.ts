/** Rows given as objects: names and texts that nobody expects, temporary tables, a source that breaks off. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExchangeSqlError } from '../../src/errors.js';
import type { Connection, NewRow } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { logged, open, refusal, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;
beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0 });
  connection = await open(sandbox);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

describe('insertRows', () => {
  test('counts the rows of a temporary table', async () => {
    const { affectedRows, outcomes } = await connection.insertRows('People#TEMP', [{ name: 'a' }, { name: 'b' }, { name: 'c' }], { rowsPerStatement: 2 });
    expect([affectedRows, outcomes.map(({ row, status }) => `${String(row)} ${status}`)]).toEqual([3, ['0 done', '1 done', '2 done']]);
    expect(await values(connection, 'SELECT name FROM People#TEMP ORDER BY 1')).toEqual(['a', 'b', 'c']);
  });

  test.each([
    [{ "subject) VALUES ('x'); --": 'y' }, 'UNKNOWN_COLUMN'],
    [JSON.parse('{"__proto__":"x","subject":"s"}') as NewRow, 'UNKNOWN_COLUMN'],
    [{ constructor: 'x', subject: 's' } as unknown as NewRow, 'UNKNOWN_COLUMN'],
    [{ 'subject\0': 'x' }, 'SYNTAX'],
    [{ subject: 'a', SUBJECT: 'b' }, 'SYNTAX'],
    [{ subject: 'cut \ud83d' }, 'BAD_VALUE'],
    [{ subject: '\udc00' }, 'BAD_VALUE'],
  ])('refuses %j', async (row, code) => {
    const { result, calls } = await logged(sandbox, () => refusal(connection.insertRows('Messages', [row])));
    expect([result.code, calls]).toEqual([code, []]);
  });

  test('tells what was written before the rows could not be read on', async () => {
    function* broken(): Generator<NewRow> {
      for (let n = 0; n < 25; n += 1) yield { subject: `read ${String(n)}` };
      throw new ExchangeSqlError('BAD_VALUE', 'the file ends here');
    }
    const { code, outcomes = [] } = await refusal(connection.insertRows('Messages', broken(), { rowsPerStatement: 10 }));
    const there = await values(connection, "SELECT count(*) FROM Messages WHERE subject LIKE 'read %'");
    expect([code, outcomes.length, outcomes.filter(({ status }) => status === 'done').length, outcomes.filter(({ status }) => status === 'skipped').length]).toEqual(['BAD_VALUE', 25, 20, 5]);
    expect(there).toEqual([20]);
  });
});

test('half a character is written nowhere: not by a parameter, not in the text, not by a procedure', async () => {
  const { result, calls } = await logged(sandbox, async () => [
    await refusal(connection.query('INSERT INTO Messages (subject) VALUES (?)', ['a\ud800'])),
    await refusal(connection.query('UPDATE Messages SET subject = @s', { s: '\udc00b' }, { allowFullTable: true })),
    await refusal(connection.query("INSERT INTO Messages (subject) VALUES ('\ud800')")),
    await refusal(connection.query("EXEC SendMail ToRecipients = 'ann@contoso.example', Subject = ?", ['\ud83d'])),
  ]);
  expect(result.map(({ code }) => code)).toEqual(['BAD_VALUE', 'BAD_VALUE', 'BAD_VALUE', 'BAD_VALUE']);
  expect(calls).toEqual([]);
  await connection.query('INSERT INTO Messages (subject) VALUES (?)', ['whole 🎉']);
  expect(await values(connection, "SELECT subject FROM Messages WHERE subject LIKE 'whole%'")).toEqual(['whole 🎉']);
});
