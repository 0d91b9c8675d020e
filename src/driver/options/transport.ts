/**
 * Owns: the options of the one transport of a connection, for the service and for signing in: TLS, proxy, headers.
 */
import type { ConnectSettings } from '../../http/connector.js';
import { customHeaders } from './headers.js';
import { proxyOptions } from './proxy.js';
import type { Reader } from './reader.js';
import { tlsOptions } from './tls.js';

export interface NetworkOptions {
  readonly connect: Omit<ConnectSettings, 'timeoutMs' | 'tunnelAlways'>;
  /** Sent to the service with each request, never to the sign-in service. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @param origin of the service; what SSLServerCert pins. @throws ExchangeSqlError CONNECTION_STRING. */
export function networkOptions(reader: Reader, origin: string): NetworkOptions {
  return { connect: { ...tlsOptions(reader), proxy: proxyOptions(reader), pinnedOrigin: origin }, headers: customHeaders(reader) };
}
