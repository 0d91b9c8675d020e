/**
 * Owns: PKCS#12 (PFX), modern and legacy encryption, through node-forge (OpenSSL 3 refuses the legacy ones).
 */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { requireRsa, unusable, wrongPassword, type StoredKey, type StoreOptions } from './signing-key.js';

const WHAT = 'the PFX of OAuthJWTCert';

/** @throws ExchangeSqlError CONNECTION_STRING for data that is no PFX, a wrong password, a PFX without a private key. */
export function readPfx(data: Buffer, { password }: StoreOptions): readonly StoredKey[] {
  let asn1: forge.asn1.Asn1;
  try {
    asn1 = forge.asn1.fromDer(forge.util.createBuffer(data.toString('binary')));
  } catch (error) {
    throw unusable(`${WHAT} is no PKCS#12 file.`, 'Check OAuthJWTCertType; a PEM file needs PEMKEY_FILE.', error);
  }
  const store = open(asn1, password);
  const keys = [...bags(store, forge.pki.oids['pkcs8ShroudedKeyBag']!), ...bags(store, forge.pki.oids['keyBag']!)];
  const certificates = bags(store, forge.pki.oids['certBag']!).flatMap(({ cert, asn1: raw }) => (cert === null || cert === undefined ? (raw === undefined ? [] : [pemOf(raw)]) : [forge.pki.certificateToPem(cert)])).map((pem) => new X509Certificate(pem));
  if (keys.length === 0) throw unusable(`${WHAT} holds no private key.`, 'Export it again with its private key.');
  return keys.map((bag) => {
    if (bag.key === null || bag.key === undefined) throw unusable(`The key in ${WHAT} is not RSA; Microsoft Entra takes RSA keys only.`, 'Register a certificate with an RSA key of 2048 bits or more.');
    const privateKey = requireRsa(createPrivateKey(forge.pki.privateKeyToPem(bag.key)), WHAT);
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const leaf = certificates.find((certificate) => certificate.publicKey.export({ type: 'spki', format: 'der' }).equals(spki));
    const alias = bag.attributes['friendlyName']?.[0] as string | undefined;
    return { privateKey, chain: leaf === undefined ? [] : chainFrom(leaf, certificates), ...(alias === undefined ? {} : { alias }) };
  });
}

function open(asn1: forge.asn1.Asn1, password: string | undefined): forge.pkcs12.Pkcs12Pfx {
  // No password and the empty password are different keys in PKCS#12; tools write either.
  const attempts: (string | undefined)[] = password === undefined || password === '' ? ['', undefined] : [password];
  let failure: unknown;
  for (const attempt of attempts) {
    try {
      return attempt === undefined ? forge.pkcs12.pkcs12FromAsn1(asn1, false) : forge.pkcs12.pkcs12FromAsn1(asn1, false, attempt);
    } catch (error) {
      failure = error;
    }
  }
  const text = failure instanceof Error ? failure.message : '';
  if (/PKCS#?12|MAC could not|password|decrypt|ASN\.?1|Too few bytes/i.test(text)) throw wrongPassword(WHAT, password, failure);
  throw unusable(`${WHAT} cannot be read.`, 'Export it again; openssl pkcs12 -in file -info tells what is wrong.', failure);
}

const bags = (store: forge.pkcs12.Pkcs12Pfx, type: string): forge.pkcs12.Bag[] => store.getBags({ bagType: type })[type] ?? [];

const pemOf = (raw: forge.asn1.Asn1): string => forge.pem.encode({ type: 'CERTIFICATE', body: forge.asn1.toDer(raw).getBytes() });

/** The certificate and its issuers, as far as they are there. */
export function chainFrom(leaf: X509Certificate, all: readonly X509Certificate[]): string[] {
  const chain = [leaf];
  for (;;) {
    const last = chain.at(-1)!;
    const issuer = all.find((one) => !chain.includes(one) && last.checkIssued(one));
    if (issuer === undefined) return chain.map((certificate) => certificate.toString());
    chain.push(issuer);
  }
}
