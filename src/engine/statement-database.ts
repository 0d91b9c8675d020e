/**
 * Owns: the small database of one running statement: staging pages, running the text over them.
 * Does not own: which rows are fetched (driver/), what the text is (planner/).
 * Invariants: holds only the tables the statement names, by the judge's DDL and with its functions; a row whose key was staged
 * before is skipped; integers leave as bigint, always; only queries run.
 */
import Database from 'better-sqlite3';
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import { createTable, quoteIdentifier, type EngineTable } from './ddl.js';
import { registerFunctions } from './functions/registry.js';
import { joinColumns, opcodesOf } from './opcodes.js';
import { bindArguments, bindNulls, variablesOf, type Variable } from './parameters.js';
import { visits, type PlanNode } from './runaway.js';
import { runError } from './sqlite-error.js';
import type { TemporaryTable } from './temporary.js';
import type { BoundParameters, StatementDatabase } from './types.js';
import { announced } from './works.js';

export interface StatementDatabaseOptions {
  /** Tables to create at once. A schema other than `main` becomes an attached database. */
  readonly tables: readonly EngineTable[];
  /** Keep everything in memory; otherwise rows spill into an anonymous temporary file when they are many. */
  readonly memory: boolean;
  /** The user's temporary objects; a table is copied with its rows, and a view made, when a text names it. */
  readonly temporary?: readonly TemporaryTable[];
  /**
   * Finds a table that the text names although the bytecode does not read it (an unused column of a derived table); it is
   * created empty when SQLite misses it.
   */
  readonly unread?: (name: string, schema?: string) => EngineTable | undefined;
  /** Combinations of rows beyond which `refuseRunaway` refuses. Default 2,000,000,000, about a minute of work. */
  readonly ceiling?: number;
}

/** With a deadline for texts in which `xs_tick()` stands. */
export interface DeadlineDatabase extends StatementDatabase {
  /** Whether running a text may take seconds, at worst: then it is worth a way out. */
  mayBeLong(sql: string): boolean;
  /** Whether SQLite takes a text. */
  accepts(sql: string): boolean;
  /** `xs_tick()` throws TIMEOUT from `milliseconds` after now on; undefined takes the deadline away. */
  setDeadline(milliseconds: number | undefined): void;
}

export function createStatementDatabase(options: StatementDatabaseOptions): DeadlineDatabase {
  return new StagedDatabase(options);
}

/** Measured best at about 320 variables an insert, and never more than 50 rows. */
const VARIABLES_PER_INSERT = 320;
const MOST_ROWS_PER_INSERT = 50;

/** Combinations of rows from which on an index pays: about 100 ms of work. */
const INDEX_WORTH = 5_000_000;

/** The same for ticks in every loop: they take about a tenth more time. */
const LONG = 5_000_000;

interface Inserter {
  readonly rows: number;
  readonly many: Database.Statement;
  readonly one: Database.Statement;
}

interface Staged {
  readonly table: EngineTable;
  readonly keys: Set<string>;
  readonly inserters: Map<string, Inserter>;
  rows: number;
}

interface Prepared {
  readonly statement: Database.Statement;
  readonly variables: readonly Variable[];
}

class StagedDatabase implements DeadlineDatabase {
  readonly #database: Database.Database;
  readonly #staged = new Map<string, Staged>();
  /** Temporary objects that no text has named yet. They never have the name of a virtual table. */
  readonly #temporary = new Map<string, TemporaryTable>();
  readonly #temporaryRows = new Map<string, number>();
  readonly #prepared = new Map<string, Prepared>();
  readonly #unread: (name: string, schema?: string) => EngineTable | undefined;
  readonly #ceiling: number;
  readonly #attached = new Set(['main', 'temp']);
  #deadline = Number.POSITIVE_INFINITY;

  constructor({ tables, memory, temporary = [], unread = () => undefined, ceiling = 2e9 }: StatementDatabaseOptions) {
    this.#unread = unread;
    this.#ceiling = ceiling;
    this.#database = new Database(memory ? ':memory:' : '');
    // Sorts and materialised subqueries use temporary files of their own.
    if (memory) this.#database.pragma('temp_store = memory');
    // Nothing is ever rolled back, and the file is gone with the connection.
    else this.#database.exec('PRAGMA journal_mode = off; PRAGMA synchronous = off');
    registerFunctions(this.#database, {
      tick: () => {
        if (performance.now() > this.#deadline) throw new ExchangeSqlError('TIMEOUT', 'the statement ran out of time while its rows were combined', { hint: 'Restrict it further, or raise Timeout.' });
      },
    });
    for (const table of tables) this.#create(table);
    for (const object of temporary) if (object.kind !== 'other') this.#temporary.set(object.name.toLowerCase(), object);
  }

  #create(table: EngineTable): void {
    if (!this.#attached.has(table.schema)) {
      this.#database.exec(`ATTACH ':memory:' AS ${quoteIdentifier(table.schema)}`);
      this.#attached.add(table.schema);
    }
    const staged: Staged = { table, keys: new Set(), inserters: new Map(), rows: 0 };
    if (this.#staged.has(qualified(table))) return;
    this.#database.exec(createTable(table));
    this.#staged.set(qualified(table), staged);
  }

  /** Copies a temporary table with its rows, or a view, when SQLite misses it. */
  #copyTemporary({ name, kind, sql, columns, rows }: TemporaryTable): void {
    this.#database.exec(sql);
    this.#temporary.delete(name.toLowerCase());
    if (kind === 'view') return;
    const insert = this.#database.prepare(`INSERT INTO temp.${quoteIdentifier(name)}(${columns.map(quoteIdentifier).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
    let count = 0;
    this.#database.exec('BEGIN');
    for (const row of rows()) {
      insert.run(row);
      count += 1;
    }
    this.#database.exec('COMMIT');
    this.#temporaryRows.set(name.toLowerCase(), count);
  }

  #find(name: string): Staged | undefined {
    const lower = name.toLowerCase();
    const direct = this.#staged.get(lower) ?? this.#staged.get(`main.${lower}`);
    if (direct !== undefined) return direct;
    for (const [key, staged] of this.#staged) if (key.endsWith(`.${lower}`)) return staged;
    return undefined;
  }

  #table(name: string): Staged {
    const staged = this.#find(name);
    if (staged === undefined) throw new ExchangeSqlError('INTERNAL', `the table ${name} was not opened for this statement`);
    return staged;
  }

  /** `table` may be qualified: `information_schema.tables`. Without keys every row is kept: the caller knows them to be distinct. */
  stage(table: string, columns: readonly string[], page: { readonly rows: readonly (readonly SqlValue[])[]; readonly keys: readonly string[] }): number {
    const staged = this.#table(table);
    const { keys } = page;
    const rows = keys.length === 0 ? page.rows : fresh(page.rows, keys, staged.keys);
    if (rows.length === 0) return 0;
    const { many, one, rows: batch } = this.#inserter(staged, columns);
    const width = Math.max(1, columns.length);
    try {
      this.#database.exec('BEGIN');
      let at = 0;
      if (rows.length >= batch && batch > 1) {
        const values = new Array<SqlValue>(batch * width).fill(null);
        for (; at + batch <= rows.length; at += batch) {
          let index = 0;
          for (let row = at; row < at + batch; row += 1) {
            const source = rows[row]!;
            for (let column = 0; column < columns.length; column += 1) values[index++] = source[column]!;
          }
          many.run(values);
        }
      }
      for (; at < rows.length; at += 1) one.run(columns.length === 0 ? [null] : rows[at]!);
      this.#database.exec('COMMIT');
    } catch (error) {
      throw runError(error);
    }
    staged.rows += rows.length;
    return rows.length;
  }

  #inserter(staged: Staged, columns: readonly string[]): Inserter {
    const id = columns.join('\0');
    const known = staged.inserters.get(id);
    if (known !== undefined) return known;
    // A scan may read no column at all (`count(*)`): its rows are rows of NULLs.
    const names = columns.length === 0 ? [staged.table.columns[0]?.name ?? ''] : columns;
    const rows = Math.max(1, Math.min(MOST_ROWS_PER_INSERT, Math.floor(VARIABLES_PER_INSERT / names.length)));
    const head = `INSERT INTO ${quoteIdentifier(staged.table.schema)}.${quoteIdentifier(staged.table.name)}(${names.map(quoteIdentifier).join(', ')}) VALUES `;
    const row = `(${names.map(() => '?').join(',')})`;
    const inserter: Inserter = { rows, many: this.#database.prepare(head + Array.from({ length: rows }, () => row).join(',')), one: this.#database.prepare(head + row) };
    staged.inserters.set(id, inserter);
    return inserter;
  }

  clear(table: string): void {
    const staged = this.#table(table);
    this.#database.exec(`DELETE FROM ${quoteIdentifier(staged.table.schema)}.${quoteIdentifier(staged.table.name)}`);
    staged.rows = 0;
  }

  keys(sql: string): readonly SqlValue[] {
    const seen = new Set<SqlValue>();
    for (const [value] of this.run(sql, { positional: [], named: {} })) if (value !== null && value !== undefined) seen.add(value);
    return [...seen];
  }

  /**
   * Rows as arrays, one by one; every integer is a bigint (deciding per value costs more than it saves). The same text is
   * compiled once. While an iterator is open nothing can be staged.
   */
  *run(sql: string, parameters: BoundParameters): IterableIterator<readonly SqlValue[]> {
    try {
      const { statement, variables } = this.#prepare(sql);
      yield* announced(statement.iterate(...bindArguments(variables, parameters)) as IterableIterator<SqlValue[]>);
    } catch (error) {
      throw runError(error);
    }
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known !== undefined && !known.statement.busy) return known;
    const statement = this.#compile(sql);
    if (!statement.readonly || !statement.reader) throw new ExchangeSqlError('STATEMENT_REFUSED', 'only SELECT, WITH and VALUES can be run as a query');
    const prepared: Prepared = { statement: statement.raw().safeIntegers(), variables: variablesOf(sql) };
    this.#prepared.set(sql, prepared);
    return prepared;
  }

  #compile(sql: string): Database.Statement {
    for (;;) {
      try {
        return this.#database.prepare(sql);
      } catch (error) {
        const missing = error instanceof Error ? /^no such table: (?:(\w+)\.)?([^]*)$/.exec(error.message) : null;
        const temporary = missing?.[2] === undefined || (missing[1] ?? 'temp').toLowerCase() === 'information_schema' ? undefined : this.#temporary.get(missing[2].toLowerCase());
        if (temporary !== undefined) {
          this.#copyTemporary(temporary);
          continue;
        }
        const table = missing?.[2] === undefined ? undefined : this.#unread(missing[2], missing[1]);
        if (table === undefined || this.#staged.has(qualified(table))) throw error;
        this.#create(table);
      }
    }
  }

  refuseRunaway(sql: string, _parameters: BoundParameters): void {
    let count = this.#visits(sql);
    if (count > Math.min(INDEX_WORTH, this.#ceiling) && this.#indexJoinColumns(sql)) count = this.#visits(sql);
    if (count <= this.#ceiling) return;
    throw new ExchangeSqlError('STATEMENT_TOO_LARGE', `the statement would try about ${count.toExponential(0)} combinations of rows, more than ${this.#ceiling.toExponential(0)}`, {
      hint: 'Join by equality of columns (a.x = b.y), or restrict each table first.',
    });
  }

  mayBeLong(sql: string): boolean {
    return this.#visits(sql, true) > LONG;
  }

  accepts(sql: string): boolean {
    try {
      this.#compile(sql);
      return true;
    } catch {
      return false;
    }
  }

  #visits(sql: string, worst = false): number {
    return visits(this.#explain(`QUERY PLAN ${sql}`).all(...bindNulls(variablesOf(sql))) as PlanNode[], sql, (name) => this.#find(name)?.rows ?? this.#temporaryRows.get(name), worst);
  }

  #explain(sql: string): Database.Statement {
    try {
      return this.#compile(`EXPLAIN ${sql}`);
    } catch (error) {
      throw runError(error);
    }
  }

  /**
   * SQLite makes no automatic index for a correlated subquery (`(SELECT f.name FROM f WHERE f.id = m.folder)`): the columns
   * that the program compares with those of other tables get one here. Which rows come out does not depend on it.
   */
  #indexJoinColumns(sql: string): boolean {
    const databases = this.#database.pragma('database_list') as { readonly seq: number; readonly name: string }[];
    const roots = new Map<string, Staged>();
    for (const { seq, name } of databases) {
      if (name === 'temp') continue;
      for (const [table, root] of this.#database.prepare(`SELECT name, rootpage FROM ${quoteIdentifier(name)}.sqlite_schema WHERE type = 'table'`).raw().all() as [string, number][]) {
        const staged = this.#staged.get(`${name}.${table}`.toLowerCase());
        if (staged !== undefined) roots.set(`${String(seq)}:${String(root)}`, staged);
      }
    }
    const program = opcodesOf(this.#explain(sql).raw().all(...bindNulls(variablesOf(sql))));
    let made = false;
    for (const { database, root, column } of joinColumns(program)) {
      const staged = roots.get(`${String(database)}:${String(root)}`);
      const declared = staged?.table.columns[column];
      if (staged === undefined || declared === undefined) continue;
      const { schema, name } = staged.table;
      this.#database.exec(`CREATE INDEX IF NOT EXISTS ${quoteIdentifier(schema)}.${quoteIdentifier(`xs_${name}_${declared.name}`)} ON ${quoteIdentifier(name)}(${quoteIdentifier(declared.name)})`);
      made = true;
    }
    return made;
  }

  setDeadline(milliseconds: number | undefined): void {
    this.#deadline = milliseconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + milliseconds;
  }

  close(): void {
    this.#prepared.clear();
    this.#staged.clear();
    this.#database.close();
  }
}

const qualified = ({ schema, name }: EngineTable): string => `${schema}.${name}`.toLowerCase();

function fresh(rows: readonly (readonly SqlValue[])[], keys: readonly string[], seen: Set<string>): readonly (readonly SqlValue[])[] {
  const before = seen.size;
  const kept: (readonly SqlValue[])[] = [];
  for (const [index, row] of rows.entries()) {
    const key = keys[index];
    if (key === undefined) throw new ExchangeSqlError('INTERNAL', 'a page has fewer keys than rows');
    const size = seen.size;
    if (seen.add(key).size > size) kept.push(row);
  }
  return seen.size - before === rows.length ? rows : kept;
}
