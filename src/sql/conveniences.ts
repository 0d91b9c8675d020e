/**
 * Owns: token edits for what people write and SQLite lacks: TOP, FETCH FIRST, qualified names, T#TEMP, T-SQL functions, the clock.
 * Does not own: which functions exist (engine/functions/), timestamps' comparison (planner/).
 * Invariants: the text stays the user's own but for the edited tokens; the clock is the statement's, read once; a plain `?` keeps
 * its place in the order of values, so one that has to move gets a name (row-limits.ts).
 */
import { quoteIdentifier } from '../engine/ddl.js';
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import { refuseApply, refuseOtherMeaning, tableHint } from './dialect-words.js';
import { edit, type Edit } from './edits.js';
import { fetchEdits, topEdits } from './row-limits.js';
import { nameOf, type Token } from './tokenizer.js';
import { replacementFor } from './unsupported-functions.js';

export interface Dialect {
  /** The statement's clock. */
  readonly now: Date;
  /** Schema names that may stand before a table's name and mean nothing. */
  readonly schemas: readonly string[];
  readonly catalogs: readonly string[];
  /** Id of the row that the connection inserted last: SCOPE_IDENTITY(). */
  readonly identity?: SqlValue;
}

export function convenienceEdits(tokens: readonly Token[], dialect: Dialect): Edit[] {
  const clock = clockTexts(dialect.now);
  const close = closings(tokens);
  const edits: Edit[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    if (token.kind === 'string' && /^[nN]'/.test(token.text)) edits.push(edit(token, token, token.text.slice(1)));
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    if (tokens[index + 1]?.key === '(' && nameOf(token)?.toUpperCase() === 'LOAD_EXTENSION') {
      throw new ExchangeSqlError('STATEMENT_REFUSED', 'load_extension is refused', { position: token.start, hint: 'Extensions cannot be loaded.' });
    }
    if (token.kind === 'word' && token.text.includes('#')) edits.push(edit(token, token, quoteIdentifier(token.text)));
    const before = tokens[index - 1];
    if (before?.key === '.') continue;
    if (tokens[index + 1]?.key === '.') {
      edits.push(...qualified(tokens, index, dialect));
      continue;
    }
    // DATE '2026-01-01' is how standard SQL writes what is a text here.
    if (token.kind === 'word' && (token.key === 'DATE' || token.key === 'TIMESTAMP') && tokens[index + 1]?.kind === 'string' && /^'\d{4}-/.test(tokens[index + 1]!.text)) {
      edits.push(edit(token, token, ''));
      continue;
    }
    // A default is evaluated when a row is inserted, not now.
    if (token.kind !== 'word' || before?.key === 'DEFAULT') continue;
    switch (token.key) {
      case 'SELECT':
        edits.push(...topEdits(tokens, index, close));
        break;
      case 'OFFSET':
      case 'FETCH':
        edits.push(...fetchEdits(tokens, index, close));
        break;
      case 'WITH':
        edits.push(...tableHint(tokens, index, close));
        break;
      case 'APPLY':
        refuseApply(tokens, index);
        break;
      case 'CURRENT_TIMESTAMP':
        edits.push(edit(token, token, clock.timestamp));
        break;
      case 'CURRENT_DATE':
        edits.push(edit(token, token, clock.date));
        break;
      case 'CURRENT_TIME':
        edits.push(edit(token, token, clock.time));
        break;
      default:
        if (tokens[index + 1]?.key === '(') edits.push(...call(tokens, index, close.get(index + 1), clock, dialect.identity ?? null), ...tableHint(tokens, index + 1, close));
    }
  }
  return edits;
}

interface ClockTexts {
  readonly timestamp: string;
  /** With milliseconds, which SQLite's own 'now' has, too. */
  readonly instant: string;
  readonly date: string;
  readonly time: string;
}

/** GETDATE is local time elsewhere; here every timestamp is UTC, the clock too. */
function clockTexts(now: Date): ClockTexts {
  const iso = now.toISOString();
  return { timestamp: `'${iso.slice(0, 19)}Z'`, instant: `'${iso}'`, date: `'${iso.slice(0, 10)}'`, time: `'${iso.slice(11, 19)}'` };
}

function closings(tokens: readonly Token[]): Map<number, number> {
  const close = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach(({ key }, index) => {
    if (key === '(') open.push(index);
    else if (key === ')') {
      const from = open.pop();
      if (from !== undefined) close.set(from, index);
    }
  });
  return close;
}

const KEPT_SCHEMAS = new Set(['information_schema', 'temp']);

/** `catalog.schema.table`, `schema.table`, and the same before a column. */
function qualified(tokens: readonly Token[], index: number, dialect: Dialect): Edit[] {
  const { schemas, catalogs } = dialect;
  const parts: Token[] = [tokens[index]!];
  for (let at = index + 1; tokens[at]?.key === '.' && tokens[at + 1] !== undefined; at += 1) {
    // `catalog..table` leaves the schema out.
    if (tokens[at + 1]!.key !== '.') parts.push(tokens[++at]!);
    else if (parts.length === 1) parts.push(tokens[at]!);
  }
  const names = parts.map((part) => nameOf(part)?.toLowerCase());
  const is = (list: readonly string[], name: string | undefined): boolean => name !== undefined && list.some((one) => one.toLowerCase() === name);
  let drop = 0;
  if (is(catalogs, names[0]) && parts.length >= 3) {
    if (is(schemas, names[1]) || KEPT_SCHEMAS.has(names[1] ?? '')) drop = 1;
    else if (parts[1]!.key === '.') drop = 2;
  }
  // `dbo.a` is a column where the statement has an alias dbo.
  if (is(schemas, names[drop]) && (parts.length - drop > 2 || (parts.length - drop === 2 && !standsAlone(tokens, names[drop])))) drop += 1;
  refuseUnknownPrefix(tokens, index, parts, drop, dialect);
  if (drop === 0) return [];
  return [{ span: { start: parts[0]!.start, end: parts[drop]!.start }, replacement: '' }];
}

const BEFORE_TABLE = new Set(['FROM', 'JOIN', 'INTO', 'UPDATE', 'TABLE']);

/** SQLite knows at most `schema.table`: what is longer would be a bare syntax error. */
function refuseUnknownPrefix(tokens: readonly Token[], index: number, parts: readonly Token[], drop: number, { schemas, catalogs }: Dialect): void {
  const isTable = BEFORE_TABLE.has(tokens[index - 1]?.key ?? '');
  if (parts.length - drop <= (isTable ? 2 : 3)) return;
  const names = parts.map((part) => nameOf(part) ?? '');
  const table = names.at(isTable ? -1 : -2)!;
  const full = `${catalogs[0]!}.${schemas[0]!}.${table}`;
  const wrong = parts.length > (isTable ? 3 : 4) ? { what: 'server', at: 0 } : catalogs.some((one) => one.toLowerCase() === names[0]!.toLowerCase()) ? { what: 'schema', at: 1 } : { what: 'catalog', at: 0 };
  const isEws = wrong.what === 'schema' && names[1]!.toLowerCase() === 'ews';
  throw new ExchangeSqlError('UNKNOWN_TABLE', `there is no ${wrong.what} ${names[wrong.at]!}`, { position: parts[wrong.at]!.start, hint: isEws ? `The tables are in ${schemas[0]!}; mail of all folders is in Messages: WHERE parentFolderId = 'inbox'.` : `Write ${table}, ${schemas[0]!}.${table} or ${full}.` });
}

/** The name occurs without qualifying something: as an alias, a table or a column. */
function standsAlone(tokens: readonly Token[], name: string | undefined): boolean {
  return tokens.some((token, index) => nameOf(token)?.toLowerCase() === name && tokens[index - 1]?.key !== '.' && tokens[index + 1]?.key !== '.');
}

const DATE_FUNCTIONS = new Set(['DATE', 'TIME', 'DATETIME', 'JULIANDAY', 'UNIXEPOCH', 'STRFTIME', 'TIMEDIFF']);
const PART_FUNCTIONS = new Set(['DATEADD', 'DATEDIFF', 'DATEPART', 'DATENAME']);
const CLOCK_FUNCTIONS = new Set(['GETDATE', 'GETUTCDATE', 'SYSDATETIME', 'SYSUTCDATETIME']);

function call(tokens: readonly Token[], index: number, closing: number | undefined, clock: ClockTexts, identity: SqlValue): Edit[] {
  const name = tokens[index]!;
  if (closing === undefined || isDeclared(tokens, index, closing)) return [];
  const empty = closing === index + 2;
  if (name.key === 'SCOPE_IDENTITY') {
    if (!empty) throw new ExchangeSqlError('SYNTAX', `${name.text} takes no arguments`, { position: name.start });
    return [edit(name, tokens[closing]!, typeof identity === 'string' ? `'${identity.replaceAll("'", "''")}'` : 'NULL')];
  }
  if (CLOCK_FUNCTIONS.has(name.key)) {
    if (!empty) throw new ExchangeSqlError('SYNTAX', `${name.text} takes no arguments`, { position: name.start });
    return [edit(name, tokens[closing]!, clock.timestamp)];
  }
  if (DATE_FUNCTIONS.has(name.key)) return dateFunction(tokens, index, closing, clock);
  if (PART_FUNCTIONS.has(name.key)) {
    const part = tokens[index + 2];
    return part?.kind === 'word' && tokens[index + 3]?.key === ',' ? [edit(part, part, `'${part.text}'`)] : [];
  }
  if (name.key === 'ISNULL') return [edit(name, name, 'ifnull')];
  if (name.key === 'LEFT' || name.key === 'RIGHT') return [edit(name, name, `"${name.text.toLowerCase()}"`)];
  if (name.key === 'CONVERT') return convert(tokens, index, closing);
  if (name.key === 'CAST') return cast(tokens, index, closing);
  refuseOtherMeaning(tokens, index);
  const replacement = replacementFor(name.text);
  if (replacement !== undefined) throw new ExchangeSqlError('UNKNOWN_FUNCTION', `there is no function ${name.text}`, { position: name.start, hint: `Use ${replacement}.` });
  return [];
}

const DECLARING = new Set(['TABLE', 'VIEW', 'INTO', 'EXISTS', 'WITH', 'RECURSIVE', 'REFERENCES']);

/** `WITH week(a) AS (…)`, `CREATE TEMP TABLE week(a)`, `INSERT INTO week(a)`: a name with its columns, no call. */
function isDeclared(tokens: readonly Token[], index: number, closing: number): boolean {
  if (DECLARING.has(tokens[index - 1]?.key ?? '')) return true;
  const before = tokens[index - 1]?.key;
  return before === ',' && tokens[closing + 1]?.key === 'AS' && ['(', 'NOT', 'MATERIALIZED'].includes(tokens[closing + 2]?.key ?? '');
}

/** 'now' and a missing time value mean the statement's clock. */
function dateFunction(tokens: readonly Token[], index: number, closing: number, clock: ClockTexts): Edit[] {
  const edits: Edit[] = [];
  const isFormat = tokens[index]!.key === 'STRFTIME';
  let depth = 0;
  let args = closing === index + 2 ? 0 : 1;
  for (let at = index + 2; at < closing; at += 1) {
    const { key, kind, text } = tokens[at]!;
    if (key === '(') depth += 1;
    else if (key === ')') depth -= 1;
    else if (depth === 0 && key === ',') args += 1;
    // The first argument of strftime is its format.
    else if (depth === 0 && kind === 'string' && text.toLowerCase() === "'now'" && (args > 1 || !isFormat)) edits.push(edit(tokens[at]!, tokens[at]!, clock.instant));
  }
  const open = tokens[index + 1]!;
  if (args === 0 && !isFormat) edits.push({ span: { start: open.end, end: open.end }, replacement: clock.instant });
  else if (args === 1 && isFormat) edits.push({ span: { start: tokens[closing]!.start, end: tokens[closing]!.start }, replacement: `, ${clock.instant}` });
  return edits;
}

/** Types SQLite's CAST takes for numbers (`CAST('2026-06-12' AS DATE)` is 2026) or whose length it ignores. */
const CAST_TO_TEXT = /^(?:DATE|TIME|DATETIME|DATETIME2|SMALLDATETIME|TIMESTAMP|N?(?:VAR)?CHAR\(\d+\))$/i;

/** CAST(value AS DATE) and the like go the way of CONVERT; other types are SQLite's own. */
function cast(tokens: readonly Token[], index: number, closing: number): Edit[] {
  let depth = 0;
  for (let at = index + 2; at < closing; at += 1) {
    const { key } = tokens[at]!;
    if (key === '(') depth += 1;
    else if (key === ')') depth -= 1;
    else if (key === 'AS' && depth === 0) {
      const type = tokens.slice(at + 1, closing).map(({ text }) => text).join('');
      if (at + 1 === closing || !CAST_TO_TEXT.test(type)) return [];
      const open = tokens[index + 1]!;
      return [edit(tokens[index]!, tokens[index]!, 'xs_convert'), { span: { start: open.end, end: open.end }, replacement: `'${type}', ` }, edit(tokens[at]!, tokens[closing - 1]!, '')];
    }
  }
  return [];
}

/** CONVERT(type[(n)], value[, style]): the type becomes a text. */
function convert(tokens: readonly Token[], index: number, closing: number): Edit[] {
  let at = index + 2;
  let depth = 0;
  while (at < closing && (depth > 0 || tokens[at]!.key !== ',')) {
    if (tokens[at]!.key === '(') depth += 1;
    if (tokens[at]!.key === ')') depth -= 1;
    at += 1;
  }
  if (at >= closing) throw new ExchangeSqlError('SYNTAX', 'CONVERT takes a type and a value', { position: tokens[index]!.start, hint: 'Write CONVERT(type, value) or CAST(value AS type).' });
  const type = tokens.slice(index + 2, at).map(({ text }) => text).join('');
  return [edit(tokens[index]!, tokens[index]!, 'xs_convert'), edit(tokens[index + 2]!, tokens[at - 1]!, `'${type.replaceAll("'", "''")}'`)];
}
