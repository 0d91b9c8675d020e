/**
 * Owns: what a failure below HTTP (name, socket, TLS, framing) means in plain words.
 * Does not own: HTTP statuses (the protocols read those) or retrying.
 * Invariants: messages name the host, never a path with a query, a header or a body.
 */
import { ExchangeSqlError } from '../errors.js';
import { PinMismatch, ProxyFailure } from './connector.js';
import { ProxyRefusal } from './socks.js';

/** `reset`: the connection broke before the answer was whole; `unreachable`: nothing was sent; `garbled`: the answer is not usable. */
export type TransportFailure = 'reset' | 'unreachable' | 'garbled';

const FAILURES = new WeakMap<ExchangeSqlError, TransportFailure>();

/** The kind of failure, for errors that `transportError` and `garbled` made. */
export function failureOf(error: unknown): TransportFailure | undefined {
  return error instanceof ExchangeSqlError ? FAILURES.get(error) : undefined;
}

function failed(kind: TransportFailure, error: ExchangeSqlError): ExchangeSqlError {
  FAILURES.set(error, kind);
  return error;
}

const CERTIFICATE = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_UNTRUSTED', 'CERT_SIGNATURE_FAILURE', 'CERT_REVOKED', 'HOSTNAME_MISMATCH',
]);
const LOST_ROUTE = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);
const RESET = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_DESTROYED']);

/** An answer that arrived but cannot be used: malformed JSON, truncated, untrusted. */
export function garbled(message: string, hint?: string, cause?: unknown): ExchangeSqlError {
  return failed(
    'garbled',
    new ExchangeSqlError('BAD_RESPONSE', message, { retryable: true, ...(hint === undefined ? {} : { hint }), ...(cause === undefined ? {} : { cause }) }),
  );
}

/** Turns what undici and Node throw into an ExchangeSqlError: UNREACHABLE or BAD_RESPONSE. */
export function transportError(error: unknown, origin: string, phase: 'connect' | 'body'): ExchangeSqlError {
  const { code, text, established } = describe(error);
  const unreachable = (message: string, hint: string, retryable = false): ExchangeSqlError =>
    failed('unreachable', new ExchangeSqlError('UNREACHABLE', message, { hint, retryable, cause: error }));

  if (error instanceof ProxyFailure) return proxyError(error, unreachable);
  if (error instanceof PinMismatch) {
    return unreachable(
      `The certificate of ${origin} is not the one that SSLServerCert names; nothing was sent.`,
      `It showed a certificate with the SHA-256 thumbprint ${error.fingerprint ?? '(none)'}. Check who answers there before you trust it.`,
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return unreachable(`The host of ${origin} is not known.`, 'Check the spelling of GraphEndpoint (Server for EWS), and the network and DNS of this machine.', code === 'EAI_AGAIN');
  }
  if (code === 'ECONNREFUSED') {
    return unreachable(`Nothing answers at ${origin}: the connection was refused.`, 'Check host and port of GraphEndpoint (Server for EWS), and that the server is running.');
  }
  // The same codes on a connection that stood mean that a request may have got through.
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'EADDRNOTAVAIL' || (!established && LOST_ROUTE.has(code))) {
    return unreachable(`${origin} cannot be reached from this machine.`, 'Check the network, a firewall, or whether a proxy is required.', true);
  }
  if (CERTIFICATE.has(code)) {
    return unreachable(`The certificate of ${origin} is not trusted (${code}).`, 'Give the certificate (or its authority) as SSLServerCert, or set NODE_EXTRA_CA_CERTS.');
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return unreachable(`The certificate of ${origin} was issued for another host.`, 'Use the host name the certificate names, or check who answers there.');
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return unreachable(`The certificate of ${origin} is not valid now (${code}).`, 'Check the clock of this machine, or renew the certificate of the server.');
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return unreachable(`No TLS connection to ${origin} could be made (${code}).`, 'Check whether the server speaks https at this port.');
  }
  // undici's HTTPParserError has no code where it does not know a better one.
  if (code.startsWith('HPE_') || text === 'HTTPParserError') {
    return garbled(`What answers at ${origin} does not speak HTTP.`, 'Check scheme, host and port of GraphEndpoint (Server for EWS).', error);
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    return new ExchangeSqlError('BAD_RESPONSE', `An answer of ${origin} is larger than the driver accepts.`, {
      hint: 'Lower Pagesize, or select fewer columns.',
      cause: error,
    });
  }
  if (phase === 'body') {
    return garbled(`The answer of ${origin} broke off before its end.`, 'The driver has repeated the request; try again later.', error);
  }
  if (RESET.has(code) || LOST_ROUTE.has(code)) {
    return failed(
      'reset',
      new ExchangeSqlError('UNREACHABLE', `${origin} closed the connection without an answer.`, {
        hint: 'Try again later; if it stays so, check for a proxy or firewall on the way.',
        retryable: true,
        cause: error,
      }),
    );
  }
  return new ExchangeSqlError('UNREACHABLE', `The request to ${origin} failed: ${text}`, { cause: error });
}

function proxyError({ proxy, cause }: ProxyFailure, unreachable: (message: string, hint: string, retryable?: boolean) => ExchangeSqlError): ExchangeSqlError {
  if (cause instanceof ExchangeSqlError) return cause;
  if (cause instanceof ProxyRefusal) {
    return unreachable(`The proxy ${proxy} did not let the connection through: ${cause.message}.`, cause.credentials ? 'Check ProxyUser, ProxyPassword and ProxyAuthScheme (FirewallUser and FirewallPassword for SOCKS).' : 'Check that the proxy allows this host and port, or add the host to ProxyExceptions.');
  }
  const { code, text } = describe(cause);
  return unreachable(`The proxy ${proxy} cannot be reached (${code === '' ? text : code}).`, 'Check ProxyServer and ProxyPort (FirewallServer and FirewallPort), and that the proxy is running.', true);
}

function describe(error: unknown): { code: string; text: string; established: boolean } {
  if (!(error instanceof Error)) return { code: '', text: 'unknown failure', established: false };
  // Happy eyeballs gives an AggregateError without a message of its own.
  const inner: unknown = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const source = inner instanceof Error ? inner : error;
  const code = 'code' in source && typeof source.code === 'string' ? source.code : '';
  if (code === '' && source.cause instanceof Error) return describe(source.cause);
  const call = 'syscall' in source ? source.syscall : undefined;
  return { code, text: code === '' ? source.name : code, established: call === 'read' || call === 'write' };
}
