/**
 * Owns: what carries a connection's requests: trace, transport, credential, of its options.
 * Invariants: nothing is sent; secrets are known to the trace before the first request.
 */
import { createCredential } from '../auth/create-credential.js';
import type { Credential } from '../auth/credential.js';
import { HttpTransport } from '../http/transport.js';
import type { ConnectionOptions } from './connection-string.js';
import { openTrace, type OpenTrace } from './options/tracing.js';

export interface OpenedTransport {
  readonly transport: HttpTransport;
  /** Of a statement that begins, where statements have traces of their own. */
  readonly statement: OpenTrace['statement'];
}

export interface OpenedService extends OpenedTransport {
  readonly credential: Credential;
}

/** @throws ExchangeSqlError CONNECTION_STRING for traces that cannot be written. */
export function openService(options: ConnectionOptions): OpenedService {
  const opened = openTransport(options);
  return { ...opened, credential: createCredential(options.credential, new URL(options.graphEndpoint).origin, opened.transport) };
}

export function openTransport({ tracing, network }: Pick<ConnectionOptions, 'tracing' | 'network'>): OpenedTransport {
  const { trace, statement } = openTrace(tracing, 'graph');
  for (const value of Object.values(network.headers)) trace.redactor.add(value);
  return { transport: new HttpTransport({ trace, ...network.connect }), statement };
}
