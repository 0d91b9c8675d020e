/**
 * Owns: keys and certificates in PEM text (PKCS#1 and PKCS#8, plain or encrypted).
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { requireRsa, unusable, wrongPassword, type StoredKey, type StoreOptions } from './signing-key.js';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const WHAT = 'the PEM text of OAuthJWTCert';

/** @throws ExchangeSqlError CONNECTION_STRING for text without a private key, a wrong password, a key that is not RSA. */
export function readPem(text: string, { password }: StoreOptions): readonly StoredKey[] {
  const blocks = [...text.matchAll(BLOCK)].map(([whole, label]) => ({ whole, label: label ?? '' }));
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const chain = certificatesOf(text);
  if (keys.some(({ label }) => label === 'OPENSSH PRIVATE KEY')) {
    throw unusable('OAuthJWTCert holds a key in OpenSSH format, which cannot be used for signing in.', 'Convert it: ssh-keygen -p -m PKCS8 -f key.');
  }
  if (keys.length === 0) {
    throw unusable(
      chain.length > 0 ? 'OAuthJWTCert holds a certificate but no private key.' : `${WHAT} holds no private key.`,
      'Give a PEM with the private key (-----BEGIN PRIVATE KEY-----) and the certificate that is registered with the application.',
    );
  }
  return keys.map(({ whole, label }) => {
    const encrypted = label.startsWith('ENCRYPTED') || whole.includes('Proc-Type: 4,ENCRYPTED');
    if (encrypted && (password === undefined || password === '')) throw wrongPassword(WHAT, password);
    try {
      return { privateKey: requireRsa(createPrivateKey({ key: whole, ...(password === undefined ? {} : { passphrase: password }) }), WHAT), chain };
    } catch (error) {
      if (error instanceof Error && error.name === 'ExchangeSqlError') throw error;
      if (encrypted) throw wrongPassword(WHAT, password, error);
      throw unusable(`The private key in ${WHAT} cannot be read.`, 'It has to be PKCS#1 or PKCS#8 in PEM; openssl pkey -in file -check tells what is wrong.', error);
    }
  });
}

/** Certificates of a text in their order; also one certificate in bare base64. */
export function certificatesOf(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => {
    try {
      return new X509Certificate(block).toString();
    } catch (error) {
      throw unusable('A certificate in PEM cannot be read.', 'openssl x509 -in file -noout -text tells what is wrong.', error);
    }
  });
}
