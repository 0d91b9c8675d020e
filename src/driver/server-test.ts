/**
 * Owns: testing a connection to an Exchange server: signing in and opening the inbox, once.
 * Does not own: printing the outcome (cli/), the request (ews/inbox.ts).
 * Invariants: one GetFolder is sent (and what signing in takes); nothing is changed.
 */
import { createCredential } from '../auth/create-credential.js';
import { inboxRequest, readInbox, type Inbox } from '../ews/inbox.js';
import type { Trace } from '../http/trace.js';
import { HttpTransport } from '../http/transport.js';
import type { Warning } from '../scan/source.js';
import { serverOptions, type ServerOptions } from './options/on-premises.js';
import type { PropertyBag } from './options/reader.js';
import { openTrace } from './options/tracing.js';

export interface ServerReport extends Inbox {
  /** Address of EWS that answered. */
  readonly url: string;
  /** `AuthScheme=…`. */
  readonly by: string;
  readonly milliseconds: number;
  readonly warnings: readonly Warning[];
}

/**
 * Connects, signs in and asks for the inbox.
 *
 * @throws ExchangeSqlError CONNECTION_STRING; UNREACHABLE, TIMEOUT (below HTTP); AUTHENTICATION, PERMISSION, MAILBOX, NOT_FOUND,
 * BAD_RESPONSE, SERVICE as the server answers.
 */
export async function testServer(properties: PropertyBag): Promise<ServerReport> {
  const options = serverOptions(properties);
  const { trace, statement } = openTrace(options.tracing, 'ews');
  return statement === undefined ? probe(options, trace) : statement()(() => probe(options, trace));
}

async function probe({ url, by, signIn, network, version, impersonation, timeoutSeconds, secrets, warnings }: ServerOptions, trace: Trace): Promise<ServerReport> {
  for (const secret of secrets) trace.redactor.add(secret);
  const transport = new HttpTransport({ trace, ...network.connect });
  const started = performance.now();
  try {
    const authorization = signIn.kind === 'oauth' ? await createCredential(signIn.credential, new URL(url).origin, transport).authorization(undefined) : undefined;
    const answer = await transport.request({
      method: 'POST',
      url,
      headers: {
        ...network.headers,
        'content-type': 'text/xml; charset=utf-8',
        ...(authorization === undefined ? {} : { authorization }),
        // Without it Exchange routes impersonating calls slowly, or not at all.
        ...(impersonation?.user.includes('@') === true ? { 'x-anchormailbox': impersonation.user } : {}),
      },
      body: inboxRequest({ version, impersonation }),
      ...(timeoutSeconds === undefined ? {} : { timeoutMs: timeoutSeconds * 1000 }),
      ...(signIn.kind === 'handshake' ? { handshake: signIn.handshake } : {}),
    });
    return { ...readInbox(answer, url, by), url, by, milliseconds: performance.now() - started, warnings };
  } finally {
    await transport.close();
  }
}
