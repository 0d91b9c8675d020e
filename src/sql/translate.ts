/**
 * Owns: what kind of statement a text is, whether it may run, and its text for SQLite.
 * Invariants: one statement a text; positions of errors are the user's.
 */
import { quoteIdentifier } from '../engine/ddl.js';
import { FOREIGN_STATEMENTS, firstWordGuess } from '../engine/keyword-typos.js';
import { ExchangeSqlError } from '../errors.js';
import { beginsCall, blankCall, readCall, type CallStatement } from './call-reader.js';
import { convenienceEdits, type Dialect } from './conveniences.js';
import { applyEdits, type EditedText } from './edits.js';
import { parameterNames, type ParameterNames } from './parameters.js';
import { readSkeleton } from './skeleton-reader.js';
import type { QuerySkeleton } from './skeleton.js';
import { tokenize, type Token } from './tokenizer.js';
import { existsEdits } from './exists-select.js';
import { readWrite } from './write-reader.js';
import type { WriteSkeleton } from './write-skeleton.js';

export type TransactionVerb = 'BEGIN' | 'COMMIT' | 'ROLLBACK';

export type StatementKind = 'select' | 'explain' | 'create-temp' | 'drop' | 'insert' | 'update' | 'delete' | 'call' | 'transaction';

export interface Translated {
  readonly kind: StatementKind;
  /** SQLite's text; for EXPLAIN that of the explained statement, at its own place. */
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly parameters: ParameterNames;
  readonly explain?: { readonly analyze: boolean; readonly format: 'rows' | 'json' };
  /** Clauses of a SELECT. */
  readonly skeleton?: QuerySkeleton;
  /** Of EXEC and CALL, explained or not. */
  readonly call?: CallStatement;
  readonly transaction?: TransactionVerb;
  /** Clauses of INSERT, UPSERT, UPDATE and DELETE; undefined where no target can be found. */
  readonly write?: WriteSkeleton;
  /** Result column names where an edit changed the expression; undefined entries keep SQLite's. */
  readonly columnNames: readonly (string | undefined)[];
  toOriginal(offset: number): number;
}

export function translate(given: string, dialect: Dialect): Translated {
  const text = withoutCallMarks(given);
  const tokens = withoutEnd(tokenize(text));
  const first = tokens[0];
  if (first === undefined) throw new ExchangeSqlError('SYNTAX', 'there is no statement', { hint: 'Write a SELECT, e.g. SELECT subject FROM Messages LIMIT 5.' });
  if (first.key === 'EXPLAIN') return translateExplain(text, tokens, dialect);
  const kind = kindOf(tokens);
  const edited = applyEdits(text, [...convenienceEdits(tokens, dialect), ...(kind === 'update' || kind === 'delete' ? existsEdits(tokens) : [])]);
  return finish(kind, edited, text);
}

/** A call without braces and without the @ of its inputs' names; any other text as it is. Its syntax is checked here, where positions are the user's. */
function withoutCallMarks(text: string): string {
  const tokens = tokenize(text);
  while (tokens.at(-1)?.key === ';') tokens.pop();
  const at = tokens[0]?.key === 'EXPLAIN' ? explainOptions(tokens).at : 0;
  if (!beginsCall(tokens[at]) || tokens.some(({ key }) => key === ';')) return text;
  const blanked = blankCall(text, tokens.slice(at));
  const start = tokens[at]!.start;
  readCall(blanked.slice(0, start).replace(/[^\n]/g, ' ') + blanked.slice(start, tokens.at(-1)!.end), true);
  return blanked;
}

function finish(kind: StatementKind, edited: EditedText, original: string): Translated {
  const tokens = withoutEnd(tokenize(edited.text));
  const text = tokens.length === 0 ? edited.text : edited.text.slice(0, tokens.at(-1)!.end);
  const parameters = parameterNames(tokens);
  if (kind === 'transaction') return { kind, text, tokens, parameters, transaction: readTransaction(tokens), columnNames: [], toOriginal: (offset) => edited.toOriginal(offset) };
  if (kind === 'call') return { kind, text, tokens, parameters, call: readCall(text), columnNames: [], toOriginal: (offset) => edited.toOriginal(offset) };
  if (kind !== 'select') {
    const write = kind === 'insert' || kind === 'update' || kind === 'delete' ? readWrite(tokens) : undefined;
    return { kind, text, tokens, parameters, columnNames: [], toOriginal: (offset) => edited.toOriginal(offset), ...(write === undefined ? {} : { write }) };
  }
  const skeleton = readSkeleton(tokens);
  const names = columnNames(skeleton, edited, original);
  const items = skeleton.arms[0]?.items ?? [];
  if (!items.some(({ star }) => star) || names.every((name) => name === undefined)) {
    return { kind, text, tokens, parameters, skeleton, columnNames: names, toOriginal: (offset) => edited.toOriginal(offset) };
  }
  // How many columns * stands for is not known here, so the names go into the text.
  const aliased = applyEdits(text, items.flatMap(({ expression: { end } }, index) => (names[index] === undefined ? [] : [{ span: { start: end, end }, replacement: ` AS ${quoteIdentifier(names[index])}` }])));
  const aliasedTokens = tokenize(aliased.text);
  return { kind, text: aliased.text, tokens: aliasedTokens, parameters, skeleton: readSkeleton(aliasedTokens), columnNames: [], toOriginal: (offset) => edited.toOriginal(aliased.toOriginal(offset)) };
}

/** Checks that one statement is given, and takes its semicolons off. */
function withoutEnd(tokens: readonly Token[]): Token[] {
  let end = tokens.length;
  while (end > 0 && tokens[end - 1]!.key === ';') end -= 1;
  const rest = tokens.slice(0, end);
  // Triggers hold semicolons of their own; they are refused below anyway.
  const semicolon = rest.find(({ key }) => key === ';');
  if (semicolon !== undefined) throw new ExchangeSqlError('SYNTAX', 'there is more than one statement', { position: semicolon.start, hint: 'Run the statements one by one.' });
  const odd = rest.find(({ kind }) => kind === 'invalid');
  if (odd !== undefined) throw new ExchangeSqlError('SYNTAX', `unexpected character '${odd.text}'`, { position: odd.start, hint: ODD[odd.text] ?? 'Remove it, or put it in quotes.' });
  const blank = rest.find(({ kind, text }) => kind === 'word' && NOT_BLANK.test(text));
  if (blank !== undefined) throw new ExchangeSqlError('SYNTAX', 'there is a no-break or zero-width space where SQL needs an ordinary one', { position: blank.start + blank.text.search(NOT_BLANK), hint: 'Text copied from a web page or a message often holds them; type the spaces again.' });
  return rest;
}

const ODD: Readonly<Record<string, string>> = {
  '#': 'Temporary tables are made with CREATE TEMP TABLE, or named like orders#TEMP.',
  '@': 'There are no server variables; a parameter is written @name.',
  ':': 'A parameter is written :name; a cast CAST(x AS type).',
  '{': "Write the text alone, without { }: '2024-05-01T09:30:00Z'.",
};

/** Characters that look like a blank, but are part of a name. */
const NOT_BLANK = /[\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]/;

function kindOf(tokens: readonly Token[]): StatementKind {
  const first = tokens[0]!;
  const second = tokens[1]?.key ?? '';
  switch (first.key) {
    case 'SELECT':
      refuseInto(tokens);
      return 'select';
    case 'VALUES':
      return 'select';
    case 'WITH':
      return afterWith(tokens);
    case 'CREATE':
      if ((second === 'TEMP' || second === 'TEMPORARY') && ['TABLE', 'VIEW', 'INDEX'].includes(tokens[2]?.key ?? '')) return 'create-temp';
      throw refused(first, `CREATE ${second} is refused: only temporary tables and views can be made`, 'Write CREATE TEMP TABLE name AS SELECT ….');
    case 'DROP':
      return 'drop';
    case 'INSERT':
    case 'REPLACE':
    case 'UPSERT':
      return 'insert';
    case 'UPDATE':
      return 'update';
    case 'DELETE':
      return 'delete';
    case 'BEGIN':
    case 'START':
    case 'COMMIT':
    case 'END':
    case 'ROLLBACK':
      return 'transaction';
    case 'SAVEPOINT':
    case 'RELEASE':
    case 'SAVE':
      throw new ExchangeSqlError('NOT_SUPPORTED', `${first.key} is not offered: a transaction is sent or dropped as a whole`, { position: first.start, hint: 'COMMIT in between, or leave it out.' });
    case 'PRAGMA':
      throw refused(first, 'PRAGMA is refused', 'Metadata is in sys_tables, sys_tablecolumns and information_schema.');
    case 'ATTACH':
    case 'DETACH':
    case 'VACUUM':
    case 'REINDEX':
    case 'ANALYZE':
    case 'ALTER':
      throw refused(first, `${first.key} is refused`, 'SELECT, INSERT, UPDATE, DELETE and temporary tables are offered.');
    case 'MERGE':
      throw refused(first, 'MERGE is not offered', 'Write UPSERT INTO table (columns) SELECT …, INSERT … ON CONFLICT (id) DO UPDATE SET …, or UPDATE … FROM.');
    case 'EXEC':
    case 'EXECUTE':
    case 'CALL':
      return 'call';
    case 'CACHE':
    case 'REPLICATE':
      throw new ExchangeSqlError('NOT_SUPPORTED', `${first.key} is not offered`, { position: first.start, hint: 'Copy rows with CREATE TEMP TABLE … AS SELECT ….' });
    case 'GETDELETED':
      throw new ExchangeSqlError('NOT_SUPPORTED', 'GETDELETED is not offered', { position: first.start, hint: "EXEC GetChanges Source = 'Messages', Token = … gives what was changed and removed since the token." });
    default:
      throw notABeginning(first);
  }
}

function notABeginning(first: Token): ExchangeSqlError {
  const guess = firstWordGuess(first.text);
  const hint = FOREIGN_STATEMENTS[first.key] ?? (guess === undefined ? 'It begins with SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, UPSERT, EXEC, BEGIN, COMMIT, ROLLBACK or EXPLAIN.' : `Did you mean ${guess}?`);
  return new ExchangeSqlError('SYNTAX', `a statement cannot begin with '${first.text}'`, { position: first.start, hint });
}

/** `BEGIN [TRANSACTION]`, `START TRANSACTION`, `COMMIT`, `END`, `ROLLBACK`, in the ways databases write them. */
function readTransaction(tokens: readonly Token[]): TransactionVerb {
  const [first, ...rest] = tokens;
  const words = rest.map(({ key }) => key);
  const position = first!.start;
  if (first!.key === 'ROLLBACK' && words.includes('TO')) throw new ExchangeSqlError('NOT_SUPPORTED', 'ROLLBACK TO is not offered: a transaction is sent or dropped as a whole', { position, hint: 'Write ROLLBACK.' });
  const noise = first!.key === 'BEGIN' ? ['DEFERRED', 'IMMEDIATE', 'EXCLUSIVE', 'TRAN', 'TRANSACTION', 'WORK'] : ['TRAN', 'TRANSACTION', 'WORK'];
  const odd = rest.find(({ key }) => !noise.includes(key));
  if (odd !== undefined || rest.length > 2 || (first!.key === 'START' && words.join(' ') !== 'TRANSACTION')) {
    throw new ExchangeSqlError('SYNTAX', `unexpected '${(odd ?? rest.at(-1) ?? first!).text}' in ${first!.key}`, { position: (odd ?? rest.at(-1) ?? first!).start, hint: 'Write BEGIN, COMMIT or ROLLBACK.' });
  }
  if (first!.key === 'BEGIN' || first!.key === 'START') return 'BEGIN';
  return first!.key === 'ROLLBACK' ? 'ROLLBACK' : 'COMMIT';
}

function refused(token: Token, message: string, hint: string): ExchangeSqlError {
  return new ExchangeSqlError('STATEMENT_REFUSED', message, { position: token.start, hint });
}

function refuseInto(tokens: readonly Token[]): void {
  let depth = 0;
  for (const { key, start } of tokens) {
    if (key === '(') depth += 1;
    if (key === ')') depth -= 1;
    if (depth === 0 && key === 'FROM') return;
    if (depth === 0 && key === 'INTO') throw new ExchangeSqlError('NOT_SUPPORTED', 'SELECT … INTO is not offered', { position: start, hint: 'Write CREATE TEMP TABLE name AS SELECT …, or use --format csv.' });
  }
}

/** The word after the common table expressions decides. */
function afterWith(tokens: readonly Token[]): StatementKind {
  let depth = 0;
  for (const token of tokens) {
    if (token.key === '(') depth += 1;
    if (token.key === ')') depth -= 1;
    if (depth > 0) continue;
    if (token.key === 'SELECT') refuseInto(tokens);
    if (token.key === 'SELECT' || token.key === 'VALUES') return 'select';
    if (token.key === 'INSERT' || token.key === 'REPLACE' || token.key === 'UPSERT') return 'insert';
    if (token.key === 'UPDATE') return 'update';
    if (token.key === 'DELETE') return 'delete';
  }
  return 'select';
}

/** What stands between EXPLAIN and the statement, which begins at `at`. */
function explainOptions(tokens: readonly Token[]): { readonly at: number; readonly analyze: boolean; readonly format: 'rows' | 'json' } {
  let at = 1;
  let analyze = false;
  let format: 'rows' | 'json' = 'rows';
  if (tokens[at]?.key === 'QUERY' && tokens[at + 1]?.key === 'PLAN') at += 2;
  if (tokens[at]?.key === 'ANALYZE') {
    analyze = true;
    at += 1;
  } else if (tokens[at]?.key === '(' && ['ANALYZE', 'FORMAT', 'VERBOSE'].includes(tokens[at + 1]?.key ?? '')) {
    for (at += 1; at < tokens.length && tokens[at]!.key !== ')'; at += 1) {
      if (tokens[at]!.key === 'ANALYZE') analyze = !['FALSE', 'OFF'].includes(tokens[at + 1]?.key ?? '');
      if (tokens[at]!.key === 'FORMAT') format = tokens[at + 1]?.key === 'JSON' ? 'json' : 'rows';
    }
    at += 1;
  }
  return { at, analyze, format };
}

/** `EXPLAIN`, `EXPLAIN ANALYZE`, `EXPLAIN (ANALYZE, FORMAT JSON)`. The prefix becomes blanks, so positions stay. */
function translateExplain(text: string, tokens: readonly Token[], dialect: Dialect): Translated {
  const { at, analyze, format } = explainOptions(tokens);
  const rest = tokens.slice(at);
  if (rest.length === 0) throw new ExchangeSqlError('SYNTAX', 'EXPLAIN needs a statement', { hint: 'Write EXPLAIN SELECT …, or EXPLAIN ANALYZE SELECT ….' });
  const kind = kindOf(rest);
  if (kind === 'create-temp' || kind === 'drop' || kind === 'transaction') throw new ExchangeSqlError('NOT_SUPPORTED', 'EXPLAIN is for SELECT and for statements that write', { position: rest[0]!.start, hint: 'Explain the SELECT by itself.' });
  const blanked = text.slice(0, rest[0]!.start).replace(/[^\n]/g, ' ') + text.slice(rest[0]!.start);
  const edited = applyEdits(blanked, [...convenienceEdits(rest, dialect), ...(kind === 'update' || kind === 'delete' ? existsEdits(rest) : [])]);
  return { ...finish(kind, edited, text), kind: 'explain', explain: { analyze, format } };
}

/** SQLite names an expression by its text; after an edit that would be ours. */
export function columnNames(skeleton: QuerySkeleton, edited: Pick<EditedText, 'text' | 'toOriginal'>, original: string): (string | undefined)[] {
  const items = skeleton.arms[0]?.items ?? [];
  return items.map(({ alias, expression, star }) => {
    if (alias !== undefined || star) return undefined;
    const start = edited.toOriginal(expression.start);
    const end = edited.toOriginal(expression.end);
    const before = original.slice(start, end).trim();
    return before === edited.text.slice(expression.start, expression.end) ? undefined : lastName(before);
  });
}

/** `MSGraph.Messages.subject` is named subject, as SQLite names columns; an expression by its text. */
function lastName(text: string): string {
  const path = /^(?:(?:[\w#]+|\[[^\]]*\]|"[^"]*")\s*\.\s*)+(?:(\w+)|\[([^\]]*)\]|"([^"]*)")$/u.exec(text);
  return path?.[1] ?? path?.[2] ?? path?.[3] ?? text;
}
