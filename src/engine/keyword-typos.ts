/**
 * Owns: which misspelled keyword a syntax error may come from.
 * Invariants: runs only after an error; no guess rather than a wild one.
 */
import { similarNames } from '../catalog/similar.js';
import { tokensOf, type Token } from './tokens.js';

const KEYWORDS = ['SELECT', 'FROM', 'WHERE', 'GROUP BY', 'ORDER BY', 'PARTITION BY', 'HAVING', 'LIMIT', 'OFFSET', 'JOIN', 'INNER JOIN', 'LEFT JOIN', 'UNION', 'DISTINCT', 'BETWEEN', 'EXISTS', 'WHEN', 'THEN', 'ELSE', 'VALUES', 'LIKE'];
const KNOWN = new Set([...KEYWORDS.flatMap((keyword) => keyword.split(' ')), 'AND', 'OR', 'NOT', 'AS', 'ON', 'IN', 'IS', 'NULL', 'CASE', 'END', 'ASC', 'DESC', 'ALL', 'USING', 'CROSS', 'OUTER', 'FULL', 'RIGHT', 'NATURAL', 'WITH', 'OVER']);
/** Words of other dialects, and what to write. */
const FOREIGN: Readonly<Record<string, string>> = {
  OPTION: 'Leave OPTION (…) out: there is nothing to advise.',
  PIVOT: 'Write count(*) FILTER (WHERE x = …) for each column.',
  UNPIVOT: 'Write SELECT … UNION ALL SELECT … for each column.',
  JSON: 'Leave FOR JSON out, or use json_group_array(json_object(…)).',
  XML: 'Leave FOR XML out, or use group_concat(x, …).',
  LATERAL: 'Take one value by a subquery in the select list, or read a JSON column by JOIN json_each(x).',
};

/** First words of statements that there are not. */
export const FOREIGN_STATEMENTS: Readonly<Record<string, string>> = {
  SHOW: 'SELECT TableName FROM sys_tables lists the tables.',
  DESCRIBE: "SELECT ColumnName, DataTypeName FROM sys_tablecolumns WHERE TableName = '…' lists the columns of a table.",
  DESC: "SELECT ColumnName, DataTypeName FROM sys_tablecolumns WHERE TableName = '…' lists the columns of a table.",
  USE: 'Leave it out: all tables are in MSGraph, and userId chooses the mailbox.',
  SET: 'Settings are properties of the connection; values are given as parameters (@name).',
  DECLARE: 'Values are given as parameters (@name).',
  GO: 'Run the statements one by one.',
  PRINT: 'Write SELECT.',
  TRUNCATE: 'Write DELETE FROM ….',
  GRANT: 'Permissions are given in the Microsoft Entra admin center.',
};

const NEEDS_BY = new Set(['GROUP', 'ORDER', 'PARTITION']);

/** "Did you mean …?" for the token at `position` or one of the two before it. */
export function keywordHint(sql: string, position: number | undefined): string | undefined {
  const tokens = [...tokensOf(sql)];
  const at = position === undefined ? tokens.length - 1 : tokens.findIndex((token) => token.position >= position);
  if (at < 0) return undefined;
  for (const index of [at - 1, at, at - 2]) {
    const foreign = FOREIGN[tokens[index]?.text.toUpperCase() ?? ''];
    if (foreign !== undefined) return foreign;
  }
  if (tokens[at]!.text === '=' && tokens[at - 1]?.text === '*') return 'Write LEFT JOIN … ON a = b.';
  if (tokens[at]!.kind === 'name' && KNOWN.has(tokens[at]!.text.toUpperCase()) && ['SELECT', ',', '.'].includes(tokens[at - 1]?.text.toUpperCase() ?? '')) return `${tokens[at]!.text} is a keyword: as a name it is written "${tokens[at]!.text}".`;
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
