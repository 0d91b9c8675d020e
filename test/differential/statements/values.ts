/** Constants for a column: values that occur, their variants, and values chosen to hurt. */
import type { ColumnDeclaration } from '../../../src/catalog/table.js';
import type { Draw } from '../harness/draw.js';
import { quoted, type Known } from '../harness/oracle.js';

const HOSTILE = ["O'Brien", '100%', 'a_b', '%', '_', '', ' ', '😀', 'ß', 'SS', 'İstanbul', "'; DROP TABLE Messages; --", 'a"b', 'a\\b', '\u0007', 'é', 'É', 'e\u0301', '(x or y)', '2026', '0', 'null', '&$top=1', '#', '+', '%27', 'a'.repeat(300), '\ud83d', 'x,y', "it''s", '*', '[a]', 'me'];
const NOWHEN = ['0001-01-01T00:00:00', '1899-12-31T23:59:59', '2026-05-03T00:00:00', '2026-05-10T12:00:00', '2026-06-01T00:00:00', '9999-12-31T23:59:59'];

/** Inside of a text literal. */
export const inside = (literal: string): string => (literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : literal);

export function isText({ type }: ColumnDeclaration): boolean {
  return type === 'text' || type === 'json';
}

/** A constant of the column's own type, as an SQL literal. */
export function constant(draw: Draw, table: Known, column: ColumnDeclaration): string {
  const samples = table.samples(column.name);
  const known = samples.length > 0;
  if (column.selector === true) return known ? draw.pick(samples) : "''";
  switch (column.type) {
    case 'boolean':
      return draw.pick(['1', '0', 'TRUE', 'FALSE']);
    case 'integer':
    case 'bigint':
      return known && draw.chance(2, 3) ? draw.pick(samples) : draw.pick(['0', '1', '5', '-1', '10', '100', '1000', '2147483648', '9007199254740993']);
    case 'double':
      return known && draw.chance(2, 3) ? draw.pick(samples) : draw.pick(['0', '0.5', '47.5', '-1', '1e300']);
    case 'timestamp': {
      // Only normal form: in any other notation plain SQLite compares texts where points in time are meant.
      const fraction = column.fraction ?? 0;
      const tail = fraction === 0 ? 'Z' : `.${'0'.repeat(fraction)}Z`;
      return known && draw.chance(3, 4) ? draw.pick(samples) : quoted(draw.pick(NOWHEN) + tail);
    }
    case 'date':
      return known ? draw.pick(samples) : "'2026-05-01'";
    case 'time':
      return known ? draw.pick(samples) : "'08:00:00'";
    case 'binary':
      return known ? draw.pick(samples) : "x'00'";
    case 'json':
    case 'text':
      return textConstant(draw, column, samples);
  }
}

function textConstant(draw: Draw, column: ColumnDeclaration, samples: readonly string[]): string {
  const way = draw.below(9);
  if (column.values !== undefined && way < 3) return quoted(draw.pick(column.values));
  if (samples.length === 0 || way === 8) return quoted(draw.pick(HOSTILE));
  const sample = draw.pick(samples);
  switch (way) {
    case 5:
      return quoted(inside(sample).toUpperCase());
    case 6:
      return quoted(inside(sample).toLowerCase());
    case 7:
      return quoted([...inside(sample)].slice(0, draw.below(6)).join(''));
    default:
      return sample;
  }
}

/** A constant of another storage class than the column's. Words beside a truth value mean something else here than in plain SQLite (planner/mixups.ts). */
export const mixed = (draw: Draw, { type }: ColumnDeclaration): string => draw.pick(['5', "'5'", '3.5', type === 'boolean' ? "'0'" : "'abc'", 'NULL', "x'61'", "'1'", '1.0', ...(type === 'boolean' ? ['TRUE', '2'] : [])]);

/** A few characters of a value, wildcards of the data left in. */
export function fragment(draw: Draw, table: Known, column: ColumnDeclaration): string {
  const text = [...inside(constant(draw, table, column))];
  const from = draw.chance(1, 3) ? draw.below(4) : 0;
  return text.slice(from, from + 1 + draw.below(8)).join('');
}
