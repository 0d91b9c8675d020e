/** How often a connection asks for tokens: once for all who need one, once more when the service refuses it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, type Connection } from '../../../src/index.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { json, pause, serve, type TestServer } from '../../http/server.js';
import { INBOX_MESSAGES, MAIN, startOffice } from '../office.js';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startOffice({ requireToken: true });
});
afterAll(() => sandbox.close());

async function tell(body: object): Promise<void> {
  const answer = await fetch(`${sandbox.adminEndpoint}/authorization`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
}

async function issuer(): Promise<TestServer> {
  const server = await serve(async (_, response) => {
    const token = `issued-${String(server.seen.length)}`;
    await pause(20);
    json(response, { token_type: 'Bearer', expires_in: 3600, access_token: token });
  });
  await tell({ tokens: Array.from({ length: 9 }, (_, n) => `issued-${String(n + 1)}`), expired: [] });
  return server;
}

const open = (server: TestServer): Promise<Connection> => connect({ AuthScheme: 'AzureServicePrincipal', AzureTenant: 'contoso.example', OAuthClientId: 'client', OAuthClientSecret: 'secret', OAuthAccessTokenURL: `${server.origin}/token`, UserId: MAIN, GraphEndpoint: sandbox.graphEndpoint, Pagesize: 10 });

it('any number of statements at once ask for one token', async () => {
  const server = await issuer();
  await using connection = await open(server);
  const results = await Promise.all(Array.from({ length: 25 }, () => connection.query("SELECT count(*) AS n FROM Messages WHERE parentFolderId = 'inbox'")));
  expect(results.map(({ rows }) => rows[0]?.['n'])).toEqual(results.map(() => INBOX_MESSAGES));
  expect(server.seen).toHaveLength(1);
});

it('a 401 in mid-statement renews once, and the statement goes on', async () => {
  const server = await issuer();
  await using connection = await open(server);
  const seen = new Set<unknown>();
  const statements = [1, 2, 3].map(async () => {
    for await (const { id } of connection.stream("SELECT id FROM Messages WHERE parentFolderId = 'inbox'")) {
      seen.add(id);
      if (seen.size === 5) await tell({ expired: ['issued-1'] });
    }
  });
  await Promise.all(statements);
  expect(seen.size).toBe(INBOX_MESSAGES);
  expect(server.seen).toHaveLength(2);
});

it('a token that the service refuses again is an error, not a loop', async () => {
  const server = await issuer();
  await tell({ tokens: [] });
  await using connection = await open(server);
  await expect(connection.query('SELECT id FROM Messages LIMIT 1')).rejects.toMatchObject({ code: 'AUTHENTICATION', status: 401 });
  expect(server.seen).toHaveLength(2);
});
