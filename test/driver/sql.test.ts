import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, CLIENT_MESSAGES, INBOX_MESSAGES, listed, logged, MAIN, MESSAGES, NEWEST, ODD_SUBJECTS, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;
let plain: Connection;

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
  plain = await open(sandbox, 'DisableServerSideFiltering=true');
});
afterAll(async () => {
  await connection.close();
  await plain.close();
  await sandbox.close();
});

const first = async (sql: string, parameters: Parameters<typeof values>[2] = []): Promise<unknown> => (await values(connection, sql, parameters))[0];

describe('everything SQLite can SELECT', () => {
  const STATEMENTS: readonly [string, string][] = [
    ['inner join', "SELECT f.path, count(*) FROM Messages m JOIN MailFolders f ON f.id = m.parentFolderId GROUP BY f.path ORDER BY 1"],
    ['left join', "SELECT f.path, count(m.id) FROM MailFolders f LEFT JOIN Messages m ON m.parentFolderId = f.id AND m.isRead = 0 GROUP BY f.path ORDER BY 1"],
    ['right join', "SELECT f.path, m.subject FROM Messages m RIGHT JOIN MailFolders f ON f.id = m.parentFolderId AND m.subject LIKE 'Contract%' ORDER BY 1, 2"],
    ['full join', "SELECT c.displayName, m.subject FROM Contacts c FULL JOIN Messages m ON lower(m.from_emailAddress_address) = json_extract(c.emailAddresses, '$[0].address') ORDER BY 1, 2"],
    ['cross join', 'SELECT count(*) FROM Categories CROSS JOIN Calendars'],
    ['natural join', 'SELECT count(*) FROM (SELECT id AS f, path FROM MailFolders) NATURAL JOIN (SELECT parentFolderId AS f FROM Messages)'],
    ['using', 'SELECT count(*) FROM (SELECT id AS f FROM MailFolders) JOIN (SELECT parentFolderId AS f, subject FROM Messages) USING (f)'],
    ['three tables', "SELECT m.subject, f.displayName, a.name FROM MessageAttachments a JOIN Messages m ON m.id = a.messageId JOIN MailFolders f ON f.id = m.parentFolderId ORDER BY 1, 2, 3"],
    ['self join', 'SELECT count(*) FROM Messages a JOIN Messages b ON a.conversationId = b.conversationId WHERE a.subject < b.subject'],
    ['CTE', "WITH unread AS (SELECT * FROM Messages WHERE isRead = 0), per(folder, n) AS (SELECT parentFolderId, count(*) FROM unread GROUP BY 1) SELECT f.path, n FROM per JOIN MailFolders f ON f.id = per.folder ORDER BY 1"],
    ['recursive CTE', "WITH RECURSIVE up(id, name, level) AS (SELECT id, displayName, 0 FROM MailFolders WHERE displayName = '2026' UNION ALL SELECT f.id, f.displayName, level + 1 FROM up JOIN MailFolders c ON c.id = up.id JOIN MailFolders f ON f.id = c.parentFolderId) SELECT name, level FROM up ORDER BY level"],
    ['windows', 'SELECT subject, row_number() OVER (PARTITION BY parentFolderId ORDER BY receivedDateTime DESC) AS r, lag(subject) OVER (ORDER BY receivedDateTime) FROM Messages ORDER BY receivedDateTime LIMIT 10'],
    ['set operations', "SELECT subject FROM Messages WHERE subject LIKE 'Sent%' UNION SELECT displayName FROM Contacts EXCEPT SELECT 'Sent 3' INTERSECT SELECT subject FROM Messages ORDER BY 1"],
    ['correlated subquery', 'SELECT f.path, (SELECT max(m.receivedDateTime) FROM Messages m WHERE m.parentFolderId = f.id) FROM MailFolders f ORDER BY 1'],
    ['EXISTS', "SELECT path FROM MailFolders f WHERE NOT EXISTS (SELECT 1 FROM Messages m WHERE m.parentFolderId = f.id) ORDER BY 1"],
    ['IN subquery', 'SELECT subject FROM Messages WHERE parentFolderId IN (SELECT id FROM MailFolders WHERE depth > 1) ORDER BY 1'],
    ['NOT IN', "SELECT count(*) FROM Messages WHERE parentFolderId NOT IN (SELECT id FROM MailFolders WHERE wellKnownName IS NOT NULL)"],
    ['JSON functions', "SELECT j.value ->> '$.emailAddress.address' AS who, count(*) FROM Messages m, json_each(m.toRecipients) j GROUP BY who ORDER BY 2 DESC"],
    ['GROUP BY and HAVING', "SELECT strftime('%Y-%m-%d', receivedDateTime) AS d, count(*) AS n FROM Messages GROUP BY d HAVING n > 5 ORDER BY d"],
    ['FILTER and DISTINCT', 'SELECT count(*) FILTER (WHERE isRead), count(DISTINCT from_emailAddress_address), group_concat(DISTINCT importance) FROM Messages'],
    ['CASE', "SELECT CASE WHEN isRead THEN 'read' WHEN importance = 'high' THEN 'urgent' ELSE 'new' END AS k, count(*) FROM Messages GROUP BY k ORDER BY k"],
    ['VALUES', "VALUES (1, 'a'), (2, 'b')"],
    ['derived table with renames', 'SELECT s FROM (SELECT subject AS s, isRead AS r FROM Messages) WHERE r = 1 ORDER BY s LIMIT 7 OFFSET 3'],
    ['row values', "SELECT subject FROM Messages WHERE (isRead, importance) = (1, 'high') ORDER BY 1"],
    ['COLLATE', "SELECT subject FROM Messages WHERE subject = 'BUDGET 2026' COLLATE NOCASE ORDER BY subject"],
    ['GLOB', "SELECT subject FROM Messages WHERE subject GLOB 'Lunch 1[0-4]' ORDER BY 1"],
    ['LIKE with ESCAPE', "SELECT subject FROM Messages WHERE subject LIKE 'Rabatt 50!%%' ESCAPE '!'"],
    ['no FROM', "SELECT 1 + 1, 'x' || 'y', NULL"],
  ];

  test.each(STATEMENTS)('%s: the same with pushdown on and off', async (_name, sql) => {
    const { rows } = await connection.query(sql, [], { rowMode: 'array' });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toEqual((await plain.query(sql, [], { rowMode: 'array' })).rows);
  });

  test('some of them by what the service itself says', async () => {
    const messages = await listed(sandbox, `/users/${MAIN}/messages?$top=1000&$select=subject,isRead,importance,parentFolderId`);
    expect(await first('SELECT count(*) FILTER (WHERE isRead) FROM Messages')).toBe(messages.filter(({ isRead }) => isRead === true).length);
    expect(await first("SELECT count(*) FROM Messages WHERE importance = 'high' AND NOT isRead")).toBe(messages.filter(({ importance, isRead }) => importance === 'high' && isRead === false).length);
    expect(new Set(await values(connection, 'SELECT subject FROM Messages'))).toEqual(new Set(messages.map(({ subject }) => subject)));
    expect(await values(connection, "SELECT name FROM (WITH RECURSIVE up(id, name) AS (SELECT id, displayName FROM MailFolders WHERE displayName = '2026' UNION ALL SELECT f.id, f.displayName FROM up JOIN MailFolders c ON c.id = up.id JOIN MailFolders f ON f.id = c.parentFolderId) SELECT name FROM up)")).toEqual(['2026', 'Clients', 'Inbox']);
  });
});

describe('conveniences', () => {
  test('quoting with [x], "x" and `x`', async () => {
    expect(await first('SELECT [subject] FROM [Messages] WHERE "subject" = \'Lunch 10\' AND `isRead` = 1')).toBe('Lunch 10');
    const { columns } = await connection.query('SELECT subject AS [two words], 1 AS `a b`, 2 AS "c ""d"""  FROM Messages LIMIT 1');
    expect(columns.map(({ name }) => name)).toEqual(['two words', 'a b', 'c "d"']);
  });

  test('TOP, LIMIT, OFFSET, FETCH FIRST', async () => {
    const ordered = (await values(connection, 'SELECT subject FROM Messages ORDER BY subject')) as string[];
    const same: readonly [string, number, number][] = [
      ['SELECT TOP 5 subject FROM Messages ORDER BY subject', 0, 5],
      ['SELECT TOP (5) subject FROM Messages ORDER BY subject', 0, 5],
      ['SELECT DISTINCT TOP 5 subject FROM Messages ORDER BY subject', 0, 5],
      ['SELECT subject FROM Messages ORDER BY subject LIMIT 5', 0, 5],
      ['SELECT subject FROM Messages ORDER BY subject LIMIT 5 OFFSET 2', 2, 7],
      ['SELECT subject FROM Messages ORDER BY subject LIMIT 2, 5', 2, 7],
      ['SELECT subject FROM Messages ORDER BY subject OFFSET 2 ROWS FETCH NEXT 5 ROWS ONLY', 2, 7],
      ['SELECT subject FROM Messages ORDER BY subject FETCH FIRST 5 ROWS ONLY', 0, 5],
      ['SELECT subject FROM Messages ORDER BY subject FETCH FIRST ROW ONLY', 0, 1],
      ['SELECT subject FROM Messages ORDER BY subject OFFSET 95', 95, 100],
      ['SELECT subject FROM (SELECT TOP 5 subject FROM Messages ORDER BY subject) ORDER BY subject', 0, 5],
    ];
    for (const [sql, from, to] of same) expect([sql, await values(connection, sql)]).toEqual([sql, ordered.slice(from, to)]);
    expect(await values(connection, 'SELECT TOP @n subject FROM Messages ORDER BY subject', { n: 3 })).toEqual(ordered.slice(0, 3));
    expect(await values(connection, 'SELECT subject FROM Messages ORDER BY subject LIMIT ? OFFSET ?', [3, 1])).toEqual(ordered.slice(1, 4));
    expect((await refusal(connection.query('SELECT TOP 5 PERCENT subject FROM Messages'))).code).toBe('NOT_SUPPORTED');
  });

  test('functions people bring', async () => {
    const { rows } = await connection.query(
      `SELECT YEAR('2026-03-04T05:06:07Z') y, MONTH('2026-03-04') m, DAY('2026-03-04') d, DATEPART(hour, '2026-03-04T05:06:07Z') h, DATEDIFF(day, '2026-03-01', '2026-03-04') diff,
        DATEADD(month, 1, '2026-01-31T00:00:00Z') added, ISNULL(NULL, 'x') isn, LEN('four ') l, LEFT('abcdef', 2) le, RIGHT('abcdef', 2) ri, CHARINDEX('c', 'abc') ci,
        CONCAT('a', NULL, 1) co, CONVERT(INT, '12') conv, CONVERT(VARCHAR(10), 42) v`,
      [], { rowMode: 'array' });
    expect(rows).toEqual([[2026, 3, 4, 5, 3, '2026-02-28T00:00:00Z', 'x', 4, 'ab', 'ef', 3, 'a1', 12, '42']]);
    expect(await first('SELECT count(*) FROM Messages WHERE YEAR(receivedDateTime) = 2026 AND LEN(subject) > 3')).toBe(MESSAGES);
  });

  test('the clock is read once a statement', async () => {
    const before = Date.now() - 1000;
    const { rows } = await connection.query("SELECT GETDATE() a, GETUTCDATE() b, CURRENT_TIMESTAMP c, datetime('now') d FROM Messages LIMIT 2");
    expect(rows[0]).toEqual(rows[1]);
    const at = Date.parse(String(rows[0]!['a']));
    expect(at).toBeGreaterThanOrEqual(before - 1000);
    expect(at).toBeLessThanOrEqual(Date.now());
    expect([rows[0]!['a'], rows[0]!['a']]).toEqual([rows[0]!['b'], rows[0]!['c']]);
  });

  // incumbent 6.2: what SQLite has under that name is offered as it is, everything else says what to write.
  const FUNCTIONS =
    'ASCII CHAR CHARINDEX CHAR_LENGTH CONCAT CONTAINS ENDSWITH FILESIZE FORMAT FROM_UNIXTIME HASHBYTES INDEXOF ISNULL JSON_AVG JSON_COUNT JSON_EXTRACT JSON_MAX JSON_MIN JSON_SUM LEFT LEN LOCATE LOWER LTRIM MASK NCHAR OCTET_LENGTH PATINDEX POSITION QUOTENAME REPLACE REPLICATE REVERSE RIGHT RTRIM SOUNDEX SPACE SPLIT STARTSWITH STR STUFF SUBSTRING TOSTRING TRIM UNICODE UPPER XML_EXTRACT ABS ACOS ASIN ATAN ATN2 CEILING COS COT DEGREES EXP EXPR FLOOR GREATEST HEX LEAST LOG LOG10 MOD NEGATE PI POWER RADIANS RAND ROUND SIGN SIN SQRT SQUARE TAN TRUNC CURRENT_DATE CURRENT_TIMESTAMP DATEADD DATEDIFF DATEFROMPARTS DATENAME DATEPART DATETIMEFROMPARTS DATETIME2FROMPARTS DATE_TRUNC DATE_TRUNC2 DAY DAYOFMONTH DAYOFWEEK DAYOFYEAR EOMONTH LAST_DAY FDMONTH FDQUARTER FDWEEK FILEMODIFIEDTIME FROM_DAYS GETDATE GETUTCDATE HOUR ISDATE LAST_MONTH LAST_WEEK LAST_YEAR LDMONTH LDQUARTER LDWEEK MAKEDATE MINUTE MONTH QUARTER SECOND SMALLDATETIMEFROMPARTS STRTODATE SYSDATETIME SYSUTCDATETIME TIMEFROMPARTS TO_DAYS WEEK YEAR L_TODAY L_YESTERDAY L_TOMORROW L_LAST_WEEK L_THIS_MONTH L_NEXT_YEAR L_LAST_N_DAYS L_NEXT_N_MONTHS L_LAST_90_DAYS'.split(' ');

  test.each(FUNCTIONS)('%s works or names the form to use instead', async (name) => {
    const calls = [`${name}()`, `${name}(1)`, `${name}('a')`, `${name}('a', 'b')`, `${name}(1, 2)`, `${name}('a', 'b', 'c')`, `${name}(day, 1, '2026-01-01')`, `${name}(day, '2026-01-01')`, `${name}(day, '2026-01-01', '2026-01-02')`, `${name}('2026-01-01')`, name];
    const hints: (string | undefined)[] = [];
    for (const call of calls) {
      try {
        await connection.query(`SELECT ${call}`);
        return;
      } catch (error) {
        const { code, hint } = await refusal(Promise.reject(error as Error));
        if (code === 'UNKNOWN_FUNCTION') hints.push(hint);
      }
    }
    expect(hints[0]).toMatch(/^(Use|Write|Did you mean) /);
    // What is recommended is SQL that runs, where it is a plain call.
    const form = /^Use ((?:\w+\(x\)|x \* x|-x))\.$/.exec(hints[0]!)?.[1];
    if (form !== undefined) await connection.query(`SELECT ${form} FROM (SELECT ? AS x)`, [form.startsWith('json') ? '[1]' : '2026-01-04']);
  });

  test('a function nobody has gets a did-you-mean', async () => {
    const error = await refusal(connection.query('SELECT uper(subject) FROM Messages'));
    expect([error.code, error.sqlState]).toEqual(['UNKNOWN_FUNCTION', '42883']);
    expect(error.hint).toContain('upper');
    expect(error.position).toBe(7);
  });
});

describe('parameters', () => {
  test.each<[string, Parameters<typeof values>[2]]>([
    ['SELECT subject FROM Messages WHERE subject = ? AND isRead = ?', ['Lunch 10', true]],
    ['SELECT subject FROM Messages WHERE subject = ?2 AND isRead = ?1', [true, 'Lunch 10']],
    ['SELECT subject FROM Messages WHERE subject = $1 AND isRead = $2', ['Lunch 10', true]],
    ['SELECT subject FROM Messages WHERE subject = @s AND isRead = @r', { s: 'Lunch 10', r: true }],
    ['SELECT subject FROM Messages WHERE subject = :s AND isRead = :r', { ':s': 'Lunch 10', r: 1 }],
    ['SELECT subject FROM Messages WHERE subject = $s AND isRead = $r', { $s: 'Lunch 10', $r: 1n }],
    ["SELECT subject FROM Messages WHERE subject = @s AND receivedDateTime = @d", { s: 'Lunch 10', d: new Date(NEWEST - 10 * 3_600_000) }],
  ])('%s', async (sql, parameters) => {
    expect(await values(connection, sql, parameters)).toEqual(['Lunch 10']);
    expect(await values(plain, sql, parameters)).toEqual(['Lunch 10']);
  });

  test('types: NULL, numbers, bytes', async () => {
    const { rows } = await connection.query("SELECT typeof(?) a, typeof(?) b, typeof(?) c, typeof(?) d, typeof(?) e, 7 / ? f", [null, 1, 1.5, 'x', new Uint8Array([1]), 2], { rowMode: 'array' });
    expect(rows).toEqual([['null', 'integer', 'real', 'text', 'blob', 3]]);
    expect(await values(connection, 'SELECT count(*) FROM Messages WHERE subject = ?', [null])).toEqual([0]);
    expect(await values(connection, 'SELECT count(*) FROM Messages WHERE parentFolderId = ?', ['inbox'])).toEqual([INBOX_MESSAGES]);
  });

  test.each<[string, unknown]>([
    ['SELECT ?', []],
    ['SELECT ?', [1, 2]],
    ['SELECT @a', { b: 1 }],
    ['SELECT @a', []],
    ['SELECT ?', { a: 1 }],
    ['SELECT ?', [undefined]],
    ['SELECT ?', [{ x: 1 }]],
    ['SELECT ?', [Symbol('x')]],
    ['SELECT ?', [new Date(Number.NaN)]],
    ['SELECT @constructor', {}],
    ['SELECT @__proto__', {}],
  ])('%s with %o is refused', async (sql, parameters) => {
    const error = await refusal(connection.query(sql, parameters as never));
    expect(error.code).toBe('BAD_PARAMETER');
    expect(error.hint).toMatch(/\w/);
  });
});

describe('timestamps', () => {
  const at = new Date(NEWEST - 10 * 3_600_000); // Lunch 10: 2026-03-09T23:00:00Z
  const NOTATIONS: readonly string[] = [
    '2026-03-09T23:00:00Z',
    '2026-03-09 23:00:00',
    '2026-03-09T23:00:00',
    '2026-03-09T23:00:00.000Z',
    '2026-03-09T23:00:00.0000000Z',
    '2026-03-10T00:00:00+01:00',
    '2026-03-09T18:00:00-05:00',
    '2026-03-09 23:00',
    '2026-03-09T23:00Z',
  ];
  const OPERATORS: readonly [string, (n: number) => boolean][] = [
    ['=', (n) => n === 10],
    ['<>', (n) => n !== 10],
    ['<', (n) => n > 10],
    ['<=', (n) => n >= 10],
    ['>', (n) => n < 10],
    ['>=', (n) => n <= 10],
  ];

  test.each(NOTATIONS)("'%s' compares as a point in time, as literal, parameter and function result", async (text) => {
    for (const [operator, holds] of OPERATORS) {
      const expected = Array.from({ length: INBOX_MESSAGES }, (_, n) => n).filter(holds).length;
      for (const [sql, parameters] of [
        [`receivedDateTime ${operator} '${text}'`, []],
        [`receivedDateTime ${operator} ?`, [text]],
        [`receivedDateTime ${operator} datetime('${text}')`, []],
        [`'${text}' ${{ '<': '>', '<=': '>=', '>': '<', '>=': '<=' }[operator] ?? operator} receivedDateTime`, []],
      ] as const) {
        for (const own of [connection, plain]) {
          expect([sql, await values(own, `SELECT count(*) FROM Messages WHERE parentFolderId = 'inbox' AND ${sql}`, parameters)]).toEqual([sql, [expected]]);
        }
      }
    }
  });

  test('in IN, BETWEEN, CASE, HAVING and against aggregates', async () => {
    const inbox = "parentFolderId = 'inbox'";
    expect(await first(`SELECT count(*) FROM Messages WHERE ${inbox} AND receivedDateTime IN ('2026-03-09 23:00:00', '2026-03-10T00:00:00+01:00', '2026-03-09')`)).toBe(2); // a date alone is its midnight
    expect(await first(`SELECT count(*) FROM Messages WHERE ${inbox} AND receivedDateTime BETWEEN '2026-03-09 22:00:00' AND '2026-03-09 23:00'`)).toBe(2);
    expect(await first(`SELECT sum(CASE WHEN receivedDateTime >= '2026-03-09 23:00:00' THEN 1 ELSE 0 END) FROM Messages WHERE ${inbox}`)).toBe(11);
    expect(await values(connection, `SELECT parentFolderId FROM Messages WHERE ${inbox} GROUP BY parentFolderId HAVING max(receivedDateTime) = '2026-03-10 09:00:00'`)).toHaveLength(1);
    expect(await first(`SELECT max(receivedDateTime) > '2026-03-10 08:59:59' FROM Messages`)).toBe(1);
    expect(await first(`SELECT count(*) FROM Messages WHERE ${inbox} AND receivedDateTime > (SELECT '2026-03-09 23:00:00')`).catch((error: unknown) => (error as { code: string }).code)).toEqual(expect.toBeOneOf([10, 'BAD_VALUE']));
  });

  test.each(["receivedDateTime > 'yesterday'", "receivedDateTime = ''", 'receivedDateTime > 20260309', "receivedDateTime = subject", "receivedDateTime > '2026-13-45'", "receivedDateTime LIKE '2026-03%' AND receivedDateTime > 'x'"])('%s is refused with a hint, never compared as text', async (condition) => {
    for (const own of [connection, plain]) {
      const error = await refusal(own.query(`SELECT count(*) FROM Messages WHERE ${condition}`));
      expect(['BAD_VALUE', 'STATEMENT_REFUSED']).toContain(error.code);
      expect(error.hint).toMatch(/\w{3}/);
    }
  });

  test('LIKE on a timestamp is text on its normal form', async () => {
    expect(await first("SELECT count(*) FROM Messages WHERE receivedDateTime LIKE '2026-03-09T23:%' AND parentFolderId = 'inbox'")).toBe(1);
  });

  test('date functions are folded and go down', async () => {
    const cases = [
      "receivedDateTime > datetime('now','-7 days')",
      'receivedDateTime > DATEADD(day, -7, GETDATE())',
      "receivedDateTime >= date('now', 'start of month')",
      "receivedDateTime < CURRENT_TIMESTAMP",
      'receivedDateTime > @since',
    ];
    for (const condition of cases) {
      const { rows } = await connection.explain(`SELECT subject FROM Messages WHERE ${condition}`, condition.includes('@') ? { since: new Date('2026-01-01') } : []);
      const urls = rows.filter(({ operation }) => operation === 'request').map(({ detail }) => decodeURIComponent(String(detail)));
      expect([condition, urls.join()]).toEqual([condition, expect.stringMatching(/receivedDateTime (gt|ge|lt) \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/)]);
    }
    expect(at.toISOString()).toBe('2026-03-09T23:00:00.000Z');
  });
});

describe("SEARCH('…')", () => {
  test('goes down as $search; the other conjuncts run here', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query("SELECT subject, isRead FROM Messages WHERE SEARCH('subject:client') AND isRead = 0 ORDER BY subject"));
    expect(result.rows).toHaveLength(CLIENT_MESSAGES / 2);
    const url = decodeURIComponent(calls[0]!.url);
    expect(url).toContain('$search="subject:client"');
    expect(url).not.toMatch(/\$filter|\$orderby/);
    expect(await values(plain, "SELECT count(*) FROM Messages WHERE SEARCH('subject:client')")).toEqual([CLIENT_MESSAGES]);
    expect(await values(connection, 'SELECT count(*) FROM Messages WHERE SEARCH(?)', ['subject:client'])).toEqual([CLIENT_MESSAGES]);
  });

  test('ids are of the connection\'s kind', async () => {
    await using regular = await open(sandbox, 'IdType=Regular');
    for (const own of [connection, regular]) {
      const ids = await values(own, "SELECT id FROM Messages WHERE SEARCH('subject:contract') ORDER BY id");
      expect(ids).toEqual(await values(own, "SELECT id FROM Messages WHERE subject LIKE 'Contract%' ORDER BY id"));
    }
  });

  test('a double quote is refused, and so is a place where it cannot be', async () => {
    const quoted = await refusal(connection.query(`SELECT subject FROM Messages WHERE SEARCH('a" OR "b')`));
    expect([quoted.code, quoted.message]).toEqual(['BAD_VALUE', expect.stringContaining('quote')]);
    for (const sql of ["SELECT SEARCH('x') FROM Messages", "SELECT subject FROM Messages WHERE NOT SEARCH('x')", "SELECT subject FROM Messages WHERE SEARCH('x') AND SEARCH('y')", "SELECT subject FROM Messages WHERE SEARCH('x') OR isRead", "SELECT displayName FROM Contacts WHERE SEARCH('x')", 'SELECT 1 FROM Messages WHERE SEARCH(subject)']) {
      const error = await refusal(connection.query(sql));
      expect([sql, ['NOT_SUPPORTED', 'BAD_VALUE', 'STATEMENT_REFUSED'].includes(error.code)]).toEqual([sql, true]);
      expect(error.hint).toMatch(/\w/);
    }
  });

  test('at most 1,000 hits, with a warning when reached', async () => {
    await using many = await startOffice();
    const mailbox = many.writer.mailbox(MAIN)!;
    many.writer.bulk(() => {
      const folder = mailbox.mailFolder('/Inbox');
      for (let n = 0; n < 1010; n += 1) mailbox.addMessage(folder, { entity: { subject: `Zebra ${String(n)}`, body: { contentType: 'text', content: '' } }, receivedDateTime: new Date(NEWEST - n * 1000), sentDateTime: new Date(NEWEST - n * 1000) });
    });
    await using own = await open(many);
    const { rows, warnings } = await own.query("SELECT subject FROM Messages WHERE SEARCH('subject:zebra')");
    expect(rows).toHaveLength(1000);
    expect(warnings).toEqual([{ code: 'SEARCH_LIMIT', message: expect.stringContaining('1000') as string }]);
    expect((await own.query("SELECT subject FROM Messages WHERE SEARCH('subject:client')")).warnings).toEqual([]);
  });
});

describe('odd texts find their rows', () => {
  test.each([...ODD_SUBJECTS])('%s', async (subject) => {
    for (const own of [connection, plain]) {
      expect(await values(own, 'SELECT subject FROM Messages WHERE subject = ?', [subject])).toEqual([subject]);
      expect(await values(own, `SELECT subject FROM Messages WHERE subject = '${subject.replaceAll("'", "''")}'`)).toEqual([subject]);
      expect(await values(own, 'SELECT subject FROM Messages WHERE subject IN (?, ?)', [subject, 'no such'])).toEqual([subject]);
    }
  });

  test('an enum of another case is another text', async () => {
    expect(await first("SELECT count(*) FROM Messages WHERE importance = 'HIGH'")).toBe(0);
    expect(await first("SELECT count(*) FROM Messages WHERE importance LIKE 'HIGH'")).toBeGreaterThan(0);
    expect(await first("SELECT count(*) FROM Messages WHERE flag_flagStatus = 'Flagged'")).toBe(0);
    expect(await first(`SELECT count(*) FROM Messages WHERE from_emailAddress_address = '${BEN.toUpperCase()}'`)).toBe(0);
  });
});

describe('refused statements', () => {
  test.each([
    "ATTACH 'x.db' AS x", 'DETACH x', 'VACUUM', 'REINDEX', 'ANALYZE', 'PRAGMA journal_mode = wal', 'PRAGMA writable_schema = 1', "SELECT load_extension('x')", 'CREATE TABLE t(a)', 'CREATE VIEW v AS SELECT 1', 'CREATE INDEX i ON Messages(subject)',
    'CREATE TRIGGER t AFTER INSERT ON Messages BEGIN SELECT 1; END', 'ALTER TABLE Messages ADD x', 'DROP TABLE Messages', 'DROP TABLE main.Messages', 'DROP TABLE sys_tables', 'CREATE TEMP TRIGGER t INSERT ON Messages BEGIN SELECT 1; END', 'SAVEPOINT x', 'CREATE VIRTUAL TABLE temp.x USING fts5(a)',
    'SELECT * FROM sqlite_schema', 'SELECT * FROM sqlite_master', 'SELECT * FROM temp.sqlite_schema', 'SELECT * FROM pragma_table_info(\'Messages\')', 'SELECT * FROM dbstat', 'SELECT rowid FROM Messages', 'SELECT m.oid FROM Messages m',
  ])('%s', async (sql) => {
    const { result: error, calls } = await logged(sandbox, () => refusal(connection.query(sql)));
    expect(['STATEMENT_REFUSED', 'NOT_SUPPORTED', 'SYNTAX', ...(/rowid|oid/.test(sql) ? ['UNKNOWN_COLUMN'] : [])]).toContain(error.code);
    expect(error.message).toMatch(/\w/);
    expect(calls).toEqual([]);
  });

  test.each(["INSERT INTO sys_tables(TableName) VALUES ('x')", "UPDATE sys_tables SET TableName = 'x'", 'DELETE FROM sys_tablecolumns', 'DELETE FROM information_schema.tables', "REPLACE INTO Contacts(displayName) VALUES ('x')", "INSERT OR REPLACE INTO Contacts(displayName) VALUES ('x')", 'WITH x AS (SELECT 1) DELETE FROM sys_tables'])('%s: tables that are not written, forms that are not offered', async (sql) => {
    const { result: error, calls } = await logged(sandbox, () => refusal(connection.query(sql)));
    expect(['NOT_SUPPORTED', 'STATEMENT_REFUSED']).toContain(error.code);
    expect(error.hint).toMatch(/\w/);
    expect(calls).toEqual([]);
  });

  test.each(["CACHE SELECT * FROM Messages", 'GETDELETED FROM Messages', 'MERGE INTO Messages USING x ON 1', 'SELECT subject INTO [csv://x.csv] FROM Messages'])('%s is known and not offered', async (sql) => {
    expect(['NOT_SUPPORTED', 'STATEMENT_REFUSED']).toContain((await refusal(connection.query(sql))).code);
  });

  test.each<[string, string, number | undefined]>([
    ['', 'SYNTAX', undefined],
    ['   -- nothing', 'SYNTAX', undefined],
    ['SELEC subject FROM Messages', 'SYNTAX', 0],
    ['SELECT subject FROM Messages WHERE', 'SYNTAX', 34],
    ['SELECT subject FROM Messages WERE isRead', 'SYNTAX', 34],
    ["SELECT 'open FROM Messages", 'SYNTAX', 7],
    ['SELECT 1; SELECT 2', 'SYNTAX', 8],
    ['SELECT (1', 'SYNTAX', undefined],
    ['SELECT # FROM Messages', 'SYNTAX', 7],
    ['SELECT subject, FROM Messages', 'SYNTAX', 16],
    ['SELECT subjekt FROM Messages', 'UNKNOWN_COLUMN', 7],
    ['SELECT m.subjekt FROM Messages m', 'UNKNOWN_COLUMN', 7],
    ['SELECT TOP 3 subjekt FROM Messages', 'UNKNOWN_COLUMN', 13],
    ['SELECT id FROM Messages m JOIN MailFolders f ON f.id = m.parentFolderId', 'AMBIGUOUS_COLUMN', 7],
    ['SELECT 1 FROM Mesages', 'UNKNOWN_TABLE', 14],
    ['SELECT count(*, 1) FROM Messages', 'SYNTAX', undefined],
    ['SELECT subject FROM Messages WHERE count(*) > 1', 'SYNTAX', undefined],
  ])('%j: %s at %s', async (sql, code, position) => {
    const { result: error, calls } = await logged(sandbox, () => refusal(connection.query(sql)));
    expect([error.code, ...(position === undefined ? [] : [error.position])]).toEqual([code, ...(position === undefined ? [] : [position])]);
    expect(calls).toEqual([]);
  });

  test('unknown names get a did-you-mean', async () => {
    expect((await refusal(connection.query('SELECT subjekt FROM Messages'))).hint).toContain('subject');
    expect((await refusal(connection.query('SELECT 1 FROM Mesages'))).hint).toContain('Messages');
    expect((await refusal(connection.query('SELECT m.recievedDateTime FROM Messages m'))).hint).toContain('receivedDateTime');
    expect((await refusal(connection.query('SELECT "Lunch 1" FROM Messages'))).hint).toContain("'Lunch 1'");
  });
});
