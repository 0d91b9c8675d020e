/**
 * Owns: the private key and certificate an application signs in with, from each kind of OAuthJWTCertType.
 * Does not own: signing (msal does), the connection string (driver/).
 * Invariants: what has no private key is refused with the reason; no error shows key material or a password; files are read once.
 */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readJks } from './jks.js';
import { certificatesOf, readPem } from './pem.js';
import { readPfx } from './pfx.js';
import { readPpk } from './ppk.js';
import { unusable, type StoredKey, type StoreOptions } from './signing-key.js';
import type { CertificateType } from './types.js';
import { readXmlKey } from './xml-key.js';

export type { CertificateType } from './types.js';

export interface CertificateSpec {
  /** A path for …FILE types, the content itself for …BLOB types (base64 for binary ones). */
  readonly source: string;
  readonly type: CertificateType;
  readonly password?: string | undefined;
  /** Part of the subject of the certificate to take; `*` or nothing takes the first with a private key. */
  readonly subject?: string | undefined;
  /** Certificate (PEM text or a path) for key files that hold none. */
  readonly publicCertificate?: string | undefined;
  /** SHA-256 (64 hex digits) or SHA-1 (40) thumbprint, for key files that hold no certificate. */
  readonly thumbprint?: string | undefined;
}

/** In the form that msal-node takes as `clientCertificate`. */
export interface ClientCertificate {
  /** PKCS#8 PEM, unencrypted. */
  readonly privateKey: string;
  /** Hex digits; one of the two. */
  readonly thumbprintSha256?: string;
  readonly thumbprint?: string;
  /** PEM of the certificate and its issuers, where there is one. */
  readonly x5c?: string;
}

const WITHOUT_KEY: Partial<Record<CertificateType, string>> = {
  PUBLIC_KEY_FILE: 'holds a public key only', PUBLIC_KEY_BLOB: 'holds a public key only', SSHPUBLIC_KEY_FILE: 'holds a public key only', SSHPUBLIC_KEY_BLOB: 'holds a public key only', P7BFILE: 'holds certificates without their keys',
};

/**
 * Reads the key and the certificate.
 *
 * @throws ExchangeSqlError CONNECTION_STRING: unreadable file, wrong password, no private key, no certificate, no such subject;
 * NOT_SUPPORTED-like types (Windows stores, public keys) are refused with the reason.
 */
export function readClientCertificate(spec: CertificateSpec): ClientCertificate {
  const { type } = spec;
  if (type === 'USER' || type === 'MACHINE') {
    throw unusable(`OAuthJWTCertType=${type} names a certificate store of Windows, whose private keys cannot be read from here.`, 'Export the certificate with its private key to a PFX file and use OAuthJWTCertType=PFXFILE.');
  }
  const without = WITHOUT_KEY[type];
  if (without !== undefined) throw unusable(`OAuthJWTCertType=${type} ${without}; signing in needs the private key.`, 'Use PFXFILE, PEMKEY_FILE or JKSFILE with the private key.');
  const chosen = choose(keysOf(spec), spec);
  const privateKey = chosen.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const chain = chosen.chain.length > 0 ? ownFirst(chosen) : givenChain(chosen, spec);
  const leaf = chain[0];
  if (leaf !== undefined) return { privateKey, thumbprintSha256: new X509Certificate(leaf).fingerprint256.replaceAll(':', ''), x5c: chain.join('') };
  return { privateKey, ...thumbprintOf(spec) };
}

function keysOf(spec: CertificateSpec): readonly StoredKey[] {
  const options: StoreOptions = { password: spec.password };
  switch (spec.type) {
    case 'PFXFILE':
      return readPfx(fileOf(spec), options);
    case 'PFXBLOB':
      return readPfx(blobOf(spec), options);
    case 'JKSFILE':
      return readJks(fileOf(spec), options);
    case 'JKSBLOB':
      return readJks(blobOf(spec), options);
    case 'PEMKEY_FILE':
      return readPem(fileOf(spec).toString('utf8'), options);
    case 'PEMKEY_BLOB':
      return readPem(textBlob(spec.source), options);
    case 'PPKFILE':
      return readPpk(fileOf(spec).toString('utf8'), options);
    case 'XMLFILE':
      return readXmlKey(fileOf(spec).toString('utf8'));
    default:
      return readXmlKey(spec.source.includes('<') ? spec.source : Buffer.from(spec.source, 'base64').toString('utf8'));
  }
}

function fileOf({ source, type }: CertificateSpec): Buffer {
  try {
    return readFileSync(source);
  } catch (error) {
    throw unusable(`The file that OAuthJWTCert names cannot be read${error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''}.`, `OAuthJWTCertType=${type} takes a path; the …BLOB types take the content itself.`, error);
  }
}

function blobOf({ source, type }: CertificateSpec): Buffer {
  const compact = source.replace(/\s+/g, '');
  if (compact === '' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) throw unusable(`OAuthJWTCert is not base64, which OAuthJWTCertType=${type} needs.`, 'Encode the file: base64 -w0 file. For a path use the …FILE type.');
  return Buffer.from(compact, 'base64');
}

/** PEM as it is, with line ends written as \n, or in base64 as a whole. */
function textBlob(source: string): string {
  if (source.includes('-----BEGIN')) return source.replaceAll('\\n', '\n');
  return Buffer.from(source, 'base64').toString('utf8');
}

function choose(keys: readonly StoredKey[], { subject }: CertificateSpec): StoredKey {
  const wanted = subject?.trim() ?? '';
  if (wanted === '' || wanted === '*') return keys.find(({ chain }) => chain.length > 0) ?? keys[0]!;
  const subjects = keys.map((key) => (key.chain.length === 0 ? '' : new X509Certificate(ownFirst(key)[0]!).subject.replaceAll('\n', ', ')));
  const found = keys.find((_key, index) => subjects[index]!.toLowerCase().includes(wanted.toLowerCase()));
  if (found === undefined) throw unusable(`No certificate in OAuthJWTCert has a subject that contains '${wanted}'.`, `Subjects there: ${subjects.filter((one) => one !== '').join('; ') || 'none'}.`);
  return found;
}

/** A PEM may list its certificates in any order. */
function ownFirst({ privateKey, chain }: StoredKey): readonly string[] {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const own = chain.findIndex((pem) => new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }).equals(spki));
  if (own < 0) throw unusable('The private key of OAuthJWTCert belongs to none of the certificates beside it.', 'Give the certificate that was made for this key.');
  return [chain[own]!, ...chain.filter((_pem, index) => index !== own)];
}

function givenChain(key: StoredKey, { publicCertificate }: CertificateSpec): readonly string[] {
  if (publicCertificate === undefined || publicCertificate === '') return [];
  let text = publicCertificate;
  if (!text.includes('-----BEGIN')) {
    try {
      const data = readFileSync(text);
      text = data.includes('-----BEGIN') ? data.toString('utf8') : new X509Certificate(data).toString();
    } catch (error) {
      throw unusable('OAuthJWTCertPublic is neither a certificate in PEM nor the path of one that can be read.', 'Give the PEM text, or a path to a .pem or .cer file.', error);
    }
  }
  const chain = certificatesOf(text.replaceAll('\\n', '\n'));
  if (chain.length === 0) throw unusable('OAuthJWTCertPublic holds no certificate.', 'Give the certificate that is registered with the application.');
  return ownFirst({ ...key, chain });
}

function thumbprintOf({ thumbprint, type }: CertificateSpec): Pick<ClientCertificate, 'thumbprint' | 'thumbprintSha256'> {
  const digits = thumbprint?.replace(/[\s:]/g, '').toUpperCase() ?? '';
  if (/^[0-9A-F]{64}$/.test(digits)) return { thumbprintSha256: digits };
  if (/^[0-9A-F]{40}$/.test(digits)) return { thumbprint: digits };
  if (digits !== '') throw unusable('OAuthJWTCertThumbprint is no thumbprint.', 'It has 64 hexadecimal digits (SHA-256) or 40 (SHA-1).');
  throw unusable(`OAuthJWTCert (${type}) holds a private key but no certificate; Microsoft Entra needs the registered certificate or its thumbprint.`, 'Set OAuthJWTCertPublic to the certificate, or OAuthJWTCertThumbprint to its SHA-256 thumbprint.');
}
