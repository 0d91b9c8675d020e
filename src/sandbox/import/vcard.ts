/**
 * Owns: vCard 2.1, 3.0 and 4.0 syntax: unfolding, groups, parameters, quoted-printable, charsets, base64, escapes.
 * Does not own: what a property means for a contact (contact.ts).
 * Why our own: the npm readers lose quoted-printable or read one version only (measured on 984 cards).
 */
import { decodeText } from './text.js';

export interface VcardProperty {
  /** Upper case, without its group. */
  readonly name: string;
  /** Values of TYPE and of bare 2.1 types, upper case. */
  readonly types: readonly string[];
  /** Decoded text; structured values keep their separators escaped until `components`. */
  readonly value: string;
}

export interface Vcard {
  readonly properties: readonly VcardProperty[];
}

export interface VcardResult {
  readonly cards: readonly Vcard[];
  readonly problems: readonly { readonly where: string; readonly what: string }[];
}

export function readVcards(bytes: Uint8Array): VcardResult {
  const cards: Vcard[] = [];
  const problems: { where: string; what: string }[] = [];
  let open: VcardProperty[] | undefined;
  let startedAt = 0;
  const finish = (): void => {
    if (open !== undefined) cards.push({ properties: open });
    open = undefined;
  };
  for (const { text, number } of logicalLines(decodeText(bytes))) {
    if (/^\s*BEGIN\s*:\s*VCARD\s*$/i.test(text)) {
      if (open !== undefined && open.length > 0) finish(); // a card without END
      open = [];
      startedAt = number;
    } else if (/^\s*END\s*:\s*VCARD\s*$/i.test(text)) finish();
    else if (open !== undefined) {
      const property = readProperty(text);
      if (property === undefined) problems.push({ where: `line ${String(number)}`, what: 'unreadable line left out' });
      else open.push(property);
    }
  }
  if (open !== undefined) {
    problems.push({ where: `line ${String(startedAt)}`, what: 'card without END:VCARD, read as far as it goes' });
    finish();
  }
  if (cards.length === 0) problems.push({ where: '', what: 'no vCard found' });
  return { cards, problems };
}

/** Unfolded lines: RFC 6350 folding, and quoted-printable soft breaks of version 2.1. */
function* logicalLines(text: string): Generator<{ text: string; number: number }> {
  const lines = text.split(/\r\n|\n|\r/);
  for (let index = 0; index < lines.length; index += 1) {
    const number = index + 1;
    let line = lines[index]!;
    const quotedPrintable = /^[^:]*QUOTED-PRINTABLE/i.test(line);
    for (;;) {
      const next = lines[index + 1];
      if (next === undefined) break;
      if (quotedPrintable && line.endsWith('=')) line = `${line.slice(0, -1)}${next}`;
      else if (/^[ \t]/.test(next)) line += next.slice(1);
      else break;
      index += 1;
    }
    if (line.trim() !== '') yield { text: line, number };
  }
}

const PROPERTY = /^\s*(?:[\w-]+\.)?([A-Za-z][\w-]*)((?:;(?:"[^"]*"|[^":;]|"[^"]*$)*)*)\s*:(.*)$/s;

function readProperty(line: string): VcardProperty | undefined {
  const match = PROPERTY.exec(line);
  if (match === null) return undefined;
  const types: string[] = [];
  let encoding = '';
  let charset = 'utf-8';
  for (const part of match[2]!.split(';').slice(1)) {
    const [name = '', ...rest] = part.split('=');
    const value = rest.join('=').replace(/^"|"$/g, '');
    const key = name.trim().toUpperCase();
    if (rest.length === 0) {
      if (key === 'QUOTED-PRINTABLE' || key === 'BASE64') encoding = key;
      else types.push(key);
    } else if (key === 'TYPE') types.push(...value.split(',').map((type) => type.trim().toUpperCase()));
    else if (key === 'ENCODING') encoding = value.toUpperCase();
    else if (key === 'CHARSET') charset = value;
    else if (key === 'PREF') types.push('PREF');
  }
  const raw = match[3]!;
  const value = encoding === 'QUOTED-PRINTABLE' ? quotedPrintable(raw, charset) : raw;
  return { name: match[1]!.toUpperCase(), types, value };
}

function quotedPrintable(text: string, charset: string): string {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const hex = text[index] === '=' ? /^[0-9A-Fa-f]{2}/.exec(text.slice(index + 1, index + 3))?.[0] : undefined;
    if (hex !== undefined) {
      bytes.push(Number.parseInt(hex, 16));
      index += 2;
    } else bytes.push(...Buffer.from(text[index]!, 'utf8'));
  }
  try {
    return new TextDecoder(charset).decode(Uint8Array.from(bytes));
  } catch {
    return decodeText(Uint8Array.from(bytes));
  }
}

/** A text value with its escapes undone. */
export function plainText(value: string): string {
  return value.replace(/\\([nN,;:\\])/g, (_, escaped: string) => (escaped === 'n' || escaped === 'N' ? '\n' : escaped)).trim();
}

/** Components of a structured value (N, ADR, ORG). */
export function components(value: string): string[] {
  return value.split(/(?<!\\);/).map(plainText);
}
