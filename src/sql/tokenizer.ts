/**
 * Owns: SQL text to tokens with exact positions.
 * Invariants: total but for unterminated strings and names (a comment may run to the end, as in SQLite); spans are UTF-16 offsets;
 * comments and blanks yield nothing. Blanks are SQLite's: every character from U+0080 on, a no-break space too, is part of a name. A `#` inside a name (T#TEMP) is read as part of it;
 * SQLite takes it in quotes only (conveniences.ts).
 */
import { ExchangeSqlError } from '../errors.js';
import type { Span } from './ast.js';

export type TokenKind = 'word' | 'quoted' | 'string' | 'blob' | 'number' | 'parameter' | 'operator' | 'invalid';

export interface Token extends Span {
  readonly kind: TokenKind;
  readonly text: string;
  /** Upper case for words, the operator itself for operators, '' otherwise: what clauses are found by. */
  readonly key: string;
}

// 1 blank/comment 2 blob 3 string 4 quoted 5 parameter 6 number 7 word 8 operator
const TOKEN =
  /([ \t\n\v\f\r\ufeff]+|--[^\n]*|\/\*[^]*?(?:\*\/|$))|([xX]'[0-9A-Fa-f]*')|([nN]?'(?:[^']|'')*')|("(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(\?\d*|[:@$][\w$\u0080-\u{10ffff}]+)|(0[xX][0-9A-Fa-f_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)|([A-Za-z_\u0080-\u{10ffff}][\w$#\u0080-\u{10ffff}]*)|(\|\||->>|->|<<|>>|<=|>=|<>|!=|==|[-+*/%&|<>=~(),.;])/uy;
const KINDS: readonly (TokenKind | undefined)[] = [undefined, undefined, 'blob', 'string', 'quoted', 'parameter', 'number', 'word', 'operator'];

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      refuseUnterminated(text, at);
      tokens.push({ kind: 'invalid', text: text[at]!, key: text[at]!, start: at, end: at + 1 });
      at += 1;
      continue;
    }
    const end = TOKEN.lastIndex;
    if (match[1] === undefined) {
      let kind: TokenKind = 'invalid';
      for (let group = 2; group < KINDS.length; group += 1) {
        if (match[group] !== undefined) {
          kind = KINDS[group]!;
          break;
        }
      }
      const token = match[0];
      tokens.push({ kind, text: token, key: kind === 'word' ? token.toUpperCase() : kind === 'operator' ? token : '', start: at, end });
    }
    at = end;
  }
  return tokens;
}

function refuseUnterminated(text: string, at: number): void {
  const quote = text.charAt(at);
  if (!`'"\`[`.includes(quote)) return;
  const what = quote === "'" ? 'string' : 'quoted name';
  throw new ExchangeSqlError('SYNTAX', `the ${what} that begins here is not closed`, { position: at, hint: quote === "'" ? "Close it with '; a quote inside a string is written twice." : 'Close the name with the quote it begins with.' });
}

/** The name a token stands for where SQLite takes nothing but a name: there a string is one, too (`FROM 'Messages'`). */
export function nameOrText(token: Token): string | undefined {
  return token.kind === 'string' ? token.text.slice(1, -1).replaceAll("''", "'") : nameOf(token);
}

/** The name a word or quoted token stands for. */
export function nameOf(token: Token): string | undefined {
  if (token.kind === 'word') return token.text;
  if (token.kind !== 'quoted') return undefined;
  const inner = token.text.slice(1, -1);
  if (token.text.startsWith('[')) return inner;
  const quote = token.text[0]!;
  return inner.replaceAll(quote + quote, quote);
}
