/**
 * Owns: .NET's RSAKeyValue XML.
 * Does not own: certificates; it holds none.
 * Invariants: read member by member; no entities, no document type.
 */
import { createPrivateKey } from 'node:crypto';
import { rsaFromNumbers } from './rsa-numbers.js';
import { unusable, type StoredKey } from './signing-key.js';

const WHAT = 'the XML of OAuthJWTCert';

/** @throws ExchangeSqlError CONNECTION_STRING for text that is no RSAKeyValue, or one without its private part. */
export function readXmlKey(text: string): readonly StoredKey[] {
  const body = /<RSAKeyValue>([\s\S]*)<\/RSAKeyValue>/.exec(text)?.[1];
  if (body === undefined) throw unusable(`${WHAT} holds no RSAKeyValue.`, 'It has to be what .NET writes: <RSAKeyValue><Modulus>…</Modulus>…<D>…</D></RSAKeyValue>.');
  const member = (name: string): Buffer | undefined => {
    const value = new RegExp(`<${name}>([A-Za-z0-9+/=\\s]*)</${name}>`).exec(body)?.[1];
    return value === undefined ? undefined : Buffer.from(value, 'base64');
  };
  const [n, e, d, p, q] = ['Modulus', 'Exponent', 'D', 'P', 'Q'].map(member);
  if (d === undefined) throw unusable(`${WHAT} holds a public key only.`, 'Export it with its private part (ToXmlString(true)).');
  if (n === undefined || e === undefined || p === undefined || q === undefined) throw unusable(`${WHAT} lacks a part of the key.`, 'It needs Modulus, Exponent, P, Q and D.');
  try {
    return [{ privateKey: createPrivateKey({ key: rsaFromNumbers({ n, e, d, p, q }), format: 'jwk' }), chain: [] }];
  } catch (error) {
    throw unusable(`The key in ${WHAT} cannot be used.`, 'Export it again.', error);
  }
}
