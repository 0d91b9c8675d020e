/**
 * Owns: SQLite's messages as ExchangeSqlError with code, position and a hint.
 * Does not own: errors of own functions, which are thrown as they are.
 * Invariants: a message names the thing; no SqliteError leaves the engine.
 */
import { ExchangeSqlError, type ErrorCode } from '../errors.js';
import { similarNames } from '../catalog/similar.js';
import { substituteFor } from './functions/substitutes.js';
import { keywordHint } from './keyword-typos.js';
import { locateCall, locateName, locateSyntaxError, type Complaint } from './locate.js';
import { nameOf, tokensOf } from './tokens.js';

/** What names there are, for suggestions. */
export interface Names {
  tables(): readonly string[];
  /** Columns of a table by name without case; empty if there is none. */
  columns(table: string): readonly string[];
  functions(): readonly string[];
  /** A known table that cannot be read, and why. */
  notOffered(name: string): { readonly name: string; readonly reason: string } | undefined;
  /** Why a table has no column of a name that such tables have elsewhere. */
  lacking(table: string, column: string): string | undefined;
}

const didYouMean = (guesses: readonly string[]): string | undefined => {
  if (guesses.length === 0) return undefined;
  if (guesses.length === 1) return `Did you mean ${guesses[0]!}?`;
  return `Did you mean ${guesses.slice(0, -1).join(', ')} or ${guesses.at(-1)!}?`;
};

function failure(code: ErrorCode, message: string, hint: string | undefined, position: number | undefined, cause: unknown): ExchangeSqlError {
  return new ExchangeSqlError(code, message, { ...(hint === undefined ? {} : { hint }), ...(position === undefined ? {} : { position }), cause });
}

/** The error of preparing `sql`. */
export function prepareError(error: unknown, sql: string, names: Names, complaint: Complaint): ExchangeSqlError {
  if (error instanceof ExchangeSqlError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('more than one statement')) return failure('SYNTAX', 'the text holds more than one statement', 'Run one statement at a time.', secondStatement(sql), error);
  if (message.includes('contains no statements')) return failure('SYNTAX', 'the text holds no statement', 'Write a SELECT.', undefined, error);

  const near = /^near "([^]*)": syntax error$/.exec(message)?.[1];
  if (near !== undefined) {
    const position = locateSyntaxError(sql, near, complaint);
    return failure('SYNTAX', `syntax error at ${near}`, keywordHint(sql, position), position, error);
  }
  if (message === 'incomplete input') return failure('SYNTAX', 'the statement ends too early', 'Something is missing at the end, perhaps a closing parenthesis.', sql.length, error);
  const unknownToken = /^unrecognized token: "([^]*)"$/.exec(message)?.[1];
  if (unknownToken !== undefined) return unrecognized(unknownToken, sql, error);

  const table = /^no such table: ([^]*)$/.exec(message)?.[1];
  if (table !== undefined) return unknownTable(table, sql, names, message, complaint, error);
  const column = /^no such column: ([^]*?)( - should this be a string literal in single-quotes\?)?$/.exec(message);
  if (column?.[1] !== undefined) return unknownColumn(column[1], column[2] !== undefined, sql, names, message, complaint, error);
  const given = /^table ([^]*) has no column named ([^]*)$/.exec(message);
  if (given?.[1] !== undefined && given[2] !== undefined) return unknownColumn(given[2], false, sql, names, message, complaint, error, [given[1]]);
  const using = /^cannot join using column ([^]*) - column not present in both tables$/.exec(message)?.[1];
  if (using !== undefined) return failure('UNKNOWN_COLUMN', `USING(${using}): the column is not in both tables`, didYouMean(similarNames(using, columnsOf(tablesInScope(sql, names), names))), locateName(sql, [using], message, complaint), error);
  const ambiguous = /^ambiguous column name: ([^]*)$/.exec(message)?.[1];
  if (ambiguous !== undefined) return failure('AMBIGUOUS_COLUMN', `several tables of the statement have a column ${ambiguous}`, `Write it with the table's name or alias: t.${ambiguous.split('.').at(-1)!}.`, locateName(sql, ambiguous.split('.'), message, complaint), error);
  const called = /^no such function: ([^]*)$/.exec(message)?.[1];
  if (called !== undefined) return unknownFunction(called, sql, names, error);

  const misuse = /^(?:misuse of (?:aggregate|window) function|misuse of aggregate:|wrong number of arguments to function|) ?([\w$]+)\(\)/.exec(message)?.[1];
  return failure('SYNTAX', message, hintFor(message), misuse === undefined ? undefined : locateCall(sql, misuse), error);
}

function hintFor(message: string): string | undefined {
  if (message.startsWith('misuse of aggregate')) return 'Aggregates stand in the select list, HAVING or ORDER BY; filter on them with HAVING.';
  if (message.startsWith('misuse of window function')) return 'Window functions need OVER (…) and stand in the select list or ORDER BY.';
  if (message.startsWith('circular reference')) return 'Write WITH RECURSIVE, or give the common table expression another name.';
  return undefined;
}

function unrecognized(token: string, sql: string, cause: unknown): ExchangeSqlError {
  const at = sql.lastIndexOf(token);
  const position = at < 0 ? undefined : at;
  if (token.startsWith("'")) return failure('SYNTAX', 'a text is not closed', "Close it with ' and write a quote inside as ''.", position, cause);
  if (/^["`[]/.test(token)) return failure('SYNTAX', 'a quoted name is not closed', undefined, position, cause);
  return failure('SYNTAX', `${token.slice(0, 40)} is not understood`, undefined, position, cause);
}

/** Folders that other drivers offer as tables. */
const FOLDERS = ['inbox', 'drafts', 'sentitems', 'deleteditems', 'junkemail', 'outbox', 'archive'];

function unknownTable(dotted: string, sql: string, names: Names, message: string, complaint: Complaint, cause: unknown): ExchangeSqlError {
  const path = dotted.split('.');
  const name = path.at(-1)!;
  const tables = names.tables();
  const refused = names.notOffered(name);
  if (refused !== undefined) return failure('NOT_SUPPORTED', `the table ${refused.name} is not offered: ${refused.reason}`, 'SELECT TableName FROM sys_tables lists the tables.', locateName(sql, path, message, complaint), cause);
  const known = tables.find((table) => table.toLowerCase() === name.toLowerCase());
  const hint = known !== undefined && path.length > 1 ? `There is a table ${known} without ${path[0]!}.` : didYouMean(similarNames(name, tables));
  const folder = FOLDERS.find((one) => one === name.replace(/[_ ]/g, '').toLowerCase());
  const inFolder = folder === undefined ? undefined : `${name} is a folder: SELECT … FROM Messages WHERE parentFolderId = '${folder}'.`;
  return failure('UNKNOWN_TABLE', `there is no table ${dotted}`, inFolder ?? hint ?? 'SELECT TableName FROM sys_tables lists the tables.', locateName(sql, path, message, complaint), cause);
}

function unknownColumn(shown: string, quoted: boolean, sql: string, names: Names, message: string, complaint: Complaint, cause: unknown, within?: readonly string[]): ExchangeSqlError {
  const path = quoted ? [shown.replace(/^"([^]*)"$/, '$1')] : shown.split('.');
  const name = path.at(-1)!;
  const position = locateName(sql, path, message, complaint);
  const tables = within ?? tablesInScope(sql, names, path.at(-2));
  for (const table of tables) {
    const why = names.lacking(table, name);
    if (why !== undefined) return failure('NOT_SUPPORTED', `${table} has no column ${name}: ${why}`, 'Leave the column out.', position, cause);
  }
  const guess = didYouMean(similarNames(name, columnsOf(tables, names)));
  const literal = quoted ? `Text stands in single quotes: '${name}'.` : undefined;
  const listed = tables.length === 1 ? `SELECT ColumnName FROM sys_tablecolumns WHERE TableName = '${tables[0]!}' lists the columns.` : undefined;
  const hint = [guess, literal].filter((part) => part !== undefined).join(' ');
  return failure('UNKNOWN_COLUMN', `there is no column ${path.join('.')}`, hint === '' ? listed : hint, position, cause);
}

/** The tables that the text names, all if it names none; one table if `qualifier` is one, or the alias of one. */
function tablesInScope(sql: string, names: Names, qualifier?: string): readonly string[] {
  const known = new Map(names.tables().map((table) => [table.toLowerCase(), table]));
  const named = new Set<string>();
  let qualified: string | undefined;
  let before: readonly (string | undefined)[] = [];
  for (const token of tokensOf(sql)) {
    const name = nameOf(token)?.toLowerCase();
    const table = name === undefined ? undefined : known.get(name);
    if (table !== undefined) named.add(table);
    if (qualifier !== undefined && name === qualifier.toLowerCase()) {
      const previous = before.at(-1) === 'as' ? before.at(-2) : before.at(-1);
      qualified ??= table ?? (previous === undefined ? undefined : known.get(previous));
    }
    before = [before.at(-1), name];
  }
  if (qualified !== undefined) return [qualified];
  return [...(named.size > 0 ? named : known.values())];
}

const columnsOf = (tables: readonly string[], names: Names): readonly string[] => [...new Set(tables.flatMap((table) => names.columns(table)))];

function unknownFunction(name: string, sql: string, names: Names, cause: unknown): ExchangeSqlError {
  const hint = substituteFor(name) ?? didYouMean(similarNames(name, names.functions()));
  return failure('UNKNOWN_FUNCTION', `there is no function ${name}`, hint, locateCall(sql, name), cause);
}

function secondStatement(sql: string): number | undefined {
  for (const token of tokensOf(sql)) if (token.text === ';') return token.position;
  return undefined;
}

/** The error of running a statement that was prepared. */
export function runError(error: unknown): Error {
  if (error instanceof ExchangeSqlError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'SQLITE_FULL' || code === 'SQLITE_NOMEM' || code === 'SQLITE_TOOBIG') return failure('STATEMENT_TOO_LARGE', `the statement needs more room than there is: ${message}`, 'Select fewer columns or rows.', undefined, error);
  if (message.startsWith('not authorized')) return failure('STATEMENT_REFUSED', message, undefined, undefined, error);
  if (message.startsWith('unable to use function MATCH')) return failure('NOT_SUPPORTED', 'MATCH does not work on these tables', "Use LIKE, or SEARCH('…') on Messages.", undefined, error);
  if (code.startsWith('SQLITE_')) return failure('BAD_VALUE', message, undefined, undefined, error);
  return failure('INTERNAL', message, undefined, undefined, error);
}
