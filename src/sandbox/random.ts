/**
 * Owns: the sandbox's seeded hashing (ids, faults, made-up values). Nothing here is random twice: same seed, same bytes.
 * Does not own: what is made of the numbers.
 * Invariants: integers are unsigned 32 bit.
 */

/** Mixes 32-bit integers into one (murmur3's finalizer over a running state). */
export function mix(...parts: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const part of parts) {
    // Parts above 32 bits (row numbers) are folded from both halves.
    state = Math.imul(state ^ (part >>> 0) ^ Math.imul(Math.floor(part / 4294967296) + 1, 0x85ebca6b), 0xcc9e2d51);
    state = (state << 15) | (state >>> 17);
    state = Math.imul(state, 0x1b873593);
  }
  state ^= state >>> 16;
  state = Math.imul(state, 0x85ebca6b);
  state ^= state >>> 13;
  state = Math.imul(state, 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

export function mixText(seed: number, text: string): number {
  let state = mix(seed, text.length);
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 16777619) >>> 0;
  return mix(state);
}

/** A stream of numbers in [0, 1). */
export function stream(seed: number): () => number {
  let step = 0;
  return () => mix(seed, ++step) / 4294967296;
}

/** A GUID that looks random (version 4) and depends only on its arguments. */
export function guid(...parts: readonly number[]): string {
  let hex = '';
  for (let word = 0; word < 4; word++) hex += mix(...parts, word + 101).toString(16).padStart(8, '0');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** `length` url-safe base64 digits that depend only on `parts`. */
export function base64Digits(length: number, ...parts: readonly number[]): string {
  let text = '';
  let word = 0;
  for (let index = 0; text.length < length; index++) {
    if (index % 5 === 0) word = mix(...parts, index);
    text += ALPHABET.charAt(word & 63);
    word >>>= 6;
  }
  return text;
}

/** `value` as fixed-width base64 digits, most significant first. */
export function toDigits(value: number, width: number): string {
  let text = '';
  let rest = value;
  for (let index = 0; index < width; index++) {
    text = ALPHABET.charAt(rest % 64) + text;
    rest = Math.floor(rest / 64);
  }
  return text;
}

export function fromDigits(text: string): number {
  let value = 0;
  for (const digit of text) value = value * 64 + ALPHABET.indexOf(digit);
  return value;
}
