/**
 * Owns: token edits for what people write and SQLite lacks: TOP, FETCH FIRST, qualified names, T-SQL functions, the clock.
 * Does not own: which functions exist (engine/functions/), timestamps' comparison (planner/).
 * Invariants: the text stays the user's own but for the edited tokens; the clock is the statement's, read once; a plain `?` keeps
 * its place in the order of values, so one that has to move gets a name.
 */
import { ExchangeSqlError } from '../errors.js';
import type { Edit } from './edits.js';
import { movedName } from './parameters.js';
import { nameOf, type Token } from './tokenizer.js';
import { replacementFor } from './unsupported-functions.js';

export interface Dialect {
  /** The statement's clock. */
  readonly now: Date;
  /** Schema names that may stand before a table's name and mean nothing. */
  readonly schemas: readonly string[];
  readonly catalogs: readonly string[];
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
    const before = tokens[index - 1];
    if (before?.key === '.') continue;
    if (tokens[index + 1]?.key === '.') {
      edits.push(...qualified(tokens, index, dialect));
      continue;
    }
    // A default is evaluated when a row is inserted, not now.
    if (token.kind !== 'word' || before?.key === 'DEFAULT') continue;
    switch (token.key) {
      case 'SELECT':
        edits.push(...top(tokens, index, close));
        break;
      case 'OFFSET':
      case 'FETCH':
        edits.push(...fetch(tokens, index, close));
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
        if (tokens[index + 1]?.key === '(') edits.push(...call(tokens, index, close.get(index + 1), clock));
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

const edit = (from: Token, to: Token, replacement: string): Edit => ({ span: { start: from.start, end: to.end }, replacement });

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
function qualified(tokens: readonly Token[], index: number, { schemas, catalogs }: Dialect): Edit[] {
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
  if (drop === 0) return [];
  return [{ span: { start: parts[0]!.start, end: parts[drop]!.start }, replacement: '' }];
}

/** The name occurs without qualifying something: as an alias, a table or a column. */
function standsAlone(tokens: readonly Token[], name: string | undefined): boolean {
  return tokens.some((token, index) => nameOf(token)?.toLowerCase() === name && tokens[index - 1]?.key !== '.' && tokens[index + 1]?.key !== '.');
}

const SET_OPERATORS = new Set(['UNION', 'INTERSECT', 'EXCEPT']);

function top(tokens: readonly Token[], select: number, close: ReadonlyMap<number, number>): Edit[] {
  let at = select + 1;
  if (tokens[at]?.key === 'DISTINCT' || tokens[at]?.key === 'ALL') at += 1;
  const word = tokens[at];
  const value = tokens[at + 1];
  if (word?.key !== 'TOP' || word.kind !== 'word' || value === undefined || !(value.kind === 'number' || value.kind === 'parameter' || value.key === '(')) return [];
  const last = value.key === '(' ? (close.get(at + 1) ?? at + 1) : at + 1;
  const after = tokens[last + 1];
  // `SELECT top, x` and `SELECT top + 1` speak of a column.
  if (value.key === '(' && (after?.key === ',' || after?.key === 'FROM')) return [];
  if (after?.key === 'PERCENT' || (after?.key === 'WITH' && tokens[last + 2]?.key === 'TIES')) {
    throw new ExchangeSqlError('NOT_SUPPORTED', `TOP … ${after.key === 'PERCENT' ? 'PERCENT' : 'WITH TIES'} is not offered`, { position: word.start, hint: 'Use TOP n or LIMIT n.' });
  }
  const count = tokens.slice(at + 1, last + 1).map((_, index) => movedText(tokens, at + 1 + index)).join(' ');
  const end = endOfSelect(tokens, select, close);
  const erased = edit(word, tokens[last]!, '');
  if (end.isArm) {
    // TOP is the arm's own, LIMIT the whole's.
    const { start } = tokens[select]!;
    return [{ span: { start, end: start }, replacement: 'SELECT * FROM (' }, erased, { span: { start: end.offset, end: end.offset }, replacement: ` LIMIT ${count})` }];
  }
  if (end.limit !== undefined) throw new ExchangeSqlError('SYNTAX', 'TOP and LIMIT in one SELECT', { position: end.limit.start, hint: 'Use one of them.' });
  return [erased, { span: { start: end.offset, end: end.offset }, replacement: ` LIMIT ${count}` }];
}

/** Text of a token behind the place it came from: the values of plain `?` are given in the order in which they were written. */
function movedText(tokens: readonly Token[], index: number): string {
  const { kind, text } = tokens[index]!;
  if (kind !== 'parameter' || text !== '?') return text;
  return `:${movedName(tokens.slice(0, index).filter((token) => token.kind === 'parameter' && token.text === '?').length)}`;
}

interface SelectEnd {
  readonly offset: number;
  /** It is one of several joined by set operations, whose ORDER BY and LIMIT are not its own. */
  readonly isArm: boolean;
  readonly limit: Token | undefined;
}

/** Where the SELECT that begins at a token ends. */
function endOfSelect(tokens: readonly Token[], select: number, close: ReadonlyMap<number, number>): SelectEnd {
  const before = tokens[select - 1]?.key;
  let isArm = before !== undefined && (SET_OPERATORS.has(before) || (before === 'ALL' && tokens[select - 2]?.key === 'UNION'));
  let tail: number | undefined;
  let limit: Token | undefined;
  let at = select + 1;
  while (at < tokens.length && tokens[at]!.key !== ')' && tokens[at]!.key !== ';') {
    const { key } = tokens[at]!;
    if (SET_OPERATORS.has(key)) {
      isArm = true;
      break;
    }
    if (key === 'LIMIT' || key === 'FETCH' || (key === 'OFFSET' && isRows(tokens[at + 2]))) limit ??= tokens[at]!;
    if (key === 'LIMIT' || key === 'FETCH' || key === 'OFFSET' || (key === 'ORDER' && tokens[at + 1]?.key === 'BY')) tail ??= at;
    at = key === '(' ? (close.get(at) ?? at) + 1 : at + 1;
  }
  return { offset: tokens[(isArm ? (tail ?? at) : at) - 1]!.end, isArm, limit };
}

const isRows = (token: Token | undefined): boolean => token?.key === 'ROW' || token?.key === 'ROWS';

/** `OFFSET n ROWS FETCH NEXT m ROWS ONLY`, either half alone, and `OFFSET n` without LIMIT. */
function fetch(tokens: readonly Token[], index: number, close: ReadonlyMap<number, number>): Edit[] {
  const token = tokens[index]!;
  if (token.key === 'FETCH') {
    const read = readFetch(tokens, index, close);
    if (read === undefined || isRows(tokens[index - 1])) return []; // with OFFSET: done there
    return [edit(token, tokens[read.last]!, `LIMIT ${read.count}`)];
  }
  if (limitBefore(tokens, index)) return [];
  const value = readValue(tokens, index + 1, close);
  if (value === undefined) return [];
  const rows = isRows(tokens[value.last + 1]);
  const last = rows ? value.last + 1 : value.last;
  const read = tokens[last + 1]?.key === 'FETCH' ? readFetch(tokens, last + 1, close) : undefined;
  if (!rows && tokens[last + 1]?.key === 'LIMIT') return [edit(token, token, 'LIMIT'), edit(tokens[last + 1]!, tokens[last + 1]!, ',')];
  if (!rows && read === undefined && tokens[last + 1] !== undefined && tokens[last + 1]!.key !== ')' && tokens[last + 1]!.key !== ';') return [];
  // With plain `?` the offset has to stay in front.
  const clause = read !== undefined && (value.text + read.count).includes('?') ? `LIMIT ${value.text}, ${read.count}` : `LIMIT ${read?.count ?? '-1'} OFFSET ${value.text}`;
  return [edit(token, tokens[read?.last ?? last]!, clause)];
}

function limitBefore(tokens: readonly Token[], index: number): boolean {
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const { key } = tokens[at]!;
    if (key === ')') depth += 1;
    else if (key === '(') {
      if (depth === 0) return false;
      depth -= 1;
    } else if (depth === 0 && key === 'LIMIT') return true;
    else if (depth === 0 && (key === 'SELECT' || key === 'ORDER')) return false;
  }
  return false;
}

function readValue(tokens: readonly Token[], index: number, close: ReadonlyMap<number, number>): { text: string; last: number } | undefined {
  const token = tokens[index];
  if (token === undefined) return undefined;
  if (token.kind === 'number' || token.kind === 'parameter') return { text: token.text, last: index };
  if (token.key !== '(') return undefined;
  const last = close.get(index);
  return last === undefined ? undefined : { text: tokens.slice(index, last + 1).map(({ text }) => text).join(' '), last };
}

function readFetch(tokens: readonly Token[], index: number, close: ReadonlyMap<number, number>): { count: string; last: number } | undefined {
  let at = index + 1;
  if (tokens[at]?.key !== 'FIRST' && tokens[at]?.key !== 'NEXT') return undefined;
  at += 1;
  const value = isRows(tokens[at]) ? { text: '1', last: at - 1 } : readValue(tokens, at, close);
  if (value === undefined) return undefined;
  at = value.last + 1;
  const word = tokens[at]?.key === 'PERCENT' ? tokens[at] : isRows(tokens[at]) && tokens[at + 1]?.key === 'WITH' && tokens[at + 2]?.key === 'TIES' ? tokens[at + 1] : undefined;
  if (word !== undefined) throw new ExchangeSqlError('NOT_SUPPORTED', `FETCH … ${word.key === 'WITH' ? 'WITH TIES' : 'PERCENT'} is not offered`, { position: word.start, hint: 'Use FETCH FIRST n ROWS ONLY or LIMIT n.' });
  if (!isRows(tokens[at]) || tokens[at + 1]?.key !== 'ONLY') return undefined;
  return { count: value.text, last: at + 1 };
}

const DATE_FUNCTIONS = new Set(['DATE', 'TIME', 'DATETIME', 'JULIANDAY', 'UNIXEPOCH', 'STRFTIME', 'TIMEDIFF']);
const PART_FUNCTIONS = new Set(['DATEADD', 'DATEDIFF', 'DATEPART', 'DATENAME']);
const CLOCK_FUNCTIONS = new Set(['GETDATE', 'GETUTCDATE', 'SYSDATETIME', 'SYSUTCDATETIME']);

function call(tokens: readonly Token[], index: number, closing: number | undefined, clock: ClockTexts): Edit[] {
  const name = tokens[index]!;
  if (closing === undefined || isDeclared(tokens, index, closing)) return [];
  const empty = closing === index + 2;
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
