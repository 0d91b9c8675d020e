/**
 * Owns: making a self-signed certificate for a server on this machine.
 * Does not own: serving TLS, or trusting the certificate (the one who calls decides both).
 * Invariants: imports nothing of src/; the key never leaves the returned object.
 */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';

export interface SelfSignedCertificate {
  /** PEM certificate; it is its own authority, so it can be given as `ca`. */
  readonly cert: string;
  /** PEM private key (PKCS#1, unencrypted). */
  readonly key: string;
}

// Clients disagree about clocks by minutes at most; a day of grace costs nothing.
const GRACE_MS = 24 * 60 * 60 * 1000;
// Apple's TLS refuses server certificates valid for longer than 398 days.
const VALIDITY_MS = 397 * 24 * 60 * 60 * 1000;

/**
 * Makes an RSA 2048 certificate valid for the given host names and IP addresses (v4 or v6, without brackets).
 * The first host is the common name. Takes about 50 to 200 ms.
 *
 * @throws TypeError if no host is given.
 * @example
 * const { cert, key } = await createSelfSignedCertificate(['localhost', '127.0.0.1', '::1']);
 * https.createServer({ cert, key }, handler);
 */
export async function createSelfSignedCertificate(hosts: readonly string[]): Promise<SelfSignedCertificate> {
  const first = hosts[0];
  if (first === undefined) throw new TypeError('a certificate needs at least one host');
  // OpenSSL makes the key in native code; forge's own generator takes seconds.
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  // RFC 5280: positive and in its shortest DER form, so the first byte must be neither 00 (padding, refused by OpenSSL) nor have its first bit set.
  certificate.serialNumber = `01${randomBytes(16).toString('hex')}`;
  const now = Date.now();
  certificate.validity.notBefore = new Date(now - GRACE_MS);
  certificate.validity.notAfter = new Date(now + VALIDITY_MS);
  const name = [{ name: 'commonName', value: first }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: hosts.map(alternativeName) },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(pair.privateKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: pair.privateKey };
}

/** GeneralName of RFC 5280: 2 is dNSName, 7 is iPAddress. */
function alternativeName(host: string): { type: number; value?: string; ip?: string } {
  return isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host };
}
