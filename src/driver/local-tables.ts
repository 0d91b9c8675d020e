/**
 * Owns: a statement's database with its tables, the local ones filled: system tables and the user's temporary tables.
 */
import { engineTable, type EngineTable } from '../engine/ddl.js';
import { createStatementDatabase, type DeadlineDatabase } from '../engine/statement-database.js';
import type { StatementPlan } from '../planner/plan.js';
import type { Session } from './session.js';
import { fillSystemTable, type FilledTable } from './system.js';

export function openDatabase(session: Session, plan: StatementPlan): DeadlineDatabase {
  const virtual = new Map<string, EngineTable>();
  for (const { scan } of plan.scans) {
    const declaration = session.catalog.table(scan.table);
    if (declaration !== undefined) virtual.set(scan.table, engineTable(declaration));
  }
  const filled: FilledTable[] = [];
  for (const { schema, table } of plan.localTables) {
    const system = fillSystemTable(session, schema, table);
    if (system !== undefined) filled.push(system);
  }
  const database = createStatementDatabase({
    tables: [...virtual.values(), ...filled.map(({ table }) => table)],
    memory: false,
    temporary: session.judge.temporaryTables(),
    unread: (name, schema = 'main') => session.judge.table(schema, name),
  });
  for (const { table, rows } of filled) {
    const name = table.schema === 'main' ? table.name : `${table.schema}.${table.name}`;
    database.stage(name, table.columns.map((column) => column.name), { rows, keys: rows.map((_, index) => String(index)) });
  }
  return database;
}
