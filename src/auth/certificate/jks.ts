/**
 * Owns: Java key stores: JKS through jks-js, and PKCS#12 stores under the same name (keytool's default since Java 9).
 */
import { createPrivateKey } from 'node:crypto';
import jks from 'jks-js';
import { certificatesOf } from './pem.js';
import { readPfx } from './pfx.js';
import { requireRsa, unusable, wrongPassword, type StoredKey, type StoreOptions } from './signing-key.js';

const WHAT = 'the key store of OAuthJWTCert';
const JKS_MAGIC = 0xfeedfeed;
const JCEKS_MAGIC = 0xcececece;

/** @throws ExchangeSqlError CONNECTION_STRING for data that is no key store, a wrong password, a store without a private key. */
export function readJks(data: Buffer, { password }: StoreOptions): readonly StoredKey[] {
  const magic = data.length < 4 ? 0 : data.readUInt32BE(0);
  if (data[0] === 0x30) return readPfx(data, { password });
  if (magic === JCEKS_MAGIC) throw unusable(`${WHAT} is of type JCEKS, which is not read.`, 'Convert it: keytool -importkeystore -srckeystore file -destkeystore new.p12 -deststoretype PKCS12.');
  if (magic !== JKS_MAGIC) throw unusable(`${WHAT} is no Java key store.`, 'Check OAuthJWTCertType; a PFX needs PFXFILE, a PEM file PEMKEY_FILE.');
  let entries: ReturnType<typeof jks.toPem>;
  try {
    entries = jks.toPem(data, password ?? '');
  } catch (error) {
    throw wrongPassword(WHAT, password, error);
  }
  const keys = Object.entries(entries).flatMap(([alias, { key, cert }]): StoredKey[] =>
    key === undefined ? [] : [{ alias, privateKey: requireRsa(createPrivateKey(key), WHAT), chain: certificatesOf(cert ?? '') }],
  );
  if (keys.length === 0) throw unusable(`${WHAT} holds no private key.`, 'It may be a trust store; use the store that holds the key.');
  return keys;
}
