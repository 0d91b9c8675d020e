/**
 * Owns: starting and stopping a sandbox: store, faults, server, demo data, imports.
 * Does not own: any of those.
 * Invariants: listens on the loopback address unless told otherwise; a store file that has data is served as it is.
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AddressInfo, Socket } from 'node:net';
import { createSelfSignedCertificate } from '../http/certificate.js';
import { tokenOf, type Rules } from './authorization.js';
import { Clock } from './clock.js';
import { fillDemo } from './demo/index.js';
import { FaultBox, type Faults } from './faults.js';
import { Gate } from './gate.js';
import type { Deployment } from './handler.js';
import { importInto, type ImportReport } from './import-adapter.js';
import { RequestLog } from './request-log.js';
import { ADMIN_PATH, closeServer, createServer, GRAPH_PATH } from './server.js';
import { Store } from './store/store.js';
import { StoreWriter } from './store/store-writer.js';
import type { SandboxWriter } from './writer.js';

export interface SandboxOptions {
  /** 0 or missing: a free port. */
  readonly port?: number;
  /** Address to listen on; `127.0.0.1` unless given. */
  readonly host?: string;
  /** Serve HTTPS with a certificate made for this start. */
  readonly https?: boolean;
  /** With `https`: the certificate is written to this file, and the connection strings name it. */
  readonly certificateFile?: string;
  /** Store file; missing: memory. */
  readonly data?: string;
  /** Demo messages; 0: no demo company, one user with an empty mailbox. Default 2000. */
  readonly messages?: number;
  readonly seed?: number;
  /** Every second item has an id that differs from its neighbour's by the case of one letter only; without it one in eight. */
  readonly caseTwins?: boolean;
  /** Freezes the clock and dates the demo data. */
  readonly now?: Date;
  readonly importPaths?: readonly string[];
  /** Told of progress while importing. */
  readonly onImportProgress?: (doneBytes: number, totalBytes: number) => void;
  readonly faults?: Partial<Faults>;
  readonly requireToken?: boolean;
  /** Permissions every token carries (`Mail.Read`, …); missing: not checked. */
  readonly scopes?: readonly string[];
}

export interface SandboxMailbox {
  readonly userPrincipalName: string;
  readonly connectionString: string;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT/v1.0` */
  readonly graphEndpoint: string;
  readonly adminEndpoint: string;
  readonly mailboxes: readonly SandboxMailbox[];
  /** Of the main mailbox. */
  readonly connectionString: string;
  /** PEM certificate to trust, with `https`. */
  readonly certificate: string | undefined;
  readonly writer: SandboxWriter;
  readonly store: Store;
  readonly log: RequestLog;
  readonly faults: FaultBox;
  /** Counts and losses of the import, if there was one. */
  readonly imported: ImportReport | undefined;
  setClock(now: Date, frozen?: boolean): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_SEED = 1;
const DEFAULT_MESSAGES = 2000;

/**
 * Starts a mailbox service.
 *
 * @example
 * await using sandbox = await startSandbox({ messages: 100 });
 * const answer = await fetch(`${sandbox.graphEndpoint}/me/messages`);
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const clock = new Clock(options.now);
  const store = new Store({ file: options.data, seed: options.seed ?? DEFAULT_SEED, caseTwins: options.caseTwins === true, clock });
  const writer = new StoreWriter(store);
  const isNew = store.mailboxes.list().length === 0;
  let imported: ImportReport | undefined;
  try {
    if (isNew) writer.bulk(() => {
      const messages = options.messages ?? DEFAULT_MESSAGES;
      if (messages > 0) fillDemo(writer, { messages, seed: store.seed, now: new Date(clock.now()) });
      else writer.addMailbox({ userPrincipalName: 'main@contoso.example', displayName: 'Main User', kind: 'user' });
      if (store.items.list(0, 'organization').length === 0) writer.setOrganization({ displayName: 'Contoso' });
    });
    if (options.importPaths !== undefined && options.importPaths.length > 0) {
      const first = mainOf(store);
      imported = await importInto(writer, first?.upn ?? '', options.importPaths, new Date(clock.now()), options.onImportProgress);
    }
  } catch (error) {
    store.close();
    throw error;
  }
  const faults = new FaultBox(store.seed, options.faults);
  const log = new RequestLog();
  const rules: Rules = { requireToken: options.requireToken ?? false, scopes: options.scopes, tokens: new Set(), expired: new Set() };
  const deployment: Deployment = { store, clock, faults, log, gate: new Gate(faults, log, clock), rules, mainUser: () => mainOf(store) };
  const host = options.host ?? '127.0.0.1';
  const tls = options.https === true ? await createSelfSignedCertificate([...new Set(['localhost', '127.0.0.1', '::1', host])]) : undefined;
  if (tls !== undefined && options.certificateFile !== undefined) await writeFile(options.certificateFile, tls.cert);
  const server = createServer(deployment, tls);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => {
      server.off('error', reject);
      listening();
    });
  }).catch((error: unknown) => {
    store.close();
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  const shownHost = host === '0.0.0.0' ? '127.0.0.1' : host.includes(':') ? `[${host === '::' ? '::1' : host}]` : host;
  const origin = `${tls === undefined ? 'http' : 'https'}://${shownHost}:${String(port)}`;
  const graphEndpoint = origin + GRAPH_PATH;
  const trust = tls === undefined || options.certificateFile === undefined ? '' : `;SSLServerCert="${resolve(options.certificateFile).replaceAll('"', '""')}"`;
  const connectionOf = (upn: string): string => `Schema=MSGraph;AuthScheme=OAuth;InitiateOAuth=OFF;OAuthAccessToken=${tokenOf(upn)};UserId=${upn};GraphEndpoint=${graphEndpoint}${trust}`;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeServer(server, sockets).then(() => {
      store.close();
    });
    return closing;
  };
  return {
    graphEndpoint,
    adminEndpoint: origin + ADMIN_PATH,
    get mailboxes() {
      return store.mailboxes.list().filter((mailbox) => mailbox.kind === 'user' || mailbox.kind === 'shared')
        .map((mailbox) => ({ userPrincipalName: mailbox.upn, connectionString: connectionOf(mailbox.upn) }));
    },
    get connectionString() {
      return connectionOf(mainOf(store)?.upn ?? '');
    },
    certificate: tls?.cert,
    writer, store, log, faults, imported,
    setClock: (now, frozen = true) => {
      clock.set(now, frozen);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The first user is the one demo data and imports are about. */
function mainOf(store: Store): ReturnType<Store['mailboxes']['list']>[number] | undefined {
  return store.mailboxes.list().find((mailbox) => mailbox.kind === 'user');
}

export type { Faults } from './faults.js';
export type { LogEntry } from './request-log.js';
export type { SandboxWriter, MailboxWriter, NewMessage, NewEvent, NewMailbox, NewAttachment } from './writer.js';
