/**
 * Owns: the system tables as a connection fills them.
 * Does not own: their columns and rows (catalog/system/).
 */
import { SYSTEM_TABLES, findSystemTable, type SystemContext, type SystemProperty } from '../catalog/system/index.js';
import type { LocalTable } from '../engine/ddl.js';
import type { SqlValue } from '../scan/value.js';
import { CONNECTION_PROPERTIES } from './connection-properties.js';
import type { Session } from './session.js';

/** For the judge: they exist, empty. */
export const systemTables = (): readonly LocalTable[] => SYSTEM_TABLES.map(({ schema, name, columns }) => ({ schema, name, columns }));

export interface FilledTable {
  readonly table: LocalTable;
  readonly rows: readonly (readonly SqlValue[])[];
}

/** A system table with its rows; undefined if there is none of that name. */
export function fillSystemTable(session: Session, schema: string, name: string): FilledTable | undefined {
  const table = findSystemTable(schema, name);
  return table === undefined ? undefined : { table: { schema, name: table.name, columns: table.columns }, rows: table.rows(context(session)) };
}

function context({ catalog, listed = catalog, options, warnings }: Session): SystemContext {
  return {
    catalog: listed,
    warnings,
    connectionProperties: CONNECTION_PROPERTIES.map((property): SystemProperty => ({
      name: property.name,
      type: property.type,
      default: property.default,
      category: property.category,
      sensitive: property.secret,
      description: property.description,
      value: options.shown[property.name],
      ...(property.values === undefined ? {} : { values: property.values }),
    })),
  };
}
