/**
 * Owns: just enough lexing of SQL to bind parameters and to say where an error is.
 * Does not own: reading statements (sql/).
 * Invariants: total; positions are UTF-16 offsets.
 */
export type TokenKind = 'name' | 'quoted' | 'text' | 'number' | 'variable' | 'other';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
}

// Groups: 1 blank or comment, 2 text, 3 quoted name, 4 variable, 5 name, 6 number. SQLite: every character from U+0080 on is a letter.
const TOKEN = /(\s+|--[^\n]*|\/\*[^]*?(?:\*\/|$))|('[^']*(?:''[^']*)*')|("[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`|\[[^\]]*\])|(\?\d*|[:@$#][\w$\u0080-\uffff]+)|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(\d[\w.]*)|[^]/gy;
const KINDS: readonly (TokenKind | undefined)[] = [undefined, undefined, 'text', 'quoted', 'variable', 'name', 'number'];

/** Tokens without blanks and comments. */
export function* tokensOf(sql: string): Generator<Token, void, void> {
  for (const match of sql.matchAll(TOKEN)) {
    if (match[1] !== undefined) continue;
    let kind: TokenKind = 'other';
    for (let group = 2; group < KINDS.length; group += 1) {
      if (match[group] !== undefined) kind = KINDS[group]!;
    }
    yield { kind, text: match[0], position: match.index };
  }
}

/** The name a token stands for, or undefined if it cannot be a name. */
export function nameOf({ kind, text }: Token): string | undefined {
  if (kind === 'name') return text;
  if (kind !== 'quoted') return undefined;
  const inner = text.slice(1, -1);
  if (text.startsWith('[')) return inner;
  const quote = text.charAt(0);
  return inner.replaceAll(quote + quote, quote);
}
