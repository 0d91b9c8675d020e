/**
 * Owns: an RSA private key from its bare numbers, as a JSON Web Key.
 */
import type { JsonWebKey } from 'node:crypto';

export interface RsaNumbers {
  /** Big-endian. */
  readonly n: Uint8Array;
  readonly e: Uint8Array;
  readonly d: Uint8Array;
  readonly p: Uint8Array;
  readonly q: Uint8Array;
}

export function rsaFromNumbers({ n, e, d, p, q }: RsaNumbers): JsonWebKey {
  const number = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
  const [dn, pn, qn] = [number(d), number(p), number(q)];
  const text = (value: bigint): string => {
    const hex = value.toString(16);
    return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
  };
  return { kty: 'RSA', n: text(number(n)), e: text(number(e)), d: text(dn), p: text(pn), q: text(qn), dp: text(dn % (pn - 1n)), dq: text(dn % (qn - 1n)), qi: text(inverse(qn, pn)) };
}

/** Extended Euclid; both are positive. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b > 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}
