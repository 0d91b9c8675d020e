/**
 * Owns: an empty SQLite database to prove readings against: equal programs are equal statements.
 */
import Database from 'better-sqlite3';

export const database = new Database(':memory:');
database.exec('CREATE TABLE t(a TEXT, b TEXT, c INTEGER, d REAL, "odd name" TEXT); CREATE TABLE u(a TEXT, x TEXT, y INTEGER); CREATE TABLE v(a TEXT); CREATE INDEX ix ON v(a)');

/** The program SQLite makes of a SELECT, or undefined if it refuses it. Pointers to virtual tables are masked. */
export function program(sql: string): string | undefined {
  try {
    const statement = database.prepare(`EXPLAIN ${sql}`).raw();
    return JSON.stringify((statement.all(...variables(sql)) as unknown[][]).map((row) => row.slice(1, 7))).replace(/vtab:[0-9A-Fa-fx]+/g, 'vtab');
  } catch {
    return undefined;
  }
}

/** EXPLAIN wants every variable bound. */
function variables(sql: string): [null[], Record<string, null>] | [null[]] {
  const names = [...sql.matchAll(/(?<=[^'\w])[?:@$](\w+)/g)].map(([, name]) => [name!, null] as const);
  const plain = [...sql.matchAll(/\?(?!\d)/g)].map(() => null);
  return names.length === 0 ? [plain] : [plain, Object.fromEntries(names)];
}
