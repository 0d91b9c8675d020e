/**
 * Owns: cutting an option's text into tokens with their positions.
 * Does not own: meaning.
 * Invariants: blanks may be repeated; strings are 'x' with '' for a quote; date, date-time, time, guid and duration are read bare.
 */
import { badLiteral, invalidCharacter, unterminatedString } from './error.js';

export type TokenKind = 'name' | 'string' | 'integer' | 'decimal' | 'date' | 'dateTime' | 'time' | 'guid' | 'duration' | 'mark' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The text as written; of a string its value. */
  readonly text: string;
  readonly position: number;
  readonly end: number;
}

// Longest shapes first: a guid or a date-time may begin like a number.
const SHAPES: readonly (readonly [TokenKind, RegExp])[] = [
  ['guid', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])/iy],
  ['dateTime', /-?\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,12})?)?(Z|[+-]\d{2}:?\d{2})?(?![\w:.])/iy],
  ['date', /-?\d{4}-\d{2}-\d{2}(?![\w:-])/y],
  ['time', /\d{2}:\d{2}(:\d{2}(\.\d{1,12})?)?(?![\w:])/y],
  ['decimal', /-?\d+(\.\d+([eE][+-]?\d+)?|[eE][+-]?\d+)[mMdDfF]?(?!\w)/y],
  ['decimal', /-?\d+[mMdDfF](?!\w)/y],
  ['integer', /-?\d+[lL]?(?!\w)/y],
  ['duration', /duration'[^']*'/iy],
  // Dots belong to qualified names (microsoft.graph.eventMessage, Edm.Int32); `@odata.type` style names are never filtered on.
  ['name', /[\p{L}_$][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*/uy],
];
const MARKS = '(),/:;*=';
// A number right after an operand would be swallowed with its minus sign; OData has no infix minus, so that is no matter.

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text.charAt(at))) at++;
    if (at >= text.length) break;
    const token = next(text, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', position: text.length, end: text.length });
  return tokens;
}

function next(text: string, at: number): Token {
  const first = text.charAt(at);
  if (first === "'") return quoted(text, at);
  for (const [kind, shape] of SHAPES) {
    shape.lastIndex = at;
    const found = shape.exec(text);
    if (found !== null) return { kind, text: found[0], position: at, end: at + found[0].length };
  }
  if (MARKS.includes(first)) return { kind: 'mark', text: first, position: at, end: at + 1 };
  if (first === '-') return { kind: 'mark', text: first, position: at, end: at + 1 };
  if (/\d/.test(first)) {
    const word = /^[\w.:+-]+/.exec(text.slice(at))?.[0] ?? first;
    throw badLiteral('Edm.Int32', word, at, text);
  }
  throw invalidCharacter(String.fromCodePoint(text.codePointAt(at) ?? 0), at, text);
}

function quoted(text: string, at: number): Token {
  let value = '';
  for (let index = at + 1; index < text.length; index++) {
    const character = text.charAt(index);
    if (character !== "'") value += character;
    else if (text.charAt(index + 1) === "'") {
      value += "'";
      index++;
    } else return { kind: 'string', text: value, position: at, end: index + 1 };
  }
  throw unterminatedString(text.length, text);
}
