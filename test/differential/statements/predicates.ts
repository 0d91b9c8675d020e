/** Conditions on the columns of the tables in scope. */
import type { ColumnDeclaration } from '../../../src/catalog/table.js';
import type { Draw } from '../harness/draw.js';
import { quoted, type Known } from '../harness/oracle.js';
import { constant, fragment, isText, mixed } from './values.js';

/** A table in FROM. */
export interface Ref {
  readonly table: Known;
  readonly alias: string;
}

export interface Condition {
  readonly sql: string;
  readonly covers: readonly string[];
}

export type Operator = 'eq' | 'ne' | 'range' | 'between' | 'in' | 'prefix' | 'contains' | 'glob' | 'is null' | 'is not null' | 'truth' | 'mixed' | 'collate' | 'function' | 'is';

/** What can be asked of a column, whether the service answers it or not. */
export function operatorsOf(column: ColumnDeclaration): readonly Operator[] {
  // What chooses where rows are read is bound by its own conditions (scope.ts).
  if (column.selector === true) return ['is null', 'is not null'];
  const common: readonly Operator[] = ['eq', 'ne', 'range', 'between', 'in', 'is null', 'is not null', 'mixed', 'is', 'function'];
  if (column.type === 'boolean') return [...common, 'truth'];
  if (isText(column)) return [...common, 'prefix', 'contains', 'glob', 'collate'];
  // In another notation plain SQLite compares text where points in time are meant.
  if (column.type === 'timestamp') return ['eq', 'ne', 'range', 'between', 'in', 'is null', 'is not null', 'is', 'prefix'];
  return common;
}

/** Columns as people write them; SQL names have no case. */
export function nameOf(draw: Draw, { alias }: Ref, column: string): string {
  const written = draw.pick([`"${column}"`, column, `[${column}]`, `"${column}"`, column.toUpperCase(), column.toLowerCase(), `\`${column}\``]);
  return `${alias}.${written}`;
}

export function predicate(draw: Draw, ref: Ref, column: ColumnDeclaration, operator: Operator): Condition {
  return { sql: written(draw, ref, column, operator), covers: [`${ref.table.declaration.name}.${column.name} ${operator}`] };
}

const escaped = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

function written(draw: Draw, ref: Ref, column: ColumnDeclaration, operator: Operator): string {
  const name = nameOf(draw, ref, column.name);
  const value = (): string => constant(draw, ref.table, column);
  switch (operator) {
    case 'eq':
      return draw.chance(1, 4) ? `${value()} = ${name}` : `${name} ${draw.pick(['=', '='])} ${value()}`;
    case 'ne':
      return draw.chance(1, 3) ? `NOT ${name} = ${value()}` : `${name} ${draw.pick(['<>', '!='])} ${value()}`;
    case 'range': {
      const op = draw.pick(['<', '<=', '>', '>=']);
      return draw.chance(1, 4) ? `${value()} ${op} ${name}` : `${name} ${op} ${value()}`;
    }
    case 'between':
      return `${name} ${draw.chance(1, 4) ? 'NOT ' : ''}BETWEEN ${value()} AND ${value()}`;
    case 'in': {
      const list = Array.from({ length: 1 + draw.below(4) }, value);
      if (draw.chance(1, 6)) list.push('NULL');
      return `${name} ${draw.chance(1, 6) ? 'NOT ' : ''}IN (${list.join(', ')})`;
    }
    case 'prefix': {
      const text = fragment(draw, ref.table, column);
      const not = draw.chance(1, 8) ? 'NOT ' : '';
      return draw.chance(1, 4) ? `${name} ${not}LIKE ${quoted(`${escaped(text)}%`)} ESCAPE '\\'` : `${name} ${not}LIKE ${quoted(`${text}${draw.pick(['%', '%', '', '_%', '%x%'])}`)}`;
    }
    case 'contains': {
      const text = column.type === 'json' && draw.chance(1, 2) ? element(draw, ref, column) : fragment(draw, ref.table, column);
      const not = draw.chance(1, 8) ? 'NOT ' : '';
      return draw.chance(1, 4) ? `${name} ${not}LIKE ${quoted(`%${escaped(text)}%`)} ESCAPE '\\'` : `${name} ${not}LIKE ${quoted(`%${text}%`)}`;
    }
    case 'glob':
      return `${name} GLOB ${quoted(`${draw.chance(1, 4) ? '*' : ''}${fragment(draw, ref.table, column)}${draw.pick(['*', '*', '', '?', '[a-z]*'])}`)}`;
    case 'is null':
      return draw.chance(1, 3) ? `${name} ISNULL` : `${name} IS NULL`;
    case 'is not null':
      return draw.pick([`${name} IS NOT NULL`, `${name} NOTNULL`, `NOT ${name} IS NULL`]);
    case 'is':
      return `${name} ${draw.pick(['IS', 'IS NOT', 'IS NOT DISTINCT FROM', 'IS DISTINCT FROM'])} ${value()}`;
    case 'truth':
      return draw.pick([name, `NOT ${name}`, `${name} IS TRUE`, `${name} IS NOT TRUE`, `${name} IS FALSE`, `${name} IS NOT FALSE`, `${name} = NOT FALSE`]);
    case 'mixed':
      return `${name} ${draw.pick(['=', '<', '>=', '<>', 'IS'])} ${mixed(draw, column)}`;
    case 'collate':
      return draw.pick([`${name} = ${value()} COLLATE NOCASE`, `${name} COLLATE NOCASE = ${value()}`, `${name} COLLATE RTRIM = ${value()}`, `${name} COLLATE NOCASE IN (${value()}, ${value()})`, `${name} COLLATE NOCASE LIKE ${quoted(`${fragment(draw, ref.table, column)}%`)}`]);
    case 'function':
      return draw.pick([`length(${name}) > ${String(draw.below(12))}`, `lower(${name}) = lower(${value()})`, `coalesce(${name}, ${value()}) = ${value()}`, `${name} || '' = ${value()}`, `CASE WHEN ${name} = ${value()} THEN 1 ELSE 0 END = ${String(draw.below(2))}`, `+${name} = ${value()}`, `typeof(${name}) = ${draw.pick(["'text'", "'integer'", "'null'", "'real'"])}`, `CAST(${name} AS TEXT) > ${value()}`, `nullif(${name}, ${value()}) IS NULL`, `(${name}) = (${value()})`, `instr(${name}, ${quoted(fragment(draw, ref.table, column))}) > 0`]);
  }
}

/** One element of a JSON list, quotes included. */
function element(draw: Draw, ref: Ref, column: ColumnDeclaration): string {
  const member = column.filter?.contains?.member;
  const found = [...constant(draw, ref.table, column).matchAll(member === undefined ? /"((?:[^"\\]|\\.)*)"/g : new RegExp(`"${member}":"((?:[^"\\\\]|\\\\.)*)"`, 'g'))].map((match) => match[0]);
  const text = found.length === 0 ? '"Red"' : draw.pick(found);
  return draw.chance(1, 4) ? text.toUpperCase() : text;
}

/** A column of a table; those that can go down as often as all the others together. */
export function anyColumn(draw: Draw, { table }: Ref): ColumnDeclaration {
  const capable = table.columns.filter(({ filter }) => filter !== undefined);
  return draw.pick(capable.length > 0 && draw.chance(1, 2) ? capable : table.columns);
}

export function leaf(draw: Draw, refs: readonly Ref[]): Condition {
  const ref = draw.pick(refs);
  const column = anyColumn(draw, ref);
  if (draw.chance(1, 25)) return comparison(draw, refs);
  if (draw.chance(1, 40)) return rowValue(draw, ref);
  return predicate(draw, ref, column, draw.pick(operatorsOf(column)));
}

/** Two columns of one type. */
function comparison(draw: Draw, refs: readonly Ref[]): Condition {
  const left = draw.pick(refs);
  const right = draw.pick(refs);
  const column = anyColumn(draw, left);
  const same = right.table.columns.filter(({ type, fraction }) => type === column.type && fraction === column.fraction);
  if (same.length === 0 || column.selector === true) return { sql: '1 = 1', covers: [] };
  const other = draw.pick(same);
  if (other.selector === true) return { sql: '1', covers: [] };
  return { sql: `${nameOf(draw, left, column.name)} ${draw.pick(['=', '<', '<>', 'IS'])} ${nameOf(draw, right, other.name)}`, covers: [] };
}

function rowValue(draw: Draw, ref: Ref): Condition {
  const [a, b] = [anyColumn(draw, ref), anyColumn(draw, ref)];
  if (a.selector === true || b.selector === true || a.type === 'timestamp' || b.type === 'timestamp') return { sql: '1', covers: [] };
  return { sql: `(${nameOf(draw, ref, a.name)}, ${nameOf(draw, ref, b.name)}) ${draw.pick(['=', '<', '>='])} (${constant(draw, ref.table, a)}, ${constant(draw, ref.table, b)})`, covers: [] };
}

export function condition(draw: Draw, refs: readonly Ref[], depth = 2): Condition {
  const shape = draw.below(14);
  if (depth === 0 || shape < 4 || shape > 11) return leaf(draw, refs);
  const part = (): Condition => condition(draw, refs, depth - 1);
  const join = (form: (sql: readonly string[]) => string, terms: readonly Condition[]): Condition => ({ sql: form(terms.map(({ sql }) => sql)), covers: terms.flatMap(({ covers }) => covers) });
  switch (shape) {
    case 4:
    case 5:
    case 6:
      return join(([a, b]) => `${a!} AND ${b!}`, [leaf(draw, refs), leaf(draw, refs)]);
    case 7:
      return join(([a, b]) => `(${a!} OR ${b!})`, [part(), part()]);
    case 8:
      // Precedence is SQL's, not the reader's.
      return join(([a, b, c]) => `${a!} OR ${b!} AND ${c!}`, [leaf(draw, refs), leaf(draw, refs), leaf(draw, refs)]);
    case 9:
      return join(([a, b, c]) => `(${a!} OR ${b!}) AND ${c!}`, [part(), part(), leaf(draw, refs)]);
    case 10:
      return join(([a]) => `NOT (${a!})`, [part()]);
    default:
      return join(([a, b]) => `(${a!}) IS ${draw.pick(['TRUE', 'NOT TRUE', 'NOT FALSE'])} AND ${b!}`, [part(), leaf(draw, refs)]);
  }
}
