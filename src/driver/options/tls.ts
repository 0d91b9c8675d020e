/**
 * Owns: the SSL properties: what the server's certificate is compared with, own authorities, TLS version, client certificate.
 * Does not own: the comparison (http/server-trust.ts), key files (auth/certificate).
 * Invariants: no error shows a key or a password.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureVersion } from 'node:tls';
import { readClientCertificate, type CertificateType } from '../../auth/certificate/index.js';
import { ExchangeSqlError } from '../../errors.js';
import type { ClientIdentity } from '../../http/connector.js';
import { readServerTrust, type ServerTrust } from '../../http/server-trust.js';
import { bad, type Reader } from './reader.js';

export interface TlsOptions {
  readonly trust: ServerTrust;
  /** PEM of authorities trusted besides the usual ones. */
  readonly ca: string | undefined;
  readonly minVersion: SecureVersion | undefined;
  readonly identity: ClientIdentity | undefined;
}

export function tlsOptions(reader: Reader): TlsOptions {
  const trust = readServerTrust(reader.text('SSLServerCert'));
  if (trust.kind === 'any') reader.warnings.push({ code: 'INSECURE', message: 'SSLServerCert=* accepts any certificate: anybody on the way can read what is sent, credentials included.' });
  const version = reader.choice('SSLMinVersion');
  return {
    trust,
    ca: authorities(reader.text('SSLCACert')),
    minVersion: version === 'TLS1.3' ? 'TLSv1.3' : undefined,
    identity: identity(reader),
  };
}

/** PEM text, or the path of a PEM file. */
function authorities(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const hint = 'Give one or more certificates in PEM, or the path of such a file.';
  let text = value.replaceAll('\\n', '\n');
  if (!text.includes('-----BEGIN')) {
    try {
      text = readFileSync(value, 'utf8');
    } catch (error) {
      throw new ExchangeSqlError('CONNECTION_STRING', `The file that SSLCACert names cannot be read${error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''}.`, { hint, cause: error });
    }
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw bad('SSLCACert holds no certificate in PEM.', hint);
  try {
    return found.map((pem) => new X509Certificate(pem).toString()).join('');
  } catch (error) {
    throw new ExchangeSqlError('CONNECTION_STRING', 'A certificate in SSLCACert cannot be read.', { hint, cause: error });
  }
}

function identity(reader: Reader): ClientIdentity | undefined {
  const source = reader.text('SSLClientCert');
  if (source === undefined) {
    const orphan = ['SSLClientCertPassword', 'SSLClientCertSubject'].find((name) => reader.has(name) && reader.text(name) !== '*');
    if (orphan !== undefined) throw bad(`${orphan} is given without SSLClientCert.`, 'SSLClientCert is the certificate (with its private key) that is shown to the server.');
    return undefined;
  }
  const type = reader.choice('SSLClientCertType') as CertificateType;
  const { privateKey, x5c } = named(() => readClientCertificate({ source, type, password: reader.text('SSLClientCertPassword'), subject: reader.text('SSLClientCertSubject') }));
  if (x5c === undefined) throw bad(`SSLClientCertType=${type} holds a key without its certificate.`, 'A server asks for both: use PFXFILE, PEMKEY_FILE or JKSFILE.');
  return { key: privateKey, cert: x5c };
}

/** The reader of key files speaks of the properties of signing in. */
function named<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ExchangeSqlError)) throw error;
    const own = (text: string): string => text.replaceAll('OAuthJWTCert', 'SSLClientCert');
    throw new ExchangeSqlError(error.code, own(error.message), { ...(error.hint === undefined ? {} : { hint: own(error.hint) }), cause: error.cause });
  }
}
