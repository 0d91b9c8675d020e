import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect, Connection, RowStream } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, logged, MAIN, MESSAGES, NEWEST, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
});
afterEach(() => {
  sandbox.faults.reset();
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

const ALL = 'SELECT id, subject FROM Messages';

describe('query', () => {
  test('rows as objects, or as arrays', async () => {
    const objects = await connection.query("SELECT subject, isRead, 1 + 1 AS two FROM Messages WHERE subject = 'Lunch 10'");
    expect(objects.rows).toEqual([{ subject: 'Lunch 10', isRead: true, two: 2 }]);
    const arrays = await connection.query("SELECT subject, isRead, 1 + 1 AS two FROM Messages WHERE subject = 'Lunch 10'", [], { rowMode: 'array' });
    expect(arrays.rows).toEqual([['Lunch 10', true, 2]]);
  });

  test('column metadata follows a column through joins, subqueries and renames', async () => {
    const { columns } = await connection.query('WITH c(a, b) AS (SELECT isRead, receivedDateTime FROM Messages) SELECT a, b AS "when", count(*) OVER () n FROM c LIMIT 1');
    expect(columns.map(({ name, type, table, column }) => [name, type, table, column])).toEqual([
      ['a', 'boolean', 'Messages', 'isRead'],
      ['when', 'timestamp', 'Messages', 'receivedDateTime'],
      ['n', undefined, undefined, undefined],
    ]);
    const [id] = (await connection.query('SELECT id FROM Messages LIMIT 1')).columns;
    expect(id).toMatchObject({ nullable: false, type: 'text' });
    expect(id!.description).toMatch(/\w/);
  });

  test('a statement without rows has columns all the same', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query('SELECT subject, isRead FROM Messages WHERE 1 = 0'));
    expect(result.rows).toEqual([]);
    expect(result.columns.map(({ name }) => name)).toEqual(['subject', 'isRead']);
    expect(calls).toEqual([]);
  });

  test('booleans are booleans through joins, unions of one column and CASE-free renames; counts of them are numbers', async () => {
    expect(await values(connection, 'SELECT DISTINCT isRead FROM Messages ORDER BY 1')).toEqual([false, true]);
    expect(await values(connection, 'SELECT DISTINCT r FROM (SELECT isRead AS r FROM Messages)  ORDER BY 1')).toEqual([false, true]);
    expect(await values(connection, 'SELECT max(isRead) FROM Messages')).toEqual([1]);
    expect(await values(connection, 'SELECT count(*) FROM Messages WHERE isRead = TRUE')).toEqual([MESSAGES / 2]);
  });

  test('timestamps are ISO text, or Date', async () => {
    const sql = "SELECT receivedDateTime AS at, max(receivedDateTime) OVER () AS top FROM Messages WHERE subject = 'Lunch 10'";
    const at = new Date(NEWEST - 10 * 3_600_000);
    expect((await connection.query(sql)).rows[0]!['at']).toBe(`${at.toISOString().slice(0, 19)}Z`);
    expect((await connection.query(sql, [], { timestamps: 'date' })).rows[0]!['at']).toEqual(at);
    // An expression has no declared type: its text stays text.
    expect(typeof (await connection.query(sql, [], { timestamps: 'date' })).rows[0]!['top']).toBe('string');
  });

  test('integers are numbers, and bigint where a number would not be exact', async () => {
    expect((await connection.query('SELECT 9007199254740991 AS a, 9007199254740993 AS b, -5 AS c, 1.5 AS d, x\'00ff\' AS e, NULL AS f')).rows).toEqual([{ a: 9007199254740991, b: 9007199254740993n, c: -5, d: 1.5, e: Buffer.from([0, 255]), f: null }]);
  });

  test('repeated names keep every value; odd names are plain members', async () => {
    const { rows } = await connection.query('SELECT 1 AS a, 2 AS a, 3 AS __proto__, 4 AS constructor, 5 AS "", 6 AS toString');
    const row = rows[0]!;
    expect(Object.keys(row)).toEqual(['a', 'a_2', '__proto__', 'constructor', '', 'toString']);
    expect(Object.entries(row).map(([, value]) => value)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    // A name that looks like a repetition's is not overwritten by one.
    expect((await connection.query('SELECT 1 AS a_2, 2 AS a, 3 AS a')).rows).toEqual([{ a_2: 1, a: 2, a_3: 3 }]);
  });

  test('maxRows and MaxRows cut the result and the reading', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query(ALL, [], { maxRows: 3 }));
    expect(result.rows).toHaveLength(3);
    expect(calls).toHaveLength(1);
    expect((await connection.query(ALL, [], { maxRows: 0 })).rows).toEqual([]);
    await using few = await open(sandbox, 'MaxRows=5');
    expect((await few.query(ALL)).rows).toHaveLength(5);
    expect((await few.query('SELECT subject FROM Messages ORDER BY subject')).rows).toHaveLength(5);
    expect((await few.query(ALL, [], { maxRows: 7 })).rows).toHaveLength(7);
    // The cut is of the result: what is counted is not cut.
    expect(await values(few, 'SELECT count(*) FROM Messages')).toEqual([MESSAGES]);
    expect((await refusal(connection.query(ALL, [], { maxRows: 1.5 }))).code).toBe('BAD_PARAMETER');
  });

  test('a Logfile that cannot be written is said at once', async () => {
    const error = await refusal(open(sandbox, 'Logfile=/nowhere/at/all/x.log;Verbosity=2'));
    expect(error.code).toBe('CONNECTION_STRING');
    expect(error.message).toContain('/nowhere/at/all/x.log');
  });

  test('Pagesize sets what a request asks for', async () => {
    await using small = await open(sandbox, 'Pagesize=20');
    const { result, calls } = await logged(sandbox, () => small.query(ALL));
    expect(result.rows).toHaveLength(MESSAGES);
    expect(calls.length).toBeGreaterThanOrEqual(5);
    for (const { url, rows } of calls) expect([/\$top=20(&|$)/.test(url), rows <= 20]).toEqual([true, true]);
  });

  test('statistics tell requests, bytes and rows', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query(ALL));
    expect(result.statistics.requests).toBe(calls.length);
    expect(result.statistics.bytes).toBe(calls.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(result.statistics.rowsRead).toBeGreaterThanOrEqual(MESSAGES);
  });

  test('warnings come with the result and stand in sys_warnings until the next statement ends', async () => {
    const sql = `SELECT u.userPrincipalName FROM Users u JOIN Messages m ON m.userId = u.userPrincipalName`;
    const { warnings } = await connection.query(sql);
    expect(warnings).toHaveLength(1);
    const { rows } = await connection.query('SELECT * FROM sys_warnings');
    expect(rows).toHaveLength(1);
    expect(Object.values(rows[0]!)).toContain(warnings[0]!.message);
    await connection.query('SELECT 1');
    expect((await connection.query('SELECT * FROM sys_warnings')).rows).toEqual([]);
  });

  test('Timeout ends a request that takes too long', { retry: 2 }, async () => {
    await using hasty = await open(sandbox, 'Timeout=1');
    sandbox.faults.set({ latencyMs: 1400 });
    const start = performance.now();
    const error = await refusal(hasty.query(ALL));
    expect(error.code).toBe('TIMEOUT');
    expect(performance.now() - start).toBeLessThan(1350);
    // The sandbox answers, and logs, what was given up.
    await pause(450);
  });

  test('IdType chooses which id is shown; an id of either kind finds its row', async () => {
    await using regular = await open(sandbox, 'IdType=Regular');
    const [immutable] = (await values(connection, "SELECT id FROM Messages WHERE subject = 'Lunch 11'")) as string[];
    const [shown] = (await values(regular, "SELECT id FROM Messages WHERE subject = 'Lunch 11'")) as string[];
    expect(shown).not.toBe(immutable);
    for (const own of [connection, regular]) {
      for (const id of [shown!, immutable!]) {
        // The row is matched by the id that was asked for, so the comparison holds in SQL too.
        expect((await own.query('SELECT id, subject FROM Messages WHERE id = ?', [id])).rows).toEqual([{ id, subject: 'Lunch 11' }]);
        expect(await values(own, `SELECT subject FROM Messages WHERE id IN ('${id}', 'AAMkNoSuchIdAAA=')`)).toEqual(['Lunch 11']);
      }
    }
  });
});

describe('stream', () => {
  test('gives every row, with columns and warnings', async () => {
    const stream = connection.stream('SELECT subject FROM Messages');
    expect((await stream.columns()).map(({ name }) => name)).toEqual(['subject']);
    let count = 0;
    for await (const { subject } of stream) if (typeof subject === 'string') count += 1;
    expect(count).toBe(MESSAGES);
    expect(stream.statistics.requests).toBeGreaterThan(0);
    expect(stream.warnings).toEqual([]);
    await expect(async () => { for await (const _ of stream) break; }).rejects.toThrow('once');
  });

  test('nothing is sent before the first row is asked for', async () => {
    const { calls } = await logged(sandbox, async () => {
      const stream = connection.stream(ALL);
      await stream.columns();
      await pause(30);
      await stream.close();
    });
    expect(calls.map(({ url }) => url)).toEqual([]);
  });

  test('a slow consumer holds the reading up', async () => {
    await using small = await open(sandbox, 'Pagesize=10');
    const before = sandbox.log.entries.length;
    let seen = 0;
    for await (const _ of small.stream(ALL)) {
      seen += 1;
      if (seen === 15) {
        await pause(150);
        // Page 2 is being eaten. Where no order is asked for, a second reader starts at the other end: one page ahead for each,
        // and one that is handed over.
        expect(sandbox.log.entries.length - before).toBeLessThanOrEqual(5);
      }
    }
    expect(seen).toBe(MESSAGES);
  });

  test('breaking out stops the requests', async () => {
    await using small = await open(sandbox, 'Pagesize=10');
    const before = sandbox.log.entries.length;
    for await (const _ of small.stream(ALL)) break;
    const after = sandbox.log.entries.length;
    expect(after - before).toBeLessThanOrEqual(2);
    await pause(100);
    expect(sandbox.log.entries.length).toBeLessThanOrEqual(after + 1);
    // Local predicates and look-ups stop as well.
    for await (const _ of small.stream("SELECT subject FROM Messages WHERE subject LIKE '%1%'")) break;
    expect(await values(small, 'SELECT 1')).toEqual([1]);
  });

  test('the first row comes after the first page', async () => {
    await using small = await open(sandbox, 'Pagesize=10');
    for (const sql of [ALL, "SELECT upper(subject) FROM Messages WHERE bodyPreview LIKE '%Mess%'"]) {
      const stream = small.stream(sql);
      for await (const _ of stream) {
        expect(stream.statistics.requests).toBeLessThanOrEqual(2);
        break;
      }
    }
  });

  test('returning twice, closing twice and closing before reading are harmless', async () => {
    const stream = connection.stream(ALL);
    const rows = stream[Symbol.asyncIterator]();
    await rows.next();
    await rows.return();
    await rows.return();
    await stream.close();
    await stream.close();
    await connection.stream(ALL).close();
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });
});

describe('AbortSignal', () => {
  test('aborts the HTTP request in the middle of paging, at once, and nothing more is sent', { retry: 2 }, async () => {
    await using small = await open(sandbox, 'Pagesize=10');
    sandbox.faults.set({ latencyMs: 60 });
    const controller = new AbortController();
    const work = refusal(small.query(ALL, [], { signal: controller.signal }));
    while (sandbox.log.entries.filter(({ url }) => url.includes('$top=10')).length < 3) await pause(5);
    await pause(20);
    const aborted = performance.now();
    controller.abort();
    const error = await work;
    expect(performance.now() - aborted).toBeLessThan(50);
    expect(error.code).toBe('CANCELLED');
    expect(error.sqlState).toBe('57014');
    const sent = sandbox.log.entries.length;
    await pause(200);
    // The request that was on its way when it was aborted may still be logged.
    expect(sandbox.log.entries.length).toBeLessThanOrEqual(sent + 1);
  });

  test('a signal that is aborted already sends nothing', async () => {
    const { result: error, calls } = await logged(sandbox, () => refusal(connection.query(ALL, [], { signal: AbortSignal.abort() })));
    expect(error.code).toBe('CANCELLED');
    expect(calls).toEqual([]);
  });

  test('a timeout signal says so', async () => {
    sandbox.faults.set({ latencyMs: 300 });
    expect((await refusal(connection.query(ALL, [], { signal: AbortSignal.timeout(30) }))).code).toBe('TIMEOUT');
  });

  test('one statement is cancelled, the others go on', async () => {
    sandbox.faults.set({ latencyMs: 30 });
    const controller = new AbortController();
    const cancelled = refusal(connection.query(ALL, [], { signal: controller.signal }));
    const other = connection.query(ALL);
    await pause(10);
    controller.abort();
    expect((await cancelled).code).toBe('CANCELLED');
    expect((await other).rows).toHaveLength(MESSAGES);
  });

  test('reaches joins while they stage, key look-ups and counts', { retry: 2 }, async () => {
    const [first] = (await values(connection, 'SELECT id FROM Messages LIMIT 1')) as string[];
    for (const sql of [
      'SELECT count(*) FROM Messages m JOIN MailFolders f ON f.id = m.parentFolderId JOIN MessageAttachments a ON a.messageId = m.id',
      `SELECT subject FROM Messages WHERE id IN ('${first!}', ${Array.from({ length: 60 }, (_, n) => `'AAMk${String(n)}'`).join(', ')})`,
      'SELECT count(*) FROM Messages',
      'CREATE TEMP TABLE never AS SELECT * FROM Messages',
      'EXPLAIN ANALYZE SELECT * FROM Messages',
    ]) {
      sandbox.faults.set({ latencyMs: 30 });
      const before = sandbox.log.entries.length;
      const controller = new AbortController();
      const work = refusal(connection.query(sql, [], { signal: controller.signal }));
      await pause(15);
      const aborted = performance.now();
      controller.abort(new Error('the user left'));
      const error = await work;
      expect([sql, error.code]).toEqual([sql, 'CANCELLED']);
      expect(performance.now() - aborted).toBeLessThan(50);
      // What was under way the sandbox still answers, and logs; that is at most what may be in flight.
      for (let quiet = sandbox.log.entries.length, rounds = 0; rounds < 20; rounds += 1) {
        await pause(120);
        if (sandbox.log.entries.length === quiet) break;
        quiet = sandbox.log.entries.length;
      }
      expect([sql, sandbox.log.entries.slice(before).filter(({ inBatch }) => !inBatch).length <= 4]).toEqual([sql, true]);
    }
  });

  test('one signal may serve many statements', async () => {
    const warned: Error[] = [];
    const listener = (warning: Error): void => { warned.push(warning); };
    process.on('warning', listener);
    try {
      const controller = new AbortController();
      await Promise.all(Array.from({ length: 30 }, (_, n) => connection.query(n % 2 === 0 ? ALL : 'SELECT name FROM MessageAttachments', [], { signal: controller.signal })));
      await pause(20);
      expect(warned).toEqual([]);
    } finally {
      process.off('warning', listener);
    }
  });

  test('a consumer that waits is told at its next row', async () => {
    const controller = new AbortController();
    await using small = await open(sandbox, 'Pagesize=10');
    const error = await refusal(async () => {
      let seen = 0;
      for await (const _ of small.stream(ALL, [], { signal: controller.signal })) {
        seen += 1;
        if (seen === 12) controller.abort();
      }
    });
    expect(error.code).toBe('CANCELLED');
  });
});

describe('prepare', () => {
  test('a prepared statement knows its columns and runs with different values', async () => {
    const { result: prepared, calls } = await logged(sandbox, () => Promise.resolve(connection.prepare('SELECT subject FROM Messages WHERE subject = @s')));
    expect(calls).toEqual([]);
    expect(prepared.columns.map(({ name }) => name)).toEqual(['subject']);
    expect((await prepared.query({ s: 'Lunch 12' })).rows).toEqual([{ subject: 'Lunch 12' }]);
    expect((await prepared.query({ s: 'Lunch 13' }, { rowMode: 'array' })).rows).toEqual([['Lunch 13']]);
    const seen: unknown[] = [];
    for await (const row of prepared.stream({ s: 'Lunch 14' })) seen.push(row);
    expect(seen).toEqual([{ subject: 'Lunch 14' }]);
    expect((await prepared.explain({ s: 'x' })).rows.length).toBeGreaterThan(1);
  });

  test('errors show when it is prepared', () => {
    expect(() => connection.prepare('SELECT nonsense FROM Messages')).toThrow('nonsense');
    expect(() => connection.prepare('SELEC 1')).toThrow();
    expect(() => connection.prepare('VACUUM')).toThrow();
  });

  test('INSERT into a temporary table can be prepared as well', async () => {
    await using own = await open(sandbox);
    await own.query('CREATE TEMP TABLE notes(n INTEGER, t TEXT)');
    const insert = own.prepare('INSERT INTO notes VALUES (?, ?)');
    for (const n of [1, 2, 3]) await insert.query([n, `note ${String(n)}`]);
    expect((await own.query('SELECT n, t FROM notes ORDER BY n')).rows).toEqual([{ n: 1, t: 'note 1' }, { n: 2, t: 'note 2' }, { n: 3, t: 'note 3' }]);
  });
});

describe('close', () => {
  test('statements end, later ones are refused; closing twice is harmless', { retry: 2 }, async () => {
    const own = await open(sandbox);
    sandbox.faults.set({ latencyMs: 100 });
    const running = refusal(own.query(ALL));
    await pause(20);
    const start = performance.now();
    await own.close();
    expect(performance.now() - start).toBeLessThan(80);
    expect((await running).code).toBe('CLOSED');
    await own.close();
    const prepared = (): unknown => own.prepare('SELECT 1');
    for (const work of [() => own.query('SELECT 1'), () => own.stream(ALL).columns(), () => own.explain(ALL)]) expect((await refusal(work)).code).toBe('CLOSED');
    expect(prepared).toThrow('closed');
  });

  test('a stream is told when its connection closes while it waits', async () => {
    const own = await open(sandbox, 'Pagesize=10');
    const error = await refusal(async () => {
      let seen = 0;
      for await (const _ of own.stream(ALL)) {
        seen += 1;
        if (seen === 5) await own.close();
      }
    });
    expect(error.code).toBe('CLOSED');
  });

  test('await using closes', async () => {
    let kept: Connection;
    {
      await using own = await connect(sandbox.connectionString);
      kept = own;
      expect(await values(own, 'SELECT 1')).toEqual([1]);
    }
    expect((await refusal(kept.query('SELECT 1'))).code).toBe('CLOSED');
  });
});

describe('several statements at once', () => {
  beforeAll(async () => {
    // Requests that were aborted above are still being answered by the sandbox, which counts them.
    await pause(350);
    sandbox.log.reset();
  });

  test('do not see each other\'s staged rows', async () => {
    const work = Array.from({ length: 20 }, async (_, n) => {
      switch (n % 5) {
        case 0:
          return [n, await values(connection, `SELECT count(*) FROM Messages WHERE subject LIKE 'Lunch ${String(10 + n)}%'`)];
        case 1:
          return [n, await values(connection, 'SELECT count(*) FROM Messages m JOIN MailFolders f ON f.id = m.parentFolderId')];
        case 2:
          return [n, await values(connection, 'SELECT count(*) FROM (SELECT DISTINCT subject FROM Messages WHERE userId = ?)', [BEN])];
        case 3:
          return [n, await values(connection, 'SELECT count(*) FROM Messages')];
        default:
          return [n, (await connection.query(ALL, [], { maxRows: n })).rows.length];
      }
    });
    const before = sandbox.log.entries.length;
    const results = await Promise.all(work);
    expect(results).toEqual(Array.from({ length: 20 }, (_, n) => [n, n % 5 === 0 ? [1] : n % 5 === 1 ? [MESSAGES] : n % 5 === 2 ? [15] : n % 5 === 3 ? [MESSAGES] : n]));
    // The governor keeps them below the mailbox's limit.
    expect(sandbox.log.entries.slice(before).filter(({ status }) => status >= 400)).toEqual([]);
    expect(Math.max(...Object.values(sandbox.log.peaks))).toBeLessThanOrEqual(4);
  });

  test('20 at once over several connections: no 429', async () => {
    const before = sandbox.log.entries.length;
    const connections = await Promise.all(Array.from({ length: 4 }, () => open(sandbox, 'Pagesize=20')));
    await Promise.all(Array.from({ length: 20 }, (_, n) => connections[n % 4]!.query(n % 2 === 0 ? ALL : 'SELECT name FROM MessageAttachments')));
    await Promise.all(connections.map((one) => one.close()));
    const entries = sandbox.log.entries.slice(before);
    expect(entries.filter(({ status }) => status === 429)).toEqual([]);
    expect(Math.max(...Object.values(sandbox.log.peaks))).toBeLessThanOrEqual(4);
  });

  test('a stream that is being read does not keep others waiting', async () => {
    await using small = await open(sandbox, 'Pagesize=10');
    let inner = 0;
    for await (const _ of small.stream(ALL)) {
      if (inner < 3) expect(await values(small, 'SELECT count(*) FROM MailFolders')).toHaveLength(1);
      inner += 1;
    }
    expect(inner).toBe(MESSAGES);
  });
});

describe('connect', () => {
  test('takes properties as an object, and a token provider', async () => {
    let asked = 0;
    await using own = await connect({ Schema: 'MSGraph', UserId: MAIN, GraphEndpoint: sandbox.graphEndpoint, MaxRows: 4 }, {
      tokenProvider: { getToken: () => { asked += 1; return Promise.resolve({ token: `sandbox-${MAIN}`, expiresOnTimestamp: Date.now() + 3_600_000 }); } },
    });
    expect((await own.query(ALL)).rows).toHaveLength(4);
    expect(asked).toBe(1);
    expect(own).toBeInstanceOf(Connection);
    expect(own.stream(ALL)).toBeInstanceOf(RowStream);
  });

  test('UserId reads another mailbox', async () => {
    await using own = await connect(sandbox.connectionString.replace(/UserId=[^;]+/, `UserId=${BEN}`));
    expect(await values(own, 'SELECT count(*) FROM Messages')).toEqual([15]);
    expect(await values(own, 'SELECT DISTINCT userId FROM Messages')).toEqual([BEN]);
  });

  test('without UserId it is the signed-in user', async () => {
    await using own = await connect(sandbox.connectionString.replace(/UserId=[^;]+;?/, ''));
    const { result, calls } = await logged(sandbox, () => own.query('SELECT subject FROM Messages LIMIT 1'));
    expect(result.rows).toHaveLength(1);
    expect(calls[0]!.url).toMatch(/^\/me\/messages/);
  });

  test('a service root below a path of its own, as national clouds and gateways have', async () => {
    const { createServer } = await import('node:http');
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      const own = `http://127.0.0.1:${String((server.address() as { port: number }).port)}`;
      response.end(JSON.stringify(seen.length === 1 ? { value: [{ id: 'a', subject: 'one', receivedDateTime: '2026-01-02T00:00:00Z' }], '@odata.nextLink': `${own}/gateway/graph/v1.0/next` } : { value: [] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const root = `http://127.0.0.1:${String((server.address() as { port: number }).port)}/gateway/graph/v1.0/`;
    await using own = await connect({ OAuthAccessToken: 'x', GraphEndpoint: root });
    expect(await values(own, 'SELECT subject FROM Messages LIMIT 2')).toEqual(['one']);
    expect(seen[0]).toMatch(/^\/gateway\/graph\/v1\.0\/me\/messages\?/);
    expect(seen.every((url) => url.startsWith('/gateway/graph/v1.0/'))).toBe(true);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
