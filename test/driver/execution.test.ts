import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, CLIENT_MESSAGES, INBOX_MESSAGES, listed, logged, MAIN, MESSAGES, NEWEST, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;
let ids: string[];

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
  ids = (await values(connection, 'SELECT id FROM Messages ORDER BY receivedDateTime DESC')) as string[];
});
afterEach(() => {
  sandbox.faults.reset();
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

const list = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ');

describe('keys', () => {
  test('id = is one GET of that row', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query('SELECT subject FROM Messages WHERE id = ?', [ids[3]!]));
    expect(result.rows).toHaveLength(1);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: 'GET', status: 200 });
    expect(calls[0]!.url).toMatch(/\/messages\/[^/?]+\?\$select=/);
  });

  test('an id that is not there, or none at all, is no row', async () => {
    for (const id of ['AAMkNotThere', 'x', '', ' ', ids[0]!.toLowerCase(), '../../users', `${ids[0]!}A`, '%2e%2e', 'ä', "'"]) {
      expect([id, (await connection.query('SELECT subject FROM Messages WHERE id = ?', [id])).rows]).toEqual([id, []]);
    }
  });

  test('id IN goes in batches of 20', async () => {
    for (const [count, batches] of [[2, 1], [20, 1], [21, 2], [90, 5]] as const) {
      const { result, calls, parts } = await logged(sandbox, () => connection.query(`SELECT id FROM Messages WHERE id IN (${list(ids.slice(0, count))})`));
      expect([count, result.rows.length, calls.length, parts.length]).toEqual([count, count, batches, count]);
      for (const { url } of calls) expect(url).toBe('/$batch');
    }
  });

  test('100 ids by IN: 5 batches; ids that do not exist count as well', async () => {
    const wanted = [...ids.slice(0, 50), ...Array.from({ length: 50 }, (_, n) => `AAMkNowhere${String(n)}`)];
    const { result, calls } = await logged(sandbox, () => connection.query(`SELECT id FROM Messages WHERE id IN (${list(wanted)})`));
    expect(new Set(result.rows.map(({ id }) => id))).toEqual(new Set(ids.slice(0, 50)));
    expect(calls).toHaveLength(5);
  });

  test('keys and other conditions together', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query(`SELECT subject FROM Messages WHERE id IN (${list(ids.slice(0, 10))}) AND isRead = 1 AND subject LIKE '%1%'`));
    expect(calls).toHaveLength(1);
    expect(result.rows).toEqual((await connection.query(`SELECT subject FROM (SELECT id, subject, isRead FROM Messages) WHERE isRead = 1 AND subject LIKE '%1%' AND +id IN (${list(ids.slice(0, 10))})`)).rows);
  });

  test('ids of the other kind find their rows in joins and IN lists', async () => {
    await using regular = await open(sandbox, 'IdType=Regular');
    const others = (await values(regular, 'SELECT id FROM Messages ORDER BY receivedDateTime DESC LIMIT 5')) as string[];
    expect(others).not.toEqual(ids.slice(0, 5));
    expect(new Set(await values(connection, `SELECT id FROM Messages WHERE id IN (${list(others)})`))).toEqual(new Set(others));
    await connection.query('CREATE TEMP TABLE wanted(id TEXT)');
    for (const id of others) await connection.query('INSERT INTO wanted VALUES (?)', [id]);
    expect(await values(connection, 'SELECT count(*) FROM wanted w JOIN Messages m ON m.id = w.id')).toEqual([5]);
    await connection.query('DROP TABLE wanted');
  });
});

describe('look-ups', () => {
  test('a join on the key looks up the keys of the other side: inner and left', async () => {
    for (const kind of ['JOIN', 'LEFT JOIN']) {
      const { result, calls, parts } = await logged(sandbox, () => connection.query(`SELECT a.name, m.subject FROM MessageAttachments a ${kind} Messages m ON m.id = a.messageId WHERE a.name LIKE 'plan-%' AND a.isInline = 0`));
      expect(result.rows.length).toBeGreaterThan(0);
      expect(result.rows.every(({ subject }) => subject !== null)).toBe(true);
      const found = new Set(result.rows.map(({ subject }) => subject)).size;
      expect(parts.filter(({ url }) => /\/messages\/[^/?]+\?/.test(url))).toHaveLength(found);
      // Messages that have attachments, their attachments, and the found keys by one batch more.
      expect(calls).toHaveLength(3);
    }
  });

  test('IN (SELECT …) on a key looks the keys up', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query("SELECT path FROM MailFolders WHERE id IN (SELECT parentFolderId FROM Messages WHERE subject LIKE 'Contract%')"));
    expect(result.rows).toEqual([{ path: '/Inbox/Clients/2026' }]);
    const second = await logged(sandbox, () => connection.query("SELECT displayName FROM MailFolders WHERE id IN (SELECT parentFolderId FROM Messages WHERE subject LIKE 'Contract%')"));
    expect(second.result.rows).toEqual([{ displayName: '2026' }]);
    expect(second.calls).toHaveLength(2);
    expect(calls.length).toBeGreaterThan(1);
  });

  test('no keys, no request', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query("SELECT m.subject FROM Contacts c JOIN Messages m ON m.id = c.id WHERE c.displayName = 'nobody at all'"));
    expect(result.rows).toEqual([]);
    expect(calls.filter(({ url }) => url.includes('/messages'))).toEqual([]);
  });

  test('many keys are scanned instead of looked up', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query('SELECT count(*) AS n FROM MessageRecipients r JOIN Messages m ON m.id = r.messageId'));
    expect(Number(result.rows[0]!['n'])).toBeGreaterThan(MESSAGES);
    // 100 keys would be 5 batches; one page holds all 100 messages.
    expect(calls.filter(({ url }) => url === '/$batch')).toEqual([]);
  });

  test('child rows of chosen parents only', async () => {
    const { result, parts } = await logged(sandbox, () => connection.query("SELECT a.name FROM Messages m JOIN MessageAttachments a ON a.messageId = m.id WHERE m.subject = 'Lunch 12'"));
    expect(result.rows).toEqual([{ name: 'plan-12.txt' }]);
    expect(parts.length).toBeLessThanOrEqual(1);
  });

  test('extended properties of the messages a join gives', async () => {
    const { rows } = await connection.query("SELECT m.subject, p.value FROM Messages m JOIN ExtendedProperties p ON p.entity = 'Message' AND p.entityId = m.id AND p.id = 'String 0x007D' ORDER BY 1");
    expect(rows).toEqual([{ subject: 'BUDGET 2026', value: 'Received: from mx' }, { subject: 'Client 5', value: 'Received: from mx' }, { subject: 'Contract 5', value: 'Received: from mx' }, { subject: 'Sent 5', value: 'Received: from mx' }]);
  });

  test('instances of events that are no series are none', async () => {
    const { rows } = await connection.query("SELECT e.subject, count(i.id) AS n FROM Events e LEFT JOIN EventInstances i ON i.eventId = e.id AND i.StartDateTime = '2026-03-01' AND i.EndDateTime = '2026-05-01' GROUP BY e.subject ORDER BY 1");
    expect(rows.find(({ subject }) => subject === 'Board meeting')).toEqual({ subject: 'Board meeting', n: 0 });
    expect(rows.find(({ subject }) => subject === 'Stand-up')).toEqual({ subject: 'Stand-up', n: 9 });
  });
});

describe('what goes down', () => {
  test('unread, newest first, 25: one request and 25 rows on the wire', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query('SELECT subject, receivedDateTime FROM Messages WHERE isRead = 0 ORDER BY receivedDateTime DESC LIMIT 25'));
    expect(result.rows).toHaveLength(25);
    expect(calls.map(({ rows }) => rows)).toEqual([25]);
    const mine = (await listed(sandbox, `/users/${MAIN}/messages?$top=1000`)).filter(({ isRead }) => isRead === false).map(({ receivedDateTime }) => String(receivedDateTime)).sort().reverse().slice(0, 25);
    expect(result.rows.map(({ receivedDateTime }) => receivedDateTime)).toEqual(mine);
  });

  test('COUNT(*) is one request that brings no rows', async () => {
    for (const [condition, expected] of [['1 = 1', MESSAGES], ['isRead = 0', MESSAGES / 2], ["parentFolderId = 'inbox' AND receivedDateTime >= '2026-03-10T00:00:00Z'", 10]] as const) {
      await connection.query("SELECT 1 FROM Messages WHERE parentFolderId = 'inbox' LIMIT 1");
      const { result, calls } = await logged(sandbox, () => connection.query(`SELECT count(*) AS n FROM Messages WHERE ${condition}`));
      expect([condition, result.rows]).toEqual([condition, [{ n: expected }]]);
      expect([condition, calls.length, (calls[0]?.rows ?? 0) <= 1]).toEqual([condition, 1, true]);
    }
  });

  test('the page is as large as what is needed', async () => {
    const top = async (sql: string): Promise<string[]> => (await logged(sandbox, () => connection.query(sql))).calls.map(({ url }) => /\$top=(\d+)/.exec(url)?.[1] ?? '');
    expect(await top('SELECT subject FROM Messages LIMIT 7')).toEqual(['7']);
    expect(await top('SELECT subject FROM Messages LIMIT 5 OFFSET 3')).toEqual(['8']);
    expect(await top('SELECT subject FROM Messages')).toEqual(['1000']);
    // The rows have to be looked at here: not all of them at once.
    const [local] = await top("SELECT subject FROM Messages WHERE bodyPreview LIKE '%Message%' LIMIT 2");
    expect(Number(local)).toBeLessThan(100);
  });

  test('DisableServerSideFiltering sends no filter, sort or count', async () => {
    await using own = await open(sandbox, 'DisableServerSideFiltering=true');
    const { calls, parts } = await logged(sandbox, async () => {
      for (const sql of ["SELECT subject FROM Messages WHERE isRead = 0 AND subject = 'Lunch 11' LIMIT 3", 'SELECT count(*) FROM Messages WHERE isRead = 0', `SELECT subject FROM Messages WHERE id = '${ids[0]!}'`, "SELECT displayName FROM Users WHERE displayName = 'Ben Okafor'", 'SELECT a.name FROM Messages m JOIN MessageAttachments a ON a.messageId = m.id']) {
        expect((await own.query(sql)).rows).toEqual((await connection.query(sql)).rows);
      }
    });
    const own400 = [...calls, ...parts].filter(({ status }) => status >= 400);
    expect(own400).toEqual([]);
    const alone = await logged(sandbox, () => own.query("SELECT subject FROM Messages WHERE isRead = 0 AND subject = 'Lunch 11'"));
    for (const { url } of alone.calls) expect(decodeURIComponent(url)).not.toMatch(/isRead eq|startswith|subject eq/);
    const count = await logged(sandbox, () => own.query('SELECT count(*) FROM Messages'));
    expect(count.calls.some(({ rows }) => rows === MESSAGES)).toBe(true);
  });

  test('a count of -1 is not believed', async () => {
    sandbox.faults.set({ countMinusOne: true });
    expect(await values(connection, 'SELECT count(*) FROM Messages WHERE isRead = 0')).toEqual([MESSAGES / 2]);
    expect(await values(connection, 'SELECT count(*) FROM Messages')).toEqual([MESSAGES]);
  });

  test('a folder in the path counts and pages there', async () => {
    const { calls } = await logged(sandbox, () => connection.query("SELECT count(*) FROM Messages WHERE parentFolderId = FOLDER('/Inbox/Clients')"));
    expect(calls.at(-1)!.url).toContain('/mailFolders/');
  });

  test('what is inexact is re-checked', async () => {
    // The service compares without case.
    expect(await values(connection, "SELECT subject FROM Messages WHERE subject = 'budget 2026'")).toEqual(['budget 2026']);
    expect(await values(connection, "SELECT subject FROM Messages WHERE subject LIKE 'budget%' ORDER BY subject")).toEqual(['BUDGET 2026', 'budget 2026']);
    expect(await values(connection, "SELECT subject FROM Messages WHERE subject GLOB 'budget*'")).toEqual(['budget 2026']);
    expect(await values(connection, "SELECT count(*) FROM Messages WHERE from_emailAddress_address = 'carla.cook@fabrikam.example'")).toEqual([0]);
    expect(await values(connection, "SELECT count(*) FROM Messages WHERE from_emailAddress_address = 'Carla.Cook@Fabrikam.example'")).toEqual([(await listed(sandbox, `/users/${MAIN}/messages?$top=1000`)).filter(({ from }) => JSON.stringify(from).includes('Carla')).length]);
  });

  test('a lossy eq loses no row', async () => {
    sandbox.faults.set({ lossyEq: true });
    await using own = await open(sandbox);
    for (const n of [10, 11, 12, 13, 14, 15, 16, 17, 18]) expect(await values(own, 'SELECT subject FROM Messages WHERE subject = ?', [`Lunch ${String(n)}`])).toEqual([`Lunch ${String(n)}`]);
    expect(await values(own, 'SELECT count(*) FROM Messages WHERE from_emailAddress_address = ?', [BEN])).toEqual([34 + 0]);
  });
});

describe('the fallback ladder', () => {
  test('zero 400s reach a user; what was refused is remembered for the connection', async () => {
    for (const filterMode of ['strict', 'live'] as const) {
      sandbox.faults.set({ filterMode });
      await using own = await open(sandbox);
      const statements = [
        "SELECT subject FROM Messages WHERE hasAttachments = 1 AND importance = 'high' ORDER BY receivedDateTime DESC",
        "SELECT subject FROM Messages WHERE isRead = 0 ORDER BY receivedDateTime DESC LIMIT 3",
        "SELECT subject FROM Messages WHERE subject LIKE 'Lunch%' ORDER BY receivedDateTime DESC LIMIT 3",
        "SELECT subject FROM Messages WHERE from_emailAddress_address = 'ben.okafor@contoso.example' AND isRead = 1 ORDER BY receivedDateTime LIMIT 4",
        "SELECT subject FROM Messages WHERE flag_flagStatus = 'flagged' ORDER BY sentDateTime DESC LIMIT 3",
        "SELECT count(*) FROM Messages WHERE subject LIKE 'Lunch 1%' AND categories LIKE '%\"Red\"%'",
        "SELECT subject FROM Messages WHERE conversationId = 'x' OR isRead = 1 ORDER BY subject LIMIT 3",
      ];
      const plain = await open(sandbox, 'DisableServerSideFiltering=true');
      for (const sql of statements) {
        const first = await logged(sandbox, () => own.query(sql));
        expect(first.result.rows).toEqual((await plain.query(sql)).rows);
        const again = await logged(sandbox, () => own.query(sql));
        expect([filterMode, sql, again.calls.filter(({ status }) => status === 400)]).toEqual([filterMode, sql, []]);
      }
      await plain.close();
    }
  });
});

describe('bad days', () => {
  const SQL = "SELECT subject FROM Messages WHERE isRead = 1 ORDER BY subject";
  test.each<[string, Parameters<Sandbox['faults']['set']>[0]]>([
    ['short pages', { shortPages: true }],
    ['empty pages', { emptyPages: true }],
    ['repeated rows', { repeatRows: true }],
    ['all of these', { shortPages: true, emptyPages: true, repeatRows: true, filteredOrder: 'oldest' }],
    ['throttling', { throttleEvery: 3, retryAfter: 0.01 }],
    ['throttling by decimals', { throttleEvery: 2, retryAfter: 0.021 }],
    ['one request at a time', { concurrencyLimit: 1, retryAfter: 0.05 }],
    ['unavailable', { serviceUnavailableEvery: 4, retryAfter: 0.01 }],
    ['gateway timeouts', { gatewayTimeoutEvery: 4 }],
    ['resets', { resetEvery: 4 }],
    ['truncated bodies', { truncateEvery: 4 }],
    ['expired tokens', { unauthorizedEvery: 1000 }],
  ])('%s change no answer', async (_name, faults) => {
    const expected = (await connection.query(SQL)).rows;
    await using small = await open(sandbox, 'Pagesize=20');
    sandbox.faults.set(faults);
    expect((await small.query(SQL)).rows).toEqual(expected);
    expect(await values(small, 'SELECT count(*) FROM (SELECT id FROM Messages)')).toEqual([MESSAGES]);
    expect(await values(small, `SELECT count(*) FROM Messages WHERE id IN (${list(ids.slice(0, 45))})`)).toEqual([45]);
    expect(await values(small, 'SELECT count(*) FROM MessageAttachments WHERE isInline = 0')).toEqual(await values(connection, 'SELECT count(*) FROM MessageAttachments WHERE isInline = 0'));
  }, 60_000);
});

describe('while mail arrives, moves and is deleted', () => {
  test.each([1, 2, 3])('a row that exists from start to end is never missing (seed %i)', async (seed) => {
    await using busy = await startOffice({ seed });
    for (const [sql, parameters] of [
      ['SELECT id FROM Messages', []],
      ["SELECT id FROM Messages WHERE parentFolderId = 'inbox'", []],
      ['SELECT id FROM Messages WHERE isRead = 1', []],
      ['SELECT id FROM Messages ORDER BY subject', []],
      ['SELECT id FROM Messages WHERE receivedDateTime > ? ORDER BY receivedDateTime', [new Date(NEWEST - 400 * 3_600_000)]],
      ['SELECT id FROM Messages WHERE hasAttachments = 0', []],
    ] as const) {
      await using own = await open(busy, 'Pagesize=10');
      const before = new Set(await values(own, sql, [...parameters]));
      busy.faults.set({ busyMailbox: 25 });
      const during = await values(own, sql, [...parameters]);
      busy.faults.reset();
      const after = new Set(await values(own, sql, [...parameters]));
      const lasting = [...before].filter((id) => after.has(id));
      const missing = lasting.filter((id) => !during.includes(id));
      expect([sql, missing]).toEqual([sql, []]);
      expect(new Set(during).size).toBe(during.length);
    }
  });
});

describe('20 statements at once', () => {
  // The longer ones give a request that became unneeded time to be met by the next one.
  test.each([2, 10, 15])('over two mailboxes, pages, keys and children: no 429, at most 4 in flight (%i ms)', async (latencyMs) => {
    sandbox.faults.set({ latencyMs });
    sandbox.log.reset();
    const statements = [
      'SELECT count(*) FROM (SELECT id, subject FROM Messages)',
      `SELECT count(*) FROM Messages WHERE id IN (${list(ids.slice(0, 45))})`,
      'SELECT count(*) FROM MessageAttachments',
      'SELECT count(*) FROM MailFolders',
      `SELECT count(*) FROM Messages WHERE userId IN ('${MAIN}', '${BEN}')`,
    ];
    await using own = await open(sandbox, 'Pagesize=20');
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => values(own, statements[n % statements.length]!)));
    for (let n = 0; n < 20; n += 1) expect(results[n]).toEqual(results[n % statements.length]);
    expect(results[4]).toEqual([MESSAGES + 15]);
    expect(sandbox.log.entries.filter(({ status }) => status >= 400)).toEqual([]);
    for (const peak of Object.values(sandbox.log.peaks)) expect(peak).toBeLessThanOrEqual(4);
  });
});

describe('statements that would not end', () => {
  test('are refused before they run', async () => {
    await using many = await startOffice();
    await using own = await open(many);
    const start = performance.now();
    const error = await refusal(own.query('SELECT count(*) FROM Messages a, Messages b, Messages c, Messages d, Messages e WHERE a.subject || b.subject || c.subject || d.subject <> e.subject'));
    expect(error.code).toBe('STATEMENT_TOO_LARGE');
    expect(error.sqlState).toBe('54000');
    expect(error.hint).toContain('equality');
    expect(performance.now() - start).toBeLessThan(5000);
    expect(INBOX_MESSAGES + CLIENT_MESSAGES).toBeGreaterThan(0);
  });

  test.each([
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n',
    'WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i > 0 OR i IS NULL) SELECT max(i) FROM n -- no end',
    'SELECT subject, (WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "N") SELECT sum(i) FROM n) FROM Messages',
    'SELECT * FROM (WITH n(i) AS (SELECT 1 UNION ALL SELECT n.i + 1 FROM n JOIN Categories) SELECT avg(i) FROM n)',
    'SELECT subject FROM Messages WHERE id IN (WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n)',
    'CREATE TEMP TABLE t AS WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n',
  ])('recursion without end stops at the deadline: %s', async (sql) => {
    await using own = await open(sandbox, 'Timeout=1');
    const error = await refusal(own.query(sql));
    expect([error.code, error.sqlState]).toEqual(['TIMEOUT', '57014']);
  });

  test.each([
    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100000) SELECT count(*) FROM c a, c b, c d',
    'WITH v(i) AS (SELECT value FROM json_each(?)) SELECT count(*) FROM v a, v b, v c, v d',
    'SELECT count(*) FROM json_each(?) a, json_each(?1) b, json_each(?1) c, json_each(?1) d WHERE a.value + b.value <> c.value + d.value',
    // Equal values everywhere: an index finds them all.
    'SELECT count(*) FROM Messages a JOIN Messages b ON b.importance > a.importance OR a.isDraft = b.isDraft JOIN Messages c ON c.isDraft = b.isDraft JOIN Messages d ON d.isDraft = c.isDraft JOIN Messages e ON e.isDraft = d.isDraft',
    'SELECT sum(n) FROM (SELECT (SELECT count(*) FROM json_each(?) a, json_each(?1) b, json_each(?1) c WHERE a.value < b.value + c.value + length(m.subject)) AS n FROM Messages m)',
    'CREATE TEMP TABLE t AS SELECT count(*) AS n FROM json_each(?) a, json_each(?1) b, json_each(?1) c, json_each(?1) d',
    'SELECT count(*) FROM (SELECT value AS v FROM json_each(?)) a LEFT JOIN (SELECT value AS v FROM json_each(?1)) b ON a.v <> b.v LEFT JOIN (SELECT value AS v FROM json_each(?1)) c ON c.v <> b.v LEFT JOIN json_each(?1) d ON d.value <> a.v',
  ])('joins without end stop at the deadline: %s', async (sql) => {
    await using own = await open(sandbox, 'Timeout=1');
    const start = performance.now();
    const error = await refusal(own.query(sql, sql.includes('?') ? [JSON.stringify(Array.from({ length: 1000 }, (_, n) => n))] : []));
    expect([error.code, error.sqlState]).toEqual(['TIMEOUT', '57014']);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  test('a temporary table larger than memory is refused', async () => {
    const error = await refusal(connection.query('CREATE TEMP TABLE t AS SELECT a.value AS v, ?2 AS text FROM json_each(?1) a, json_each(?1) b', [JSON.stringify(Array.from({ length: 1000 }, (_, n) => n)), 'x'.repeat(5000)]));
    expect([error.code, error.sqlState]).toEqual(['STATEMENT_TOO_LARGE', '54000']);
    expect(await values(connection, 'SELECT 1')).toEqual([1]);
  });

  test('a long join with an end gives the rows it gave', async () => {
    const json = JSON.stringify(Array.from({ length: 60 }, (_, n) => n));
    const sql = 'SELECT count(*), sum(a.value * b.value), max(m.subject) FROM json_each(?) a LEFT JOIN json_each(?1) b ON b.value > a.value LEFT JOIN (SELECT value AS v FROM json_each(?1)) c ON c.v = b.value FULL JOIN Messages m ON m.isRead = (a.value % 3)';
    const { rows } = await connection.query(sql, [json], { rowMode: 'array' });
    const pairs = Array.from({ length: 60 }, (_, a) => Array.from({ length: 59 - a }, (_, b) => [a, a + 1 + b] as const)).flat();
    const times = (a: number): number => (a % 3 === 2 ? 1 : MESSAGES / 2);
    const all = pairs.reduce((sum, [a]) => sum + times(a), 0) + times(59);
    expect(rows[0]).toEqual([all, pairs.reduce((sum, [a, b]) => sum + a * b * times(a), 0), expect.any(String)]);
  });

  test('recursion with an end gives its rows, and one without can be read as far as wanted', async () => {
    expect(await values(connection, 'WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3 OR i IS NULL) SELECT i FROM n')).toEqual([1, 2, 3]);
    expect(await values(connection, 'WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 4) SELECT i FROM n')).toEqual([1, 2, 3, 4]);
    await using own = await open(sandbox, 'Timeout=1');
    let seen = 0;
    for await (const { i } of own.stream('WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n')) {
      seen += 1;
      expect(i).toBe(seen);
      if (seen === 5000) break;
    }
    const controller = new AbortController();
    const endless = refusal(own.query('WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n', [], { signal: controller.signal }));
    setTimeout(() => { controller.abort(); }, 20);
    expect((await endless).code).toBe('CANCELLED');
  });
});
