/**
 * Owns: reading `EXEC[UTE] p a = …, @b = …`, `CALL p(…)`, `{[? =] call p(…)}`: the procedure's name and the span of each value.
 * Does not own: which procedures and inputs there are (catalog/), what a value is (the engine folds it).
 * Invariants: exact positions; braces and the @ of an input's name become blanks, so that nothing moves and `@name` is a parameter
 * only where a value stands.
 */
import { ExchangeSqlError } from '../errors.js';
import type { Span } from './ast.js';
import { nameOf, tokenize, type Token } from './tokenizer.js';

export interface CallValue {
  /** Name of the input as written, without sigil; absent for a value by position. */
  readonly name?: string;
  /** Where the argument begins. */
  readonly start: number;
  /** The expression; undefined for DEFAULT. */
  readonly expression: Span | undefined;
  /** The expression is `FOLDER(…)`: a folder by path or well-known name; `expression` is what stands inside. */
  readonly isFolder: boolean;
  /** Plain `?` before the expression, and inside it. */
  readonly plainBefore: number;
  readonly plain: number;
}

export interface CallStatement {
  readonly procedure: string;
  readonly start: number;
  readonly values: readonly CallValue[];
}

export const beginsCall = (token: Token | undefined): boolean => token !== undefined && (token.text === '{' || token.key === 'EXEC' || token.key === 'EXECUTE' || token.key === 'CALL');

/** The text of a call with what only marks it (braces, `? =`, the @ of input names) blanked out. `tokens` begin with the call. */
export function blankCall(text: string, tokens: readonly Token[]): string {
  const blanks: Span[] = [];
  let rest = tokens;
  if (rest[0]?.text === '{') {
    const last = rest.at(-1)!;
    if (last.text !== '}') throw new ExchangeSqlError('SYNTAX', 'the call that begins with { is not closed', { position: rest[0].start, hint: 'Write {call procedure(…)}.' });
    blanks.push(rest[0], last);
    rest = rest.slice(1, -1);
    if (rest[0]?.text === '?' && rest[1]?.key === '=') {
      blanks.push(rest[0], rest[1]);
      rest = rest.slice(2);
    }
    if (rest[0]?.key !== 'CALL') throw new ExchangeSqlError('SYNTAX', '{ begins a call, but no CALL follows', { position: rest[0]?.start ?? last.start, hint: 'Write {call procedure(…)}.' });
  }
  for (const part of argumentsOf(rest)) {
    const [name, equals] = part;
    if (name?.kind === 'parameter' && name.text.startsWith('@') && equals?.key === '=') blanks.push({ start: name.start, end: name.start + 1 });
  }
  let blanked = text;
  for (const { start, end } of blanks) blanked = blanked.slice(0, start) + ' '.repeat(end - start) + blanked.slice(end);
  return blanked;
}

/**
 * Reads a call; `text` is that of blankCall and begins (blanks aside) with EXEC or CALL.
 *
 * @param anySchema true before the conveniences have taken known schemas off the procedure's name.
 */
export function readCall(text: string, anySchema = false): CallStatement {
  const tokens = tokenize(text);
  const [first, named, ...more] = tokens;
  const procedure = named === undefined ? undefined : nameOf(named);
  if (first === undefined || named === undefined || procedure === undefined) {
    throw new ExchangeSqlError('SYNTAX', `${first?.text ?? 'CALL'} needs the name of a procedure`, { position: named?.start ?? first?.end ?? 0, hint: 'SELECT ProcedureName FROM sys_procedures lists them.' });
  }
  if (more[0]?.key === '=') throw new ExchangeSqlError('NOT_SUPPORTED', 'a procedure has no return code to assign', { position: named.start, hint: `Write EXEC procedure …; its results are rows.` });
  if (more[0]?.key === '.' && !anySchema) throw new ExchangeSqlError('UNKNOWN_FUNCTION', `there is no schema ${procedure}`, { position: named.start, hint: 'Leave it out: EXEC procedure ….' });
  let plain = 0;
  const values = argumentsOf(tokens).map((part): CallValue => {
    const value = readValue(part, plain, more[0] ?? named);
    plain += value.plain;
    return value;
  });
  return { procedure, start: named.start, values };
}

function readValue(part: readonly Token[], plainBefore: number, before: Token): CallValue {
  const head = part[0];
  if (head === undefined) throw new ExchangeSqlError('SYNTAX', 'a value is missing in the call', { position: before.start, hint: 'Write name = value, separated by commas.' });
  const isNamed = part[1]?.key === '=' && nameOf(head) !== undefined;
  const arrow = isNamed && part[2]?.key === '>';
  let value = part.slice(isNamed ? (arrow ? 3 : 2) : 0);
  if (['OUTPUT', 'OUT'].includes(value.at(-1)?.key ?? '') && value.length > 1) {
    throw new ExchangeSqlError('NOT_SUPPORTED', 'OUTPUT parameters are not offered', { position: value.at(-1)!.start, hint: 'Leave OUTPUT out: the results of a procedure are rows.' });
  }
  const name = isNamed ? nameOf(head) : undefined;
  const base = { ...(name === undefined ? {} : { name }), start: head.start, plainBefore };
  if (value.length === 0) throw new ExchangeSqlError('SYNTAX', `the input ${head.text} has no value`, { position: head.start, hint: `Write ${head.text} = value, or leave it out.` });
  if (value.length === 1 && value[0]!.key === 'DEFAULT') return { ...base, expression: undefined, isFolder: false, plain: 0 };
  const isFolder = value[0]!.key === 'FOLDER' && value[1]?.key === '(' && closing(value, 1) === value.length - 1;
  if (isFolder) value = value.slice(2, -1);
  else {
    const inner = value.find((token, index) => token.key === 'FOLDER' && value[index + 1]?.key === '(');
    if (inner !== undefined) throw new ExchangeSqlError('NOT_SUPPORTED', 'FOLDER() must be the whole value of an input', { position: inner.start, hint: "Write DestinationId = FOLDER('/Inbox/Clients')." });
  }
  if (value.length === 0) throw new ExchangeSqlError('SYNTAX', 'FOLDER() needs the path of a folder', { position: head.start, hint: "Write FOLDER('/Inbox/Clients')." });
  return { ...base, expression: { start: value[0]!.start, end: value.at(-1)!.end }, isFolder, plain: value.filter(({ kind, text }) => kind === 'parameter' && text === '?').length };
}

/** Tokens of each argument of `EXEC [x.y.]name …` or `CALL name(…)`. */
function argumentsOf(tokens: readonly Token[]): (readonly Token[])[] {
  let at = 2;
  while (tokens[at]?.key === '.') at += tokens[at + 1]?.key === '.' ? 1 : 2;
  let list = tokens.slice(at);
  if (list[0]?.key === '(') {
    const end = closing(list, 0);
    if (end === -1) throw new ExchangeSqlError('SYNTAX', 'the parenthesis that begins here is not closed', { position: list[0].start, hint: 'Close it with ).' });
    if (end === list.length - 1) list = list.slice(1, end);
    else if (tokens[0]?.key === 'CALL') throw new ExchangeSqlError('SYNTAX', `'${list[end + 1]!.text}' cannot follow the call`, { position: list[end + 1]!.start, hint: 'A call ends with its closing parenthesis.' });
  } else if (tokens[0]?.key === 'CALL' && list.length > 0) {
    throw new ExchangeSqlError('SYNTAX', 'the values of CALL stand in parentheses', { position: list[0]!.start, hint: 'Write CALL procedure(value, …), or EXEC procedure name = value, ….' });
  }
  if (list.length === 0) return [];
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of list) {
    if (token.key === '(') depth += 1;
    if (token.key === ')') depth -= 1;
    if (depth < 0) throw new ExchangeSqlError('SYNTAX', 'there is a ) without a (', { position: token.start, hint: 'Remove it.' });
    if (depth === 0 && token.key === ',') parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at]!.key === '(') depth += 1;
    if (tokens[at]!.key === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}
