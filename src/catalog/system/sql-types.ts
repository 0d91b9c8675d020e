/**
 * Owns: what clients are told about the type of a column: name, JDBC/ODBC code, sizes.
 * Does not own: the types SQLite stores (engine/).
 * Invariants: a length is given only where it is known; never a made-up one.
 */
import type { ColumnDeclaration, ColumnType } from '../table.js';

export interface SqlType {
  readonly name: string;
  /** java.sql.Types / ODBC type code. */
  readonly code: number;
  /** Decimal digits of a number. */
  readonly precision: number | undefined;
  readonly scale: number | undefined;
}

const TYPES: Readonly<Record<ColumnType, SqlType>> = {
  text: { name: 'VARCHAR', code: 12, precision: undefined, scale: undefined },
  json: { name: 'VARCHAR', code: 12, precision: undefined, scale: undefined },
  timestamp: { name: 'TIMESTAMP', code: 93, precision: undefined, scale: undefined },
  date: { name: 'DATE', code: 91, precision: undefined, scale: undefined },
  time: { name: 'TIME', code: 92, precision: undefined, scale: undefined },
  boolean: { name: 'BIT', code: -7, precision: 1, scale: 0 },
  integer: { name: 'INTEGER', code: 4, precision: 10, scale: 0 },
  bigint: { name: 'BIGINT', code: -5, precision: 19, scale: 0 },
  double: { name: 'DOUBLE', code: 8, precision: 15, scale: undefined },
  binary: { name: 'VARBINARY', code: -3, precision: undefined, scale: undefined },
};

export function sqlTypeOf(column: ColumnDeclaration): SqlType {
  const type = TYPES[column.type];
  return column.type === 'timestamp' ? { ...type, scale: column.fraction ?? 0 } : type;
}

/** How texts of the column compare: by code, so with case. NULL for other types. */
export const collationOf = ({ type }: ColumnDeclaration): string | undefined => (type === 'text' || type === 'json' ? 'BINARY' : undefined);

/** Longest text in characters, or undefined if the service sets no limit. */
export function lengthOf(column: ColumnDeclaration): number | undefined {
  if (column.type !== 'text') return undefined;
  if (column.length !== undefined) return column.length;
  return column.values === undefined ? undefined : Math.max(...column.values.map((value) => value.length));
}

/** Characters that show any value of the column, where there is a bound. */
export function displaySizeOf(column: ColumnDeclaration): number | undefined {
  switch (column.type) {
    case 'timestamp':
      return column.fraction === undefined || column.fraction === 0 ? 20 : 21 + column.fraction;
    case 'date':
      return 10;
    case 'time':
      return 8;
    case 'boolean':
      return 5;
    case 'integer':
      return 11;
    case 'bigint':
      return 20;
    case 'double':
      return 24;
    default:
      return lengthOf(column);
  }
}
