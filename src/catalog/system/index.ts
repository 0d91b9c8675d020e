/**
 * Owns: the list of system tables: `sys_…` in `main`, and information_schema.
 * Does not own: the database they are put into (engine/), when they are filled (driver/).
 * Invariants: names are unique in their schema, case aside, and no virtual table has such a name.
 */
import { CONNECTION_TABLES } from './connection.js';
import { informationSchema } from './information-schema.js';
import { KEY_TABLES } from './keys.js';
import { PROCEDURE_TABLES } from './procedures.js';
import type { SystemTable } from './system-table.js';
import { TABLE_TABLES } from './tables.js';

export type { SystemContext, SystemProperty, SystemSchema, SystemTable } from './system-table.js';
export { CATALOG_NAME, isWritable, schemaNameOf } from './system-table.js';

const MAIN: readonly SystemTable[] = [...TABLE_TABLES, ...KEY_TABLES, ...PROCEDURE_TABLES, ...CONNECTION_TABLES];

/** Every system table, `main` before `information_schema`. */
export const SYSTEM_TABLES: readonly SystemTable[] = Object.freeze([...MAIN, ...informationSchema(MAIN)]);

const BY_NAME = new Map(SYSTEM_TABLES.map((table) => [`${table.schema}.${table.name}`, table]));

/**
 * A system table by schema and name, without case.
 *
 * @example
 * findSystemTable('main', 'SYS_TABLES')?.columns[2]?.name; // 'TableName'
 */
export function findSystemTable(schema: string, name: string): SystemTable | undefined {
  return BY_NAME.get(`${schema}.${name}`.toLowerCase());
}
