/**
 * Owns: the user's temporary tables, views, indexes and triggers in the judge.
 * Does not own: the judge's own tables (judge.ts); rows of virtual tables.
 * Invariants: a statement that begins a write on another schema than temp never runs; a temporary object never hides a virtual table.
 */
import type Database from 'better-sqlite3';
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import { quoteIdentifier } from './ddl.js';
import type { RootEntry } from './opcodes.js';
import { bindArguments, variablesOf } from './parameters.js';
import { tokensOf } from './tokens.js';
import type { BoundParameters, Opcode } from './types.js';

export interface TemporaryTable {
  readonly name: string;
  /** `other`: an index or a trigger. */
  readonly kind: 'table' | 'view' | 'other';
  /** DDL that creates it again in the temp schema. */
  readonly sql: string;
  /** Column names; empty for `other`. */
  readonly columns: readonly string[];
  /** Rows of a table, lazily; must be read to the end before the next write. */
  rows(): IterableIterator<readonly SqlValue[]>;
}

export interface TemporaryResult {
  /** Rows inserted, updated or deleted. */
  readonly changes: number;
  /** Columns and rows of RETURNING. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

const FIRST_WORDS = new Set(['create', 'drop', 'alter', 'insert', 'replace', 'update', 'delete', 'with']);
/** Virtual tables, transactions and maintenance have no place in a temporary schema. */
// Not JournalMode: SQLite puts it into statements that do nothing (DROP … IF EXISTS); PRAGMA is no first word that gets here.
const REFUSED_OPCODES = new Set(['VCreate', 'VDestroy', 'VUpdate', 'VRename', 'VBegin', 'AutoCommit', 'Savepoint', 'Vacuum', 'Checkpoint', 'IncrVacuum']);
const TEMP = 1;

export class TemporarySchema {
  readonly #database: Database.Database;
  readonly #isVirtual: (name: string) => boolean;
  #version = 0;
  #objects: readonly TemporaryTable[] = [];
  #roots = new Map<number, RootEntry>();

  /** @param isVirtual whether a name belongs to a table outside the temp schema. */
  constructor(database: Database.Database, isVirtual: (name: string) => boolean) {
    this.#database = database;
    this.#isVirtual = isVirtual;
  }

  /** Changes with every change of the schema. */
  get version(): number {
    return this.#version;
  }

  objects(): readonly TemporaryTable[] {
    return this.#objects;
  }

  byRoot(root: number): RootEntry | undefined {
    return this.#roots.get(root);
  }

  columns(name: string): readonly string[] | undefined {
    return this.#objects.find((object) => object.kind !== 'other' && object.name.toLowerCase() === name.toLowerCase())?.columns;
  }

  mentions(pattern: RegExp): boolean {
    return this.#objects.some(({ sql }) => pattern.test(sql));
  }

  /** Runs a text that `refuseOtherSchemas` let pass. */
  run(sql: string, parameters: BoundParameters): TemporaryResult {
    const statement = this.#database.prepare(sql);
    const args = bindArguments(variablesOf(sql), parameters);
    this.#database.exec('SAVEPOINT xs_temporary');
    try {
      const before = this.#schemaVersion();
      let result: TemporaryResult;
      if (statement.reader) {
        const rows = statement.raw().safeIntegers().all(...args) as SqlValue[][];
        result = { changes: rows.length, columns: statement.columns().map(({ name }) => name), rows };
      } else {
        result = { changes: statement.run(...args).changes, columns: [], rows: [] };
      }
      if (this.#schemaVersion() !== before) {
        result = { ...result, changes: 0 };
        this.#reload();
      }
      this.#database.exec('RELEASE xs_temporary');
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK TO xs_temporary; RELEASE xs_temporary');
      this.#reload(false);
      throw error;
    }
  }

  insert(table: string, columns: readonly string[] | undefined, rows: Iterable<readonly SqlValue[]>): number {
    const known = this.#objects.find((object) => object.kind === 'table' && object.name.toLowerCase() === table.toLowerCase());
    if (known === undefined) throw new ExchangeSqlError('UNKNOWN_TABLE', `there is no temporary table ${table}`);
    const names = columns ?? known.columns;
    const statement = this.#database.prepare(`INSERT INTO temp.${quoteIdentifier(known.name)}(${names.map(quoteIdentifier).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`);
    return this.#database.transaction(() => {
      let count = 0;
      for (const row of rows) count += statement.run(row).changes;
      return count;
    })();
  }

  #schemaVersion(): unknown {
    return this.#database.pragma('temp.schema_version', { simple: true });
  }

  #reload(check = true): void {
    const rows = this.#database.prepare('SELECT type, name, tbl_name, rootpage, sql FROM temp.sqlite_schema ORDER BY rowid').raw().all() as [string, string, string, number, string | null][];
    const objects: TemporaryTable[] = [];
    const roots = new Map<number, RootEntry>();
    for (const [type, name, tableName, root, sql] of rows) {
      if (check && (type === 'table' || type === 'view') && this.#isVirtual(name)) {
        throw new ExchangeSqlError('STATEMENT_REFUSED', `there is a table ${name} already`, { hint: 'Give the temporary object another name.' });
      }
      const isTable = type === 'table' || type === 'view';
      const columns = isTable ? this.#columnsOf(name) : [];
      if (sql !== null) objects.push({ name, kind: isTable ? type : 'other', sql: asTemporary(sql), columns, rows: () => this.#rows(name, columns) });
      if (root > 0) roots.set(root, { schema: 'temp', table: tableName, columns: this.#columnsOf(tableName), whole: true });
    }
    this.#objects = objects;
    this.#roots = roots;
    this.#version += 1;
  }

  /** A view over something that is gone has no columns. */
  #columnsOf(name: string): readonly string[] {
    try {
      return this.#database.prepare('SELECT name FROM pragma_table_info(?, ?)').pluck().all(name, 'temp') as string[];
    } catch {
      return [];
    }
  }

  #rows(name: string, columns: readonly string[]): IterableIterator<readonly SqlValue[]> {
    return this.#database.prepare(`SELECT ${columns.map(quoteIdentifier).join(', ')} FROM temp.${quoteIdentifier(name)}`).raw().safeIntegers().iterate() as IterableIterator<SqlValue[]>;
  }
}

/** SQLite keeps DDL without TEMP. */
const asTemporary = (sql: string): string => sql.replace(/^CREATE (?!UNIQUE|INDEX|TEMP)/i, 'CREATE TEMP ').replace(/^CREATE (UNIQUE )?INDEX /i, (_, unique: string | undefined) => `CREATE ${unique ?? ''}INDEX temp.`);

/** @throws ExchangeSqlError STATEMENT_REFUSED unless the text only changes the temp schema. */
export function refuseOtherSchemas(sql: string, program: readonly Opcode[]): void {
  const [first] = tokensOf(sql);
  const word = first?.text.toLowerCase() ?? '';
  if (!FIRST_WORDS.has(word)) throw new ExchangeSqlError('STATEMENT_REFUSED', `${word.toUpperCase()} cannot be run here`);
  let writes = false;
  for (const { opcode, p1, p2 } of program) {
    if (REFUSED_OPCODES.has(opcode)) throw new ExchangeSqlError('STATEMENT_REFUSED', `this kind of ${word.toUpperCase()} cannot be run here`);
    if (opcode !== 'Transaction' || p2 === 0) continue;
    if (p1 !== TEMP) throw new ExchangeSqlError('STATEMENT_REFUSED', `${word.toUpperCase()} is possible on temporary tables only`, { hint: 'CREATE TEMP TABLE makes one.' });
    writes = true;
  }
  // DROP TABLE IF EXISTS of nothing neither writes nor harms.
  if (!writes && word === 'with') throw new ExchangeSqlError('STATEMENT_REFUSED', 'this statement changes nothing');
}
