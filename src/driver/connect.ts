/**
 * Owns: making a connection of a connection string or properties: options, source, judge.
 * Does not own: what carries its requests (service.ts).
 * Invariants: nothing is sent, the first statement does; but for ConnectOnOpen.
 */
import type { TokenProvider } from '../auth/credential.js';
import { loadCatalog } from '../catalog/load.js';
import { createJudge } from '../engine/judge.js';
import { ExchangeSqlError } from '../errors.js';
import { GraphClient } from '../graph/client.js';
import { createGraphProcedures } from '../graph/procedures/index.js';
import { createGraphSource } from '../graph/source.js';
import { createGraphMutator } from '../graph/write.js';
import { Connection } from './connection.js';
import { parseConnectionString, resolveOptions, type ConnectionOptions, type PropertyBag } from './connection-string.js';
import { fileStore } from './files.js';
import type { FileAccess } from './files.js';
import { listedCatalog } from './listed-tables.js';
import type { Session } from './session.js';
import { openService, type OpenedService } from './service.js';
import { withSignInProcedures } from './sign-in/procedures.js';
import { systemTables } from './system.js';
import { Transaction } from './transaction.js';

export interface ConnectOptions {
  /** Gives access tokens in place of AuthScheme; any object with `getToken(scope)`, such as a TokenCredential of @azure/identity. */
  readonly tokenProvider?: TokenProvider;
  /**
   * Which files of this machine stored procedures may read and write (LocalFile, LocalFolder). Default `any`: the program runs
   * for its own user. A process that serves others gives `off`, or the one folder that is meant for it.
   */
  readonly fileAccess?: FileAccess;
}

/**
 * Opens a connection. Nothing is sent until the first statement, unless ConnectOnOpen is set.
 *
 * @param properties connection string (`Name=Value;…`) or an object of properties; `SELECT * FROM sys_connection_props` lists them.
 * @throws ExchangeSqlError CONNECTION_STRING for an unknown, missing or contradictory property; NOT_SUPPORTED for one that this
 * version does not offer.
 * @example
 * await using connection = await connect({ OAuthAccessToken: '…', UserId: 'ada@contoso.example', MaxRows: 100, IdType: 'Immutable' });
 * const { rows } = await connection.query("SELECT Name, Value FROM sys_connection_props WHERE Name = 'MaxRows'");
 * console.log(rows); // [ { Name: 'MaxRows', Value: '100' } ]
 */
export async function connect(properties: string | PropertyBag, { tokenProvider, fileAccess = 'any' }: ConnectOptions = {}): Promise<Connection> {
  const given: unknown = properties;
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null)) {
    throw new ExchangeSqlError('CONNECTION_STRING', `connect() takes a connection string or an object of properties, not ${given === null ? 'null' : typeof given}.`, { hint: "Write connect('Schema=MSGraph;AuthScheme=…')." });
  }
  const options = resolveOptions(typeof properties === 'string' ? parseConnectionString(properties) : properties, tokenProvider);
  const opened = openConnection(options, fileAccess);
  if (options.connectOnOpen) await reach(opened);
  return opened.connection;
}

/** ConnectOnOpen: one request to the mailbox. A connection that fails is closed; one that may not read mail is signed in all the same. */
async function reach({ connection }: OpenedConnection): Promise<void> {
  try {
    await connection.query('SELECT id FROM MailFolders LIMIT 1');
  } catch (error) {
    if (error instanceof ExchangeSqlError && error.code === 'PERMISSION') return;
    await connection.close();
    throw error;
  }
}

/** A connection with the parts of it that testing one needs by themselves. */
export interface OpenedConnection extends OpenedService {
  readonly connection: Connection;
}

export function openConnection(options: ConnectionOptions, fileAccess: FileAccess): OpenedConnection {
  const service = openService(options);
  const { transport, credential, statement } = service;
  const client = new GraphClient({
    root: options.graphEndpoint,
    credential,
    transport,
    headers: options.network.headers,
    ...(options.userId === undefined ? {} : { userId: options.userId }),
    ...(options.timeoutSeconds === undefined ? {} : { timeoutMs: options.timeoutSeconds * 1000 }),
  });
  const catalog = loadCatalog('msgraph', { primaryKey: options.primaryKey, ...(options.location === undefined ? {} : { location: options.location }) });
  const listed = listedCatalog(catalog, options.listed);
  const source = createGraphSource({ client, catalog, options });
  const closing = new AbortController();
  const session: Session = {
    options,
    catalog,
    ...(listed === undefined ? {} : { listed }),
    judge: createJudge({ tables: catalog.tables(), localTables: systemTables(), notOffered: catalog.notOffered() }),
    source,
    mutator: createGraphMutator({ client, catalog, options: { userId: options.userId, idType: options.idType, bodyType: options.bodyType, batchSize: options.batchSize, files: fileStore(fileAccess) } }),
    procedures: withSignInProcedures({ spec: options.credential, transport, fileAccess, others: createGraphProcedures({ client, catalog, source, options }) }),
    fileAccess,
    warnings: options.warnings,
    ...(statement === undefined ? {} : { traced: statement }),
    transaction: new Transaction(),
    written: { identity: undefined },
    unreported: [...options.warnings],
    closed: closing.signal,
  };
  const connection = new Connection(session, async () => {
    closing.abort();
    discard(session.transaction);
    session.judge.close();
    await transport.close();
  });
  return { connection, ...service };
}

/** A connection that closes sends nothing of an open transaction; whoever forgot COMMIT should hear of it. */
function discard(transaction: Transaction): void {
  if (!transaction.isOpen) return;
  const { waiting } = transaction;
  transaction.end('ROLLBACK');
  if (waiting > 0) process.emitWarning(`The connection was closed with an open transaction: ${String(waiting)} rows that waited for COMMIT were not sent.`, { type: 'ExchangeSqlWarning', code: 'TRANSACTION_DISCARDED' });
}
