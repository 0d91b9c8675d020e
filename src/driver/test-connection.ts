/**
 * Owns: "test connection": connects, signs in and reads one row, and says what answered.
 * Does not own: what a failure means (errors of the protocols and of signing in).
 * Invariants: nothing is changed; what is wrong is thrown as it is.
 */
import type { Warning } from '../scan/source.js';
import { connect, type ConnectOptions } from './connect.js';
import { parseConnectionString } from './connection-string.js';
import { isServer } from './options/on-premises.js';
import type { PropertyBag } from './options/reader.js';
import { testServer } from './server-test.js';

export interface ConnectionTest {
  /** What was reached, in a few words each: `Inbox of 42 messages`. */
  readonly findings: readonly string[];
  readonly milliseconds: number;
  readonly warnings: readonly Warning[];
}

/**
 * Tests a connection. For Schema=EWS, which has no tables yet, it asks the server for the inbox.
 *
 * @throws ExchangeSqlError as `connect` and the first statement do.
 * @example const { findings } = await testConnection('Schema=EWS;Server=mail.contoso.example;AuthScheme=NTLM;User=ada;Password=…');
 */
export async function testConnection(properties: string | PropertyBag, options: ConnectOptions = {}): Promise<ConnectionTest> {
  const given = typeof properties === 'string' ? parseConnectionString(properties) : properties;
  if (isServer(given)) {
    const { url, by, name, total, unread, serverVersion, milliseconds, warnings } = await testServer(given);
    const counts = total === undefined ? '' : `, ${String(total)} items${unread === undefined ? '' : `, ${String(unread)} unread`}`;
    return { findings: [`${url} answers${serverVersion === undefined ? '' : ` (Exchange ${serverVersion})`}`, `signed in with ${by}`, `opened the folder ${name}${counts}`], milliseconds, warnings };
  }
  const started = performance.now();
  await using connection = await connect(properties, options);
  const { rows, warnings } = await connection.query('SELECT id FROM Messages LIMIT 1');
  return { findings: ['Microsoft Graph answers', rows.length === 0 ? 'the mailbox holds no message' : 'read a message of the mailbox'], milliseconds: performance.now() - started, warnings };
}
