/**
 * Owns: MD4 (RFC 1320). OpenSSL 3 no longer offers it, and NTLM's key is made of it.
 * Invariants: for NTLM only; it protects nothing by itself.
 */
const SHIFTS = [[3, 7, 11, 19], [3, 5, 9, 13], [3, 9, 11, 15]] as const;
const ORDERS = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
] as const;
const ADDED = [0, 0x5a827999, 0x6ed9eba1] as const;

type Mix = (x: number, y: number, z: number) => number;
const MIXES: readonly [Mix, Mix, Mix] = [(x, y, z) => (x & y) | (~x & z), (x, y, z) => (x & y) | (x & z) | (y & z), (x, y, z) => x ^ y ^ z];

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** 16 bytes. */
export function md4(data: Uint8Array): Buffer {
  const length = ((data.length + 8) >> 6) * 64 + 64;
  const padded = Buffer.alloc(length);
  padded.set(data);
  padded[data.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(data.length) * 8n, length - 8);
  let [a, b, c, d] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < length; block += 64) {
    const before = [a, b, c, d] as const;
    for (const round of [0, 1, 2] as const) {
      for (let step = 0; step < 16; step += 1) {
        const word = padded.readUInt32LE(block + ORDERS[round][step]! * 4);
        const sum = (a + MIXES[round](b, c, d) + word + ADDED[round]) | 0;
        [a, b, c, d] = [d, rotate(sum, SHIFTS[round][step % 4]!), b, c];
      }
    }
    [a, b, c, d] = [(a + before[0]) | 0, (b + before[1]) | 0, (c + before[2]) | 0, (d + before[3]) | 0];
  }
  const digest = Buffer.alloc(16);
  [a, b, c, d].forEach((word, index) => digest.writeInt32LE(word | 0, index * 4));
  return digest;
}
