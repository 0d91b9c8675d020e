/**
 * Owns: which misspelled keyword a syntax error may come from.
 * Invariants: runs only after an error; no guess rather than a wild one.
 */
import { similarNames } from '../catalog/similar.js';
import { tokensOf, type Token } from './tokens.js';

const KEYWORDS = ['SELECT', 'FROM', 'WHERE', 'GROUP BY', 'ORDER BY', 'PARTITION BY', 'HAVING', 'LIMIT', 'OFFSET', 'JOIN', 'INNER JOIN', 'LEFT JOIN', 'UNION', 'DISTINCT', 'BETWEEN', 'EXISTS', 'WHEN', 'THEN', 'ELSE', 'VALUES', 'LIKE'];
const KNOWN = new Set([...KEYWORDS.flatMap((keyword) => keyword.split(' ')), 'AND', 'OR', 'NOT', 'AS', 'ON', 'IN', 'IS', 'NULL', 'CASE', 'END', 'ASC', 'DESC', 'ALL', 'USING', 'CROSS', 'OUTER', 'FULL', 'RIGHT', 'NATURAL', 'WITH', 'OVER']);
const NEEDS_BY = new Set(['GROUP', 'ORDER', 'PARTITION']);

/** "Did you mean …?" for the token at `position` or one of the two before it. */
export function keywordHint(sql: string, position: number | undefined): string | undefined {
  const tokens = [...tokensOf(sql)];
  const at = position === undefined ? tokens.length - 1 : tokens.findIndex((token) => token.position >= position);
  if (at < 0) return undefined;
  if (tokens[at]!.text === '&' && tokens[at - 1]?.text === '&') return 'Did you mean AND?';
  // The nearest word before the error first: SQLite took it for an alias.
  for (const index of [at - 1, at, at - 2]) {
    const guess = guessOf(tokens[index], tokens[index + 1]);
    if (guess !== undefined) return `Did you mean ${guess}${index === at ? '' : ` instead of ${tokens[index]!.text}`}?`;
  }
  return undefined;
}

function guessOf(token: Token | undefined, next: Token | undefined): string | undefined {
  if (token?.kind !== 'name' || token.text.length < 4) return undefined;
  const word = token.text.toUpperCase();
  if (NEEDS_BY.has(word)) return next?.text.toUpperCase() === 'BY' ? undefined : `${word} BY`;
  if (KNOWN.has(word)) return undefined;
  const squeezed = KEYWORDS.find((keyword) => keyword.includes(' ') && keyword.replace(' ', '') === word);
  if (squeezed !== undefined) return squeezed;
  return similarNames(word, KEYWORDS, KEYWORDS.length).find((keyword) => Math.abs(keyword.length - word.length) <= 1);
}

/** The same for the first word of a statement. */
export const firstWordGuess = (word: string): string | undefined => similarNames(word.toUpperCase(), ['SELECT', 'WITH', 'VALUES', 'EXPLAIN', 'INSERT', 'UPDATE', 'DELETE', 'UPSERT', 'CREATE', 'DROP', 'EXEC', 'CALL'], 1).find((keyword) => Math.abs(keyword.length - word.length) <= 1);
