/**
 * Owns: what Tab offers: commands, tables after FROM and JOIN, the columns of the tables a statement names, keywords.
 * Does not own: reading keys (readline).
 */
import type { Connection } from '../../index.js';

export interface Names {
  readonly tables: readonly string[];
  /** By lower-case table name. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

const KEYWORDS = [
  'SELECT', 'FROM', 'WHERE', 'ORDER BY', 'GROUP BY', 'HAVING', 'LIMIT', 'OFFSET', 'JOIN', 'LEFT JOIN', 'DISTINCT', 'EXPLAIN', 'EXPLAIN ANALYZE', 'WITH', 'UNION ALL',
  'AND', 'OR', 'NOT', 'IN', 'LIKE', 'BETWEEN', 'EXISTS', 'IS NULL', 'IS NOT NULL', 'ASC', 'DESC', 'CASE', 'COUNT(*)', 'COUNT', 'MIN', 'MAX', 'SUM', 'AVG', 'SEARCH', 'FOLDER', 'datetime', 'strftime',
];

export async function readNames(connection: Connection): Promise<Names> {
  const { rows } = await connection.query('SELECT TableName, ColumnName FROM sys_tablecolumns ORDER BY TableName, Ordinal', [], { rowMode: 'array' });
  const tables: string[] = [];
  const columns = new Map<string, string[]>();
  for (const [table, column] of rows.map((row) => row.map(String) as [string, string])) {
    const known = columns.get(table.toLowerCase());
    if (known === undefined) {
      tables.push(table);
      columns.set(table.toLowerCase(), [column]);
    } else known.push(column);
  }
  return { tables, columns };
}

/**
 * What can stand at the end of `line`, and the part of it that is replaced.
 *
 * @param before lines of the same statement above.
 */
export function complete(line: string, before: string, names: Names, commands: Readonly<Record<string, readonly string[]>>): [string[], string] {
  const command = before === '' ? /^\s*(\\\S*)(\s+)?/.exec(line) : null;
  if (command !== null && command[2] === undefined) return [startingWith(Object.keys(commands), command[1]!), command[1]!];
  const start = /\w*$/.exec(line)?.[0] ?? '';
  if (command !== null && command[1] !== '\\explain') {
    const choices = command[1]!.startsWith('\\d') ? names.tables : commands[command[1]!] ?? [];
    return [startingWith(choices, start), start];
  }
  const text = `${before}\n${line}`;
  const earlier = text.slice(0, text.length - start.length);
  const qualifier = /(\w+)\.$/.exec(earlier)?.[1];
  if (qualifier !== undefined) return [startingWith(names.columns.get(tableOf(qualifier, text)) ?? [], start), start];
  if (/\b(?:from|join)\s+(?:\w+(?:\s+(?:as\s+)?\w+)?\s*,\s*)*$/i.test(earlier)) return [startingWith(names.tables, start), start];
  if (start === '') return [[], start];
  const used = [...text.matchAll(/\b(?:from|join)\s+(\w+)/gi)].map(([, name]) => name!.toLowerCase()).filter((name) => names.columns.has(name));
  const near = (used.length > 0 ? used : [...names.columns.keys()]).flatMap((table) => names.columns.get(table) ?? []);
  return [startingWith([...new Set([...near, ...names.tables, ...KEYWORDS])], start), start];
}

/** Lower-case table an alias of the text stands for; the name itself if it is none. */
function tableOf(name: string, text: string): string {
  for (const [, table, alias] of text.matchAll(/\b(?:from|join|,)\s+(\w+)\s+(?:as\s+)?(\w+)/gi)) {
    if (alias!.toLowerCase() === name.toLowerCase()) return table!.toLowerCase();
  }
  return name.toLowerCase();
}

const startingWith = (words: readonly string[], start: string): string[] => words.filter((word) => word.toLowerCase().startsWith(start.toLowerCase()));
