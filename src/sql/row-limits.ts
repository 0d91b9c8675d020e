/**
 * Owns: token edits for the forms of LIMIT that SQLite lacks: TOP, OFFSET … FETCH, OFFSET before LIMIT.
 * Does not own: where a LIMIT may go down (planner/).
 * Invariants: a TOP limits its own SELECT, never the whole of a set operation; plain `?` keep the order of their values.
 */
import { ExchangeSqlError } from '../errors.js';
import { edit, type Edit } from './edits.js';
import { movedName } from './parameters.js';
import type { Token } from './tokenizer.js';

const SET_OPERATORS = new Set(['UNION', 'INTERSECT', 'EXCEPT']);

/** `TOP n`, `TOP (n)` of the SELECT at a token. */
export function topEdits(tokens: readonly Token[], select: number, close: ReadonlyMap<number, number>): Edit[] {
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
    // The SELECT of INSERT … SELECT ends here.
    if (key === 'RETURNING' || (key === 'ON' && tokens[at + 1]?.key === 'CONFLICT')) break;
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

/** `OFFSET n ROWS FETCH NEXT m ROWS ONLY`, either half alone, `OFFSET n` without LIMIT or before it. */
export function fetchEdits(tokens: readonly Token[], index: number, close: ReadonlyMap<number, number>): Edit[] {
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
