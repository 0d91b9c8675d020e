/**
 * Owns: the shape of a system table and of what its rows are made from.
 * Does not own: the tables themselves (the files beside), creating and filling them in SQLite (engine/, driver/).
 * Invariants: rows are pure functions of the context, in a stable order; values are as staged rows are (bigint, 1n/0n, text).
 */
import type { SqlValue } from '../../scan/value.js';
import type { Catalog } from '../catalog.js';
import type { ColumnDeclaration, ColumnType, TableDeclaration } from '../table.js';

/** A connection property as sys_connection_props shows it. */
export interface SystemProperty {
  readonly name: string;
  readonly type: string;
  readonly default: string;
  readonly values?: readonly string[];
  /** What the connection has; absent if it was not given. */
  readonly value?: string | undefined;
  readonly category: string;
  /** Its value is never shown. */
  readonly sensitive: boolean;
  readonly description: string;
}

export interface SystemContext {
  readonly catalog: Catalog;
  readonly connectionProperties: readonly SystemProperty[];
  /** Of the statement that ended last on the connection. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** Version of this package. */
  readonly version?: string;
}

export type SystemSchema = 'main' | 'information_schema';

export interface SystemTable {
  readonly name: string;
  readonly schema: SystemSchema;
  readonly description: string;
  readonly columns: readonly ColumnDeclaration[];
  rows(context: SystemContext): SqlValue[][];
}

/** A value of a row before it is brought to SQLite's storage classes. */
export type Cell = string | number | bigint | boolean | null | undefined;

const TYPES: Readonly<Record<string, ColumnType>> = { text: 'text', integer: 'integer', boolean: 'boolean' };

/**
 * A system table from its columns, written `name type: description`, and from rows of plain values.
 * Numbers are whole numbers; undefined is NULL.
 */
export function systemTable(
  schema: SystemSchema,
  name: string,
  description: string,
  columns: readonly string[],
  rows: (context: SystemContext) => Iterable<readonly Cell[]>,
): SystemTable {
  const declared = columns.map((text): ColumnDeclaration => {
    const [, column = '', type = 'text', note = ''] = /^(\w+) (\w+): (.+)$/.exec(text) ?? [];
    return Object.freeze({ name: column, type: TYPES[type] ?? 'text', description: note });
  });
  return Object.freeze({
    name,
    schema,
    description,
    columns: Object.freeze(declared),
    rows: (context: SystemContext) => Array.from(rows(context), (row) => row.map(stored)),
  });
}

function stored(cell: Cell): SqlValue {
  if (cell === undefined || cell === null) return null;
  if (typeof cell === 'boolean') return cell ? 1n : 0n;
  return typeof cell === 'number' ? BigInt(cell) : cell;
}

/** Name of the one catalog, the first part of three-part names. */
export const CATALOG_NAME = 'ExchangeSQL';

const SCHEMA_NAMES: Readonly<Record<string, string>> = { msgraph: 'MSGraph', ews: 'EWS' };

/** Name of a protocol's schema, the second part of three-part names. */
export const schemaNameOf = (catalog: Catalog): string => SCHEMA_NAMES[catalog.protocol] ?? catalog.protocol;

/** Catalog, schema and table name: the first three columns of most system tables. */
export const prefixOf = (catalog: Catalog, table: TableDeclaration): string[] => [CATALOG_NAME, schemaNameOf(catalog), table.name];

/** True if the service takes some write of the table. */
export const isWritable = ({ write }: TableDeclaration): boolean => write !== undefined && (write.insert === true || write.update === true || write.delete === true);

/** True if the service takes new rows. */
export const isInsertable = ({ write }: TableDeclaration): boolean => write?.insert === true;

export const isWritableColumn = ({ write }: ColumnDeclaration): boolean =>
  (write?.create !== undefined && write.create !== false) || (write?.update !== undefined && write.update !== false);
