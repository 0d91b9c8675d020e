/**
 * Owns: which server certificate is accepted: the usual authorities, or what SSLServerCert pins.
 * Does not own: making the TLS connection (connector.ts).
 * Invariants: a pin is compared with the certificate itself, never with a name; one that does not match ends the connection before a byte of HTTP is sent.
 */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ExchangeSqlError } from '../errors.js';

/** What a pin accepts; several forms of SSLServerCert. */
export type ServerTrust =
  | { readonly kind: 'authorities' }
  /** Any certificate. The connection is encrypted, but anybody may be at its other end. */
  | { readonly kind: 'any' }
  /** These certificates: the server's own, or an authority that issued it. */
  | { readonly kind: 'certificates'; readonly pem: readonly string[] }
  /** SubjectPublicKeyInfo, DER. */
  | { readonly kind: 'publicKey'; readonly spki: Buffer }
  /** Hex digits in lower case: MD5 (32), SHA-1 (40) or SHA-256 (64) of the certificate. */
  | { readonly kind: 'thumbprint'; readonly algorithm: 'md5' | 'sha1' | 'sha256'; readonly digits: string };

const PROPERTY = 'SSLServerCert';
const bad = (message: string, hint: string, cause?: unknown): ExchangeSqlError => new ExchangeSqlError('CONNECTION_STRING', message, { hint, ...(cause === undefined ? {} : { cause }) });
const FORMS = 'It takes a certificate or public key in PEM, the path of such a file, a certificate in base64, a thumbprint (SHA-256, SHA-1 or MD5), or *.';

/**
 * Reads SSLServerCert.
 *
 * @throws ExchangeSqlError CONNECTION_STRING for a value of none of the forms.
 */
export function readServerTrust(value: string | undefined): ServerTrust {
  const text = value?.trim() ?? '';
  if (text === '') return { kind: 'authorities' };
  if (text === '*') return { kind: 'any' };
  const thumbprint = thumbprintOf(text);
  if (thumbprint !== undefined) return thumbprint;
  if (text.includes('-----BEGIN')) return fromPem(text.replaceAll('\\n', '\n'));
  const der = derOf(text);
  if (der !== undefined) return der;
  let data: Buffer;
  try {
    data = readFileSync(text);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw bad(`The file that ${PROPERTY} names cannot be read${code}.`, FORMS, error);
  }
  if (data.includes('-----BEGIN')) return fromPem(data.toString('utf8'));
  return certificateFrom(data) ?? publicKeyFrom(data) ?? fail();
}

const fail = (): never => {
  throw bad(`${PROPERTY} is no certificate.`, FORMS);
};

function thumbprintOf(text: string): ServerTrust | undefined {
  const digits = text.replace(/^(?:sha-?256|sha-?1|md5)\s*[:=]\s*/i, '').replace(/[\s:]/g, '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(digits)) return undefined;
  const algorithm = ({ 32: 'md5', 40: 'sha1', 64: 'sha256' } as const)[digits.length as 32 | 40 | 64] as 'md5' | 'sha1' | 'sha256' | undefined;
  return algorithm === undefined ? undefined : { kind: 'thumbprint', algorithm, digits };
}

function fromPem(text: string): ServerTrust {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length > 0) {
    try {
      return { kind: 'certificates', pem: certificates.map((pem) => new X509Certificate(pem).toString()) };
    } catch (error) {
      throw bad(`A certificate in ${PROPERTY} cannot be read.`, FORMS, error);
    }
  }
  const key = /-----BEGIN ((?:RSA )?PUBLIC KEY)-----[\s\S]*?-----END \1-----/.exec(text)?.[0];
  if (key === undefined) return fail();
  try {
    return { kind: 'publicKey', spki: createPublicKey(key).export({ type: 'spki', format: 'der' }) };
  } catch (error) {
    throw bad(`The public key in ${PROPERTY} cannot be read.`, FORMS, error);
  }
}

/** A certificate or public key in base64 without the lines of PEM. */
function derOf(text: string): ServerTrust | undefined {
  const compact = text.replace(/\s+/g, '');
  if (compact.length < 64 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  const der = Buffer.from(compact, 'base64');
  return certificateFrom(der) ?? publicKeyFrom(der);
}

function certificateFrom(der: Buffer): ServerTrust | undefined {
  try {
    return { kind: 'certificates', pem: [new X509Certificate(der).toString()] };
  } catch {
    return undefined;
  }
}

function publicKeyFrom(der: Buffer): ServerTrust | undefined {
  try {
    return { kind: 'publicKey', spki: createPublicKey({ key: der, format: 'der', type: 'spki' }).export({ type: 'spki', format: 'der' }) };
  } catch {
    return undefined;
  }
}

/**
 * Whether a pin accepts a certificate. `chained`: TLS found a chain from it to one of the pinned certificates, for this host.
 * Not for `authorities`, which TLS checks by itself.
 */
export function isTrusted(trust: ServerTrust, peer: X509Certificate | undefined, chained: boolean): boolean {
  switch (trust.kind) {
    case 'authorities':
      return chained;
    case 'any':
      return true;
    case 'certificates':
      return chained || (peer !== undefined && trust.pem.some((pem) => new X509Certificate(pem).raw.equals(peer.raw)));
    case 'publicKey':
      return peer !== undefined && peer.publicKey.export({ type: 'spki', format: 'der' }).equals(trust.spki);
    case 'thumbprint':
      return peer !== undefined && createHash(trust.algorithm).update(peer.raw).digest('hex') === trust.digits;
  }
}
