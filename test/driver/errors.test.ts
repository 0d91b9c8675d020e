import { createServer, type Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Connection } from '../../src/index.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { BEN, GHOST, MAIN, MESSAGES, logged, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;
const servers: Server[] = [];

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
});
afterEach(async () => {
  sandbox.faults.reset();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

const SECRET = 'eyJzZWNyZXQi.tok-en_0123456789';
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

/** A service that answers as told. */
async function service(answer: (url: string, origin: string) => { readonly status?: number; readonly body: string; readonly headers?: Record<string, string> }): Promise<{ readonly root: string; readonly requests: { readonly url: string; readonly authorization: string | undefined }[] }> {
  const requests: { url: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
    const { status = 200, body, headers = { 'content-type': 'application/json' } } = answer(request.url ?? '', `http://127.0.0.1:${String(portOf(server))}`);
    response.writeHead(status, headers);
    response.end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { root: `http://127.0.0.1:${String(portOf(server))}/v1.0`, requests };
}

const to = (root: string, more = ''): Promise<Connection> => connect(`OAuthAccessToken=${SECRET};UserId=${MAIN};GraphEndpoint=${root};${more}`);
const message = (id: string, extra: object = {}): object => ({ id, subject: `s ${id}`, receivedDateTime: '2026-01-02T00:00:00Z', ...extra });

describe('one clear error each', () => {
  test('a server that is not there', async () => {
    const socket = createSocketServer();
    await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
    const port = portOf(socket);
    await new Promise((resolve) => socket.close(resolve));
    await using own = await to(`http://127.0.0.1:${String(port)}/v1.0`);
    const error = await refusal(own.query('SELECT subject FROM Messages'));
    expect([error.code, error.sqlState]).toEqual(['UNREACHABLE', '08006']);
    expect(error.message).toContain('127.0.0.1');
    expect(error.hint).toMatch(/\w/);
  }, 60_000);

  test('a name that does not resolve', async () => {
    await using own = await to('https://graph.contoso.invalid/v1.0');
    const error = await refusal(own.query('SELECT subject FROM Messages'));
    expect(error.code).toBe('UNREACHABLE');
    expect(error.message).toContain('graph.contoso.invalid');
  }, 60_000);

  test('a wrong token', async () => {
    await using strict = await startSandbox({ messages: 0, requireToken: true });
    await using own = await connect(`OAuthAccessToken=${SECRET};UserId=${MAIN};GraphEndpoint=${strict.graphEndpoint}`);
    const error = await refusal(own.query('SELECT subject FROM Messages'));
    expect([error.code, error.sqlState, error.status]).toEqual(['AUTHENTICATION', '28000', 401]);
    expect(error.hint).toMatch(/token/i);
    expect(error.requestId).toMatch(/\w/);
    expect(JSON.stringify([error.message, error.hint, error.cause])).not.toContain(SECRET);
  });

  test.each<[string, string, string]>([
    ['SELECT subject FROM Messages', 'Messages', 'Mail.Read'],
    ['SELECT subject FROM Events', 'Events', 'Calendars.Read'],
    ['SELECT displayName FROM Contacts', 'Contacts', 'Contacts.Read'],
    ['SELECT displayName FROM Users', 'Users', 'User.Read'],
    ['SELECT title FROM TodoTasks', 'TodoTasks', 'Tasks.Read'],
    ["SELECT name FROM MessageAttachments WHERE messageId = 'AAMkX'", 'MessageAttachments', 'Mail.Read'],
    ["SELECT subject FROM Messages WHERE id IN ('AAMkA', 'AAMkB')", 'Messages', 'Mail.Read'],
    ['SELECT timeZone FROM MailboxSettings', 'MailboxSettings', 'MailboxSettings.Read'],
  ])('403: %s names the permission', async (sql, _table, permission) => {
    await using poor = await startSandbox({ messages: 0, scopes: ['openid'] });
    await using own = await connect(poor.connectionString);
    const error = await refusal(own.query(sql));
    expect([error.code, error.sqlState, error.status]).toEqual(['PERMISSION', '42501', 403]);
    expect(`${error.message} ${error.hint ?? ''}`).toContain(permission);
  });

  test('a mailbox that does not exist, and one that may not be read', async () => {
    expect((await refusal(connection.query('SELECT subject FROM Messages WHERE userId = ?', [GHOST]))).message).toContain(GHOST);
    sandbox.faults.set({ denyMailboxes: [BEN] });
    const error = await refusal(connection.query('SELECT subject FROM Messages WHERE userId = ?', [BEN]));
    expect(error.code).toBe('PERMISSION');
    expect(error.message).toContain(BEN);
  });

  // Side by side: what may be a passing fault is asked for again, after a pause.
  test.each<[string, string]>([
    ['text that is no JSON', '<html>proxy error</html>'],
    ['half of an object', '{"value":[{"id":"a"'],
    ['an array', '[1,2]'],
    ['null', 'null'],
    ['a value that is no list', '{"value":{"id":"a"}}'],
    ['rows that are no objects', '{"value":[1,2]}'],
    ['nothing', ''],
  ])('%s in place of a page', async (_name, body) => {
    const { root } = await service(() => ({ body }));
    await using own = await to(root);
    await Promise.all(['SELECT subject FROM Messages', 'SELECT subject FROM Messages WHERE subject LIKE \'%x%\' ORDER BY 1', "SELECT displayName FROM MailFolders WHERE parentFolderId = 'AAMkx'"].map(async (sql) => {
      const error = await refusal(own.query(sql));
      expect([sql, error.code, error.sqlState]).toEqual([sql, 'BAD_RESPONSE', '08P01']);
      expect(error.message).not.toContain('proxy error');
    }));
  }, 60_000);

  test.each<[string, string]>([
    ['text', 'no'],
    ['no responses', '{}'],
    ['parts without a status', '{"responses":[{"id":"1"}]}'],
    ['a part too few', '{"responses":[]}'],
  ])('%s in place of a batch', async (_name, body) => {
    const { root } = await service(() => ({ body }));
    await using own = await to(root);
    const error = await refusal(own.query("SELECT subject FROM Messages WHERE id IN ('AAMkA', 'AAMkB')"));
    expect(['BAD_RESPONSE', 'SERVICE']).toContain(error.code);
  }, 60_000);

  test('truncated bodies, again and again', async () => {
    sandbox.faults.set({ truncateEvery: 1, repeatFaults: true });
    const error = await refusal(connection.query('SELECT subject FROM Messages'));
    expect(['BAD_RESPONSE', 'UNREACHABLE']).toContain(error.code);
    expect(error.retryable).toBe(true);
  }, 60_000);

  test('malformed JSON now and then is asked for again or said', async () => {
    sandbox.faults.set({ malformedJsonEvery: 1, repeatFaults: true });
    const error = await refusal(connection.query('SELECT subject FROM Messages'));
    expect([error.code, error.retryable]).toEqual(['BAD_RESPONSE', true]);
  }, 60_000);

  test('values of a type that the column does not have', async () => {
    const { root } = await service(() => ({ body: JSON.stringify({ value: [message('a', { isRead: 'yes', subject: { deep: [1] }, receivedDateTime: 'soon', hasAttachments: 7, from: 'x' }), message('b')] }) }));
    await using own = await to(root);
    try {
      const { rows } = await own.query('SELECT id, isRead, subject, receivedDateTime, hasAttachments, from_emailAddress_name FROM Messages');
      expect(rows).toHaveLength(2);
    } catch (error) {
      expect((await refusal(Promise.reject(error as Error))).code).toBe('BAD_RESPONSE');
    }
  });

  test('an unknown refusal by the service is passed on with its code and request id', async () => {
    const { root } = await service(() => ({ status: 418, body: JSON.stringify({ error: { code: 'ErrorTeapot', message: 'Short and stout.', innerError: { 'request-id': 'abc-123' } } }) }));
    await using own = await to(root);
    const error = await refusal(own.query('SELECT subject FROM Messages'));
    expect([error.code, error.status, error.serviceCode, error.requestId]).toEqual(['SERVICE', 418, 'ErrorTeapot', 'abc-123']);
    expect(error.message).toContain('Short and stout');
  });

  test('endless throttling ends', async () => {
    sandbox.faults.set({ throttleEvery: 1, repeatFaults: true, retryAfter: 0.001 });
    const error = await refusal(connection.query('SELECT subject FROM Messages'));
    expect([error.code, error.sqlState, error.retryable]).toEqual(['THROTTLED', '53300', true]);
  }, 60_000);
});

describe('links and redirects', () => {
  test('a nextLink to another host is refused, and the token is not sent there', async () => {
    const evil = await service(() => ({ body: JSON.stringify({ value: [message('evil')] }) }));
    const near = [evil.root.replace('127.0.0.1', 'localhost'), evil.root, 'https://graph.microsoft.com.evil.example/v1.0', '//evil.example/v1.0', 'http://127.0.0.1:1/v1.0', 'https://127.0.0.1/v1.0', 'file:///etc/passwd', 'javascript:1'];
    for (const target of near) {
      const { root, requests } = await service(() => ({ body: JSON.stringify({ value: [message('a')], '@odata.nextLink': `${target}/me/messages?$skip=1` }) }));
      await using own = await to(root);
      for (const sql of ['SELECT displayName FROM Contacts', 'SELECT displayName FROM MailFolders', 'SELECT subject FROM Events']) {
        const error = await refusal(own.query(sql));
        expect([target, sql, error.code]).toEqual([target, sql, 'BAD_RESPONSE']);
      }
      expect(requests.length).toBeGreaterThan(0);
    }
    expect(evil.requests).toEqual([]);
  });

  test('neither is a nextLink with a user name, or one below another path of the same host taken for something else', async () => {
    const { root, requests } = await service((_url, origin) => ({ body: JSON.stringify({ value: [message('a')], '@odata.nextLink': `${origin.replace('//', '//user:pw@')}/v1.0/me/contacts` }) }));
    await using own = await to(root);
    expect((await refusal(own.query('SELECT displayName FROM Contacts'))).code).toBe('BAD_RESPONSE');
    expect(requests).toHaveLength(1);
  });

  test('a redirect is not followed', async () => {
    const evil = await service(() => ({ body: JSON.stringify({ value: [] }) }));
    const { root } = await service(() => ({ status: 302, body: '', headers: { location: `${evil.root}/me/messages` } }));
    await using own = await to(root);
    const error = await refusal(own.query('SELECT subject FROM Messages'));
    expect(['BAD_RESPONSE', 'SERVICE']).toContain(error.code);
    expect(evil.requests).toEqual([]);
  });
});

describe('values stay values', () => {
  // Every place a value can go: filter, id path, folder name, mailbox, search, parameter, window, alias.
  const HOSTILE = [
    "' or 1 eq 1 or subject eq '", "x') or startswith(subject,'", "'; DELETE FROM Messages; --", '../../../users', '..%2f..%2fusers', 'a?$filter=isRead eq true', 'a&$top=1', 'a#b', 'a/b', 'a\\b', 'x%27', "''", '\u0000', 'a\r\nX-Evil: 1', '$value', '$count', 'delta', '.', '..', '@odata.id', '{0}', '*', '%', '_', '\u202e', '😀', '\ud800', "' UNION SELECT 1 --", '<script>', '${x}', 'a'.repeat(3000), '"', '")', '\\"', 'null', 'true', '0', ' ', '\t',
  ];
  const PLACES: readonly [string, string][] = [
    ['filter', 'SELECT subject FROM Messages WHERE subject = ?'],
    ['filter on the sender', 'SELECT subject FROM Messages WHERE from_emailAddress_address = ?'],
    ['prefix', "SELECT subject FROM Messages WHERE subject LIKE replace(replace(?, '%', ''), '_', '') || '%' AND subject = 'never'"],
    ['IN', "SELECT subject FROM Messages WHERE subject IN (?, 'never')"],
    ['enum', 'SELECT subject FROM Messages WHERE importance = ?'],
    ['id path', 'SELECT subject FROM Messages WHERE id = ?'],
    ['batch', "SELECT subject FROM Messages WHERE id IN (?, 'AAMkNever')"],
    ['id path of contacts', 'SELECT displayName FROM Contacts WHERE id = ?'],
    ['parent', 'SELECT name FROM MessageAttachments WHERE messageId = ?'],
    ['folder id', 'SELECT subject FROM Messages WHERE parentFolderId = ?'],
    ['lambda', "SELECT subject FROM Messages WHERE categories LIKE '%\"' || ? || '\"%' AND subject = 'never'"],
    ['directory filter', 'SELECT displayName FROM Users WHERE displayName = ?'],
    ['user id path', 'SELECT displayName FROM Users WHERE id = ?'],
    ['calendar', "SELECT subject FROM CalendarView WHERE calendarId = ? AND StartDateTime = '2026-03-01' AND EndDateTime = '2026-03-02'"],
    ['extended property', "SELECT value FROM ExtendedProperties WHERE entity = 'Message' AND entityId = 'AAMkNever' AND id = ?"],
    ['system table', 'SELECT * FROM sys_tables WHERE TableName = ?'],
  ];

  test.each(PLACES)('in %s', async (_name, sql) => {
    for (const value of HOSTILE) {
      const { result, parts, calls } = await logged(sandbox, async () => {
        try {
          return (await connection.query(sql, [value])).rows;
        } catch (error) {
          const { code } = await refusal(Promise.reject(error as Error));
          // A value may be refused, but never understood as something else.
          expect([value, ['BAD_VALUE', 'NOT_FOUND', 'SYNTAX'].includes(code), code]).toEqual([value, true, code]);
          return [];
        }
      });
      expect([value, result]).toEqual([value, []]);
      for (const { status, url, method } of [...calls, ...parts]) {
        expect([value, url, status === 200 || status === 404 || (status === 400 && !/[?&]\$filter/.test(url))]).toEqual([value, url, true]);
        expect(['GET', 'POST']).toContain(method);
        expect(url.split('?')[0]).toMatch(/^\/(users\/[^/]+\/(messages|mailFolders|calendars?|events|contacts)\b|users(\/[^/]+)?$|users\?|me\b|\$batch|groups)/);
      }
    }
  });

  test('as a mailbox', async () => {
    for (const value of HOSTILE) {
      const { result: error, calls } = await logged(sandbox, () => connection.query('SELECT subject FROM Messages WHERE userId = ?', [value]).then(() => undefined, (reason: unknown) => refusal(Promise.reject(reason as Error))));
      expect([value, ['NOT_FOUND', 'MAILBOX', 'BAD_VALUE', 'PERMISSION', undefined].includes(error?.code), error?.code]).toEqual([value, true, error?.code]);
      for (const { url } of calls) expect([value, /^\/users\/[^/?]+\/messages\?/.test(url) || /^\/users\/[^/?]*$/.test(url)]).toEqual([value, true]);
    }
  });

  test('as a folder name and in SEARCH', async () => {
    for (const value of HOSTILE) {
      const quoted = value.replaceAll("'", "''").replaceAll('\0', '');
      const folder = await refusal(connection.query(`SELECT 1 FROM Messages WHERE parentFolderId = FOLDER('/${quoted}')`)).catch(() => undefined);
      if (folder !== undefined) expect([value, ['NOT_FOUND', 'BAD_VALUE', 'SYNTAX'].includes(folder.code), folder.code]).toEqual([value, true, folder.code]);
      const search = await connection.query('SELECT subject FROM Messages WHERE SEARCH(?)', [value]).then(() => undefined, (reason: unknown) => refusal(Promise.reject(reason as Error)));
      if (search !== undefined) expect([value, ['BAD_VALUE', 'SERVICE'].includes(search.code), search.code]).toEqual([value, true, search.code]);
      if (value.includes('"')) expect(search?.code).toBe('BAD_VALUE');
    }
  });

  test('as an identifier', async () => {
    for (const value of HOSTILE) {
      if (value.includes('\0')) continue;
      const name = `"${value.replaceAll('"', '""')}"`;
      const { rows, columns } = await connection.query(`SELECT subject AS ${name} FROM Messages ${name} WHERE ${name}.subject = 'Lunch 10' ORDER BY ${name}`, [], { rowMode: 'array' });
      expect([rows, columns.length]).toEqual([[['Lunch 10']], 1]);
      expect((await refusal(connection.query(`SELECT 1 FROM ${name}`))).code).toMatch(/UNKNOWN_TABLE|SYNTAX/);
    }
    expect(await values(connection, 'SELECT count(*) FROM Messages')).toEqual([MESSAGES]);
  });
});

describe('secrets', () => {
  test('a token appears nowhere at the highest trace level', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exchange-sql-'));
    try {
      const file = join(folder, 'trace.log');
      await using strict = await startSandbox({ messages: 0, requireToken: true });
      const token = `sandbox-${MAIN}`;
      const errors: unknown[] = [];
      await using own = await connect(`OAuthAccessToken=${token};UserId=${MAIN};GraphEndpoint=${strict.graphEndpoint};Verbosity=5;Logfile=${file}`);
      await own.query('SELECT subject FROM Messages');
      await own.query("SELECT subject FROM Messages WHERE id IN ('AAMkA', 'AAMkB')");
      await own.query('SELECT * FROM sys_connection_props');
      errors.push(await refusal(own.query('SELECT nonsense FROM Messages')), await refusal(own.query("SELECT 1 FROM Messages WHERE userId = 'nobody@contoso.example'")));
      await using wrong = await connect(`OAuthAccessToken=${SECRET};UserId=${MAIN};GraphEndpoint=${strict.graphEndpoint};Verbosity=5;Logfile=${file}`);
      errors.push(await refusal(wrong.query('SELECT subject FROM Messages')), await refusal(wrong.query("SELECT subject FROM Messages WHERE id IN ('AAMkA', 'AAMkB')")));
      await own.close();
      await wrong.close();
      const text = await readFile(file, 'utf8');
      expect(text).toContain('/messages');
      const { inspect } = await import('node:util');
      for (const shown of [text, inspect(errors, { depth: 10 }), JSON.stringify(errors), inspect(own, { depth: 10, showHidden: true })]) {
        expect(shown).not.toContain(SECRET);
        expect(shown).not.toContain(token);
        expect(shown).not.toMatch(/bearer \S*(sandbox-|eyJ)/i);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('connection strings with a mistake do not show their secrets', async () => {
    for (const text of [`OAuthAccessToken=${SECRET};Nonsense=1`, `OAuthClientSecret=${SECRET};AuthScheme=AzureServicePrincipal`, `OAuthAccessToken=${SECRET};Pagesize=x`, `OAuthAccessToken='${SECRET}`]) {
      const error = await refusal(connect(text));
      expect(error.code).toBe('CONNECTION_STRING');
      expect(`${error.message} ${error.hint ?? ''}`).not.toContain(SECRET);
    }
  });
});
