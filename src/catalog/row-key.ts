/**
 * Owns: the RowKey: a text that stands for an id where texts are compared without case.
 * Does not own: which tables have one (row-key-columns.ts), turning it into requests (graph/row-keys.ts).
 * Invariants: decode(encode(id)) = id for every text; two ids never share a RowKey, whatever the case of its letters; only what
 * encode gives is decoded, so that comparing RowKeys says exactly what comparing ids says.
 *
 * The form: one bit for the kind, then the id's characters, five bits a digit, the last digit filled up with zeros. Kind 0 has
 * seven bits a character and holds ASCII, which every id of the service is; kind 1 has sixteen and holds the code units of any
 * other text. Digits are 0-9 and A-V, so RowKeys sort as their ids do by code. Nothing stands for nothing.
 */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUV';
const DIGIT_BITS = 5;
const ASCII_BITS = 7;
const UNIT_BITS = 16;

const VALUES = new Int8Array(128).fill(-1);
for (let value = 0; value < DIGITS.length; value += 1) VALUES[DIGITS.charCodeAt(value)] = value;

const ASCII = /^[\0-\x7f]*$/;

/**
 * The RowKey of an id. For ASCII at most 8/5 of the id's length, rounded up (⌈(7n + 1) / 5⌉ digits for n characters; 213 for the usual
 * 152); for any other text ⌈(16n + 1) / 5⌉, 8/5 of its bytes in UTF-16.
 *
 * @example
 * encodeRowKey('AAMk=') === encodeRowKey('aaMk='); // false, and not equal without case either
 */
export function encodeRowKey(id: string): string {
  if (id === '') return '';
  const ascii = ASCII.test(id);
  const width = ascii ? ASCII_BITS : UNIT_BITS;
  let held = ascii ? 0 : 1;
  let bits = 1;
  let text = '';
  for (let at = 0; at < id.length; at += 1) {
    held = (held << width) | id.charCodeAt(at);
    bits += width;
    while (bits >= DIGIT_BITS) {
      bits -= DIGIT_BITS;
      text += DIGITS.charAt((held >>> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + DIGITS.charAt((held << (DIGIT_BITS - bits)) & 31);
}

/** The id of a RowKey; undefined if no id has that RowKey. */
export function decodeRowKey(key: string): string | undefined {
  if (key === '') return '';
  const first = digitAt(key, 0);
  if (first < 0) return undefined;
  const width = first < 16 ? ASCII_BITS : UNIT_BITS;
  const mask = (1 << width) - 1;
  let held = first & 15;
  let bits = DIGIT_BITS - 1;
  const units: number[] = [];
  for (let at = 1; at < key.length; at += 1) {
    const digit = digitAt(key, at);
    if (digit < 0) return undefined;
    held = (held << DIGIT_BITS) | digit;
    bits += DIGIT_BITS;
    if (bits < width) continue;
    bits -= width;
    units.push((held >>> bits) & mask);
    held &= (1 << bits) - 1;
  }
  const id = textOf(units);
  // A digit too many, bits left over, ASCII written with sixteen bits: no id is encoded so.
  return id !== '' && encodeRowKey(id) === key ? id : undefined;
}

/** Digits of the longest RowKey of ASCII ids of at most `length` characters. */
export const longestRowKey = (length: number): number => (length === 0 ? 0 : Math.ceil((ASCII_BITS * length + 1) / DIGIT_BITS));

function digitAt(key: string, at: number): number {
  const code = key.charCodeAt(at);
  return code < 128 ? VALUES[code]! : -1;
}

/** In pieces: a call takes a limited number of arguments. */
function textOf(units: readonly number[]): string {
  let text = '';
  for (let at = 0; at < units.length; at += 4096) text += String.fromCharCode(...units.slice(at, at + 4096));
  return text;
}
