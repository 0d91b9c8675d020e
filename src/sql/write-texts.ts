/**
 * Owns: the texts that a writing statement becomes: one for SQLite to find its errors in, and SELECTs spliced from it.
 * Does not own: which columns are read (driver/), running them.
 * Invariants: the user's expressions and conditions stand in the SELECT as they were written, in the user's order, so that a
 * statement changes exactly the rows SELECT gives for the same WHERE.
 */
import { quoteIdentifier } from '../engine/ddl.js';
import { applyEdits, edit, type Edit, type EditedText } from './edits.js';
import type { Span } from './ast.js';
import { readSkeleton } from './skeleton-reader.js';
import type { FromSkeleton } from './skeleton.js';
import { splice, type Spliced } from './splice.js';
import { nameOf, tokenize, type Token } from './tokenizer.js';
import type { WriteSkeleton } from './write-skeleton.js';

export interface WriteText {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly skeleton: WriteSkeleton;
}

/** What qualifies a column of the target in a text of ours. */
export const targetName = ({ target }: WriteSkeleton): string => quoteIdentifier(target.alias?.name ?? target.path.at(-1) ?? '');

/**
 * The statement for `EXPLAIN` against the empty tables, which reports errors of syntax and names. What SQLite has no form for is
 * given one it has; RETURNING is left out, because it is checked as the SELECT that it becomes.
 */
export function checkedText({ text, skeleton }: WriteText): EditedText {
  const edits: Edit[] = [];
  const { verb, form, target, source, conflict, columns, returning } = skeleton;
  if (form === 'update-select') edits.push(edit(verb, verb, 'INSERT INTO'));
  if (form === 'upsert') edits.push(edit(verb, verb, text.slice(verb.end, target.span.start).trim() === '' ? 'INSERT INTO' : 'INSERT'));
  // SQLite knows an alias only behind AS.
  if (target.alias !== undefined) edits.push(edit(target.alias.span, target.alias.span, `${/\bas\s*$/i.test(text.slice(target.span.end, target.alias.span.start)) ? '' : 'AS '}${text.slice(target.alias.span.start, target.alias.span.end)}`));
  if (source?.kind === 'values') for (const { span } of source.defaults) edits.push(edit(span, span, 'NULL'));
  for (const { name, span } of columns?.names ?? []) edits.push(...bare(text, name, span));
  for (const { column } of [...skeleton.assignments, ...(conflict?.assignments ?? [])]) edits.push(...bare(text, column.name, column.span));
  // The empty tables have no keys.
  if (conflict?.target !== undefined) edits.push(edit(conflict.target.span, conflict.target.span, 'rowid'));
  if (returning !== undefined) edits.push(edit(returning.span, returning.span, ''));
  return applyEdits(text, edits);
}

/** The name alone in the place of `t.a`. */
function bare(text: string, name: string, span: Span): Edit[] {
  return /[.]/.test(text.slice(span.start, span.end).replace(/"[^"]*"|\[[^\]]*\]|`[^`]*`/g, '')) ? [edit(span, span, quoteIdentifier(name))] : [];
}

/** SELECT of the rows an UPDATE or DELETE changes: the columns to read of the target, then the values to set, from where `values` says. */
export function selectOfChange({ text, tokens, skeleton }: WriteText, read: readonly string[], values: readonly Span[] = skeleton.assignments.map(({ expression }) => expression)): Spliced {
  const name = targetName(skeleton);
  const items: (Span | string)[] = [];
  const add = (item: Span | string): void => {
    items.push(items.length === 0 ? '' : ', ', item);
  };
  for (const column of read) add(`${name}.${quoteIdentifier(column)}`);
  for (const value of values) add(value);
  if (items.length === 0) add('NULL');
  return splice(text, tokens, [...head(skeleton), 'SELECT ', ...items, ' FROM ', ...sources(text, skeleton), ...condition(skeleton), ...tail(skeleton)]);
}

/** The rows an INSERT is given. */
export function selectOfInsert({ text, tokens, skeleton }: WriteText, replacements: readonly { readonly span: Span; readonly text: string | Span }[] = []): Spliced {
  const { source } = skeleton;
  const span = source?.span ?? { start: 0, end: 0 };
  return splice(text, tokens, [...head(skeleton), ...replaced(span, replacements)]);
}

/**
 * `UPDATE t (id, a) SELECT …`: joins the given rows with the target on the key columns. A version among the given columns takes the place
 * of the one that is read: a row with another one meets it, and the write fails as a conflict.
 */
export function selectOfUpdateSelect({ text, tokens, skeleton }: WriteText, { read, given, key, set, version }: UpdateSelect): Spliced {
  const name = targetName(skeleton);
  const source = skeleton.source?.span ?? { start: 0, end: 0 };
  const before: (Span | string)[] = skeleton.with === undefined ? ['WITH '] : [skeleton.with, ', '];
  const items = [...read.map((column) => `${column === version ? GIVEN : name}.${quoteIdentifier(column)}`), ...set.map((column) => `${GIVEN}.${quoteIdentifier(column)}`)].join(', ');
  const on = key.map((column) => (column === version ? `${GIVEN}.${quoteIdentifier(column)} IS NOT NULL` : `${name}.${quoteIdentifier(column)} = ${GIVEN}.${quoteIdentifier(column)}`)).join(' AND ');
  return splice(text, tokens, [...before, `${GIVEN}(${given.map(quoteIdentifier).join(', ')}) AS (`, source, `) SELECT ${items} FROM `, ...target(skeleton), ` JOIN ${GIVEN} ON ${on}`]);
}

export interface UpdateSelect {
  readonly read: readonly string[];
  /** Columns of the given rows. */
  readonly given: readonly string[];
  /** Of these, those that say which row is meant. */
  readonly key: readonly string[];
  readonly set: readonly string[];
  /** The change key, where it is given. */
  readonly version: string | undefined;
}

/** Rows given to a statement, as a name in texts of ours. */
export const GIVEN = 'xs_given';

/** SELECT over the target alone that gives what RETURNING asks for. */
export function selectOfReturning({ text, tokens, skeleton }: WriteText): Spliced | undefined {
  const { returning } = skeleton;
  return returning === undefined ? undefined : splice(text, tokens, ['SELECT ', returning.items, ' FROM ', ...target(skeleton)]);
}

/**
 * SELECT of the rows that rows given to INSERT … ON CONFLICT meet: ordinal of the given row, the columns to read, the values to set,
 * and whether the condition of DO UPDATE holds. `given` is a temporary table with the rows, its columns named by `givenColumn`: a
 * name without `excluded.` is a column of the target.
 */
export function selectOfConflict({ text, tokens, skeleton }: WriteText, { given, ordinal, read, key, set }: ConflictSelect): Spliced {
  const name = targetName(skeleton);
  const { conflict } = skeleton;
  const own = (span: Span): (Span | string)[] => replaced(span, excludedEdits(tokens, span));
  const items: (Span | string)[] = [[`excluded.${quoteIdentifier(ordinal)}`, ...read.map((column) => `${name}.${quoteIdentifier(column)}`)].join(', ')];
  if (conflict === undefined) items.push(...set.map((column) => `, excluded.${quoteIdentifier(givenColumn(column))}`));
  else for (const { expression } of conflict.assignments) items.push(', ', ...own(expression));
  items.push(', ', ...(conflict?.where === undefined ? ['1'] : ['(', ...own(conflict.where), ')']));
  const on = key.map((column) => `${name}.${quoteIdentifier(column)} = excluded.${quoteIdentifier(givenColumn(column))}`).join(' AND ');
  return splice(text, tokens, ['SELECT ', ...items, ' FROM ', ...target(skeleton), ` JOIN temp.${quoteIdentifier(given)} AS excluded ON ${on}`]);
}

export interface ConflictSelect {
  readonly given: string;
  readonly ordinal: string;
  readonly read: readonly string[];
  readonly key: readonly string[];
  /** Columns UPSERT sets. */
  readonly set: readonly string[];
}

/** Column of the table of given rows. Folded, because the user may write it in any case. */
export const givenColumn = (column: string): string => `xs_${column.toLowerCase()}`;

function excludedEdits(tokens: readonly Token[], span: Span): { readonly span: Span; readonly text: string }[] {
  return tokens.flatMap((token, index) => {
    const column = tokens[index + 2];
    if (token.start < span.start || column === undefined || column.end > span.end || tokens[index + 1]?.key !== '.' || nameOf(token)?.toLowerCase() !== 'excluded') return [];
    const name = nameOf(column);
    return name === undefined ? [] : [{ span: { start: column.start, end: column.end }, text: quoteIdentifier(givenColumn(name)) }];
  });
}

const head = (skeleton: WriteSkeleton): (Span | string)[] => (skeleton.with === undefined ? [] : [skeleton.with, ' ']);

function target({ target: { span, alias } }: WriteSkeleton): (Span | string)[] {
  return alias === undefined ? [span] : [span, ' AS ', alias.span];
}

/** The target, then what UPDATE … FROM names. Joins in which rows of the target could be missing are kept to themselves. */
function sources(text: string, skeleton: WriteSkeleton): (Span | string)[] {
  const { from } = skeleton;
  if (from === undefined) return target(skeleton);
  const read = readSkeleton(tokenize(`SELECT 1 FROM ${text.slice(from.start, from.end)}`)).arms[0]?.from;
  return read !== undefined && isApart(read) ? [...target(skeleton), ', (', from, ')'] : [...target(skeleton), ', ', from];
}

function isApart(from: FromSkeleton): boolean {
  if (from.kind !== 'join') return false;
  return from.natural || from.using !== undefined || from.type === 'right' || from.type === 'full' || isApart(from.left) || isApart(from.right);
}

const condition = ({ where }: WriteSkeleton): (Span | string)[] => (where === undefined ? [] : [' WHERE ', where]);
const tail = ({ tail: span }: WriteSkeleton): (Span | string)[] => (span === undefined ? [] : [' ', span]);

/** A stretch of the text with other texts in some places, which are in order. */
function replaced(span: Span, replacements: readonly { readonly span: Span; readonly text: string | Span }[]): (Span | string)[] {
  const pieces: (Span | string)[] = [];
  let at = span.start;
  for (const one of replacements) {
    if (one.span.start < at || one.span.end > span.end) continue;
    pieces.push({ start: at, end: one.span.start }, one.text);
    at = one.span.end;
  }
  return [...pieces, { start: at, end: span.end }];
}
