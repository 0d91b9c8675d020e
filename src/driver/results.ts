/**
 * Owns: what a caller sees of a result: column metadata, values as JavaScript has them, rows as objects or arrays.
 * Does not own: running (execute.ts).
 * Invariants: booleans are booleans only in columns that are boolean columns of a table; integers become numbers only when exact.
 */
import type { Catalog } from '../catalog/load.js';
import type { ColumnType } from '../catalog/table.js';
import type { ResultColumn } from '../engine/types.js';
import type { SqlValue } from '../scan/value.js';

/** A value as the library hands it out. Integers beyond ±(2^53-1) stay bigint. */
export type Value = null | boolean | number | bigint | string | Uint8Array | Date;

export interface Column {
  /** Name as written in the statement. */
  readonly name: string;
  /** Type of the base column; undefined for an expression, whose type is each value's own. */
  readonly type: ColumnType | undefined;
  /** Base table and column, through CTEs, derived tables and renames. */
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly nullable: boolean;
  readonly description: string | undefined;
}

/** What a writing statement answers without RETURNING: one row. */
export const CHANGES: Column = { name: 'changes', type: 'integer', table: undefined, column: undefined, nullable: false, description: 'Rows inserted, updated or deleted.' };

export type TimestampMode = 'text' | 'date';

export function describeColumns(columns: readonly ResultColumn[], catalog: Catalog, names: readonly (string | undefined)[] = []): Column[] {
  return columns.map((column, index) => {
    const declared = column.table === undefined || column.column === undefined ? undefined : catalog.table(column.table)?.columns.find((c) => c.name === column.column);
    return {
      name: names[index] ?? column.name,
      type: declared?.type ?? typeOfDeclaration(column.declaredType),
      table: column.table,
      column: column.column,
      nullable: declared?.nullable ?? true,
      description: declared?.description,
    };
  });
}

/** Declared types of staged, system and temporary tables (engine/ddl.ts writes them). */
function typeOfDeclaration(declared: string | undefined): ColumnType | undefined {
  switch (declared?.toUpperCase()) {
    case 'TEXT TIMESTAMP':
      return 'timestamp';
    case 'TEXT DATE':
      return 'date';
    case 'TEXT TIME':
      return 'time';
    case 'TEXT JSON':
      return 'json';
    case 'BOOLEAN':
      return 'boolean';
    case 'INTEGER':
      return 'integer';
    case 'BIGINT':
      return 'bigint';
    case 'REAL':
      return 'double';
    case 'BLOB':
      return 'binary';
    case 'TEXT':
      return 'text';
    default:
      return undefined;
  }
}

type Convert = (value: SqlValue) => Value;

const plain: Convert = (value) => (typeof value === 'bigint' ? exactNumber(value) : value);

function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const toBoolean: Convert = (value) => {
  if (value === 0n || value === 0) return false;
  if (value === 1n || value === 1) return true;
  return plain(value);
};

const toDate: Convert = (value) => {
  if (typeof value !== 'string') return plain(value);
  const time = Date.parse(value);
  return Number.isNaN(time) ? value : new Date(time);
};

/** Rows as arrays of JavaScript values, in column order. */
export function arrayShape(columns: readonly Column[], timestamps: TimestampMode): (row: readonly SqlValue[]) => Value[] {
  const convert = converters(columns, timestamps);
  const { length } = convert;
  return (row) => {
    const values = new Array<Value>(length);
    for (let index = 0; index < length; index += 1) values[index] = convert[index]!(row[index]!);
    return values;
  };
}

/**
 * Rows as objects by column name. Each is a copy of one template, so that all share a hidden class and no name is looked up
 * twice; the template owns its members, so a column named `__proto__` is a column like any other.
 */
export function objectShape(columns: readonly Column[], timestamps: TimestampMode): (row: readonly SqlValue[]) => Record<string, Value> {
  const convert = converters(columns, timestamps);
  const names = distinctNames(columns);
  const template: Record<string, Value> = {};
  for (const name of names) Object.defineProperty(template, name, { value: null, enumerable: true, writable: true, configurable: true });
  const { length } = names;
  return (row) => {
    const object = { ...template };
    for (let index = 0; index < length; index += 1) object[names[index]!] = convert[index]!(row[index]!);
    return object;
  };
}

function converters(columns: readonly Column[], timestamps: TimestampMode): readonly Convert[] {
  return columns.map((column) => {
    if (column.type === 'boolean') return toBoolean;
    if (column.type === 'timestamp' && timestamps === 'date') return toDate;
    return plain;
  });
}

/** Names for row objects: a repeated name gets `_2`, `_3`, … so that no value is lost. */
export function distinctNames(columns: readonly { readonly name: string }[]): string[] {
  const seen = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let n = 2; seen.has(unique); n += 1) unique = `${name}_${String(n)}`;
    seen.add(unique);
    return unique;
  });
}
