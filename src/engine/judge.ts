/**
 * Owns: the judge: one lasting in-memory database with an empty table for every virtual and system table.
 * Does not own: rows of virtual tables (statement-database.ts), what a statement kind may do (driver/).
 * Invariants: no row of a virtual table is ever in it; only the temp schema can be written; every error is an ExchangeSqlError.
 */
import Database from 'better-sqlite3';
import { ExchangeSqlError } from '../errors.js';
import type { TableDeclaration } from '../catalog/table.js';
import { createTable, engineTable, quoteIdentifier, type EngineTable, type LocalTable } from './ddl.js';
import { registerFunctions, registerPlaceholders } from './functions/registry.js';
import { opcodesOf, SCHEMA_ROOT, tablesRead, type RootEntry } from './opcodes.js';
import { bindArguments, bindNulls, variablesOf } from './parameters.js';
import { prepareError, type Names } from './sqlite-error.js';
import { refuseOtherSchemas, TemporarySchema, type TemporaryResult, type TemporaryTable } from './temporary.js';
import { nameOf, tokensOf } from './tokens.js';
import type { BoundParameters, Examination, Folded, Judge, Opcode, ResultColumn } from './types.js';
import type { SqlValue } from '../scan/value.js';

export interface JudgeOptions {
  /** Virtual tables, aliases included. */
  readonly tables: readonly TableDeclaration[];
  /** System tables; `information_schema` becomes an attached database. */
  readonly localTables: readonly LocalTable[];
  /** Known names that cannot be read; the error says why. */
  readonly notOffered?: readonly TableDeclaration[];
}

/** The judge with the user's temporary objects, which live as long as the connection. */
export interface TemporaryJudge extends Judge {
  /**
   * Runs one CREATE, DROP, ALTER, INSERT, UPDATE or DELETE on temporary objects.
   *
   * @param options.emptySources allow reading virtual tables, which are empty here: for `CREATE TEMP TABLE … AS SELECT`, whose rows the caller adds by `insertTemporary`.
   * @throws ExchangeSqlError STATEMENT_REFUSED if it would write anything else.
   */
  runTemporary(sql: string, parameters?: BoundParameters, options?: { readonly emptySources?: boolean }): TemporaryResult;
  /**
   * Reports what is wrong with a writing statement on virtual tables, without running it.
   *
   * @throws ExchangeSqlError SYNTAX, UNKNOWN_TABLE, UNKNOWN_COLUMN, …
   */
  checkWrite(sql: string): void;
  /** Adds rows to a temporary table. Without `columns`: all columns in order. */
  insertTemporary(table: string, columns: readonly string[] | undefined, rows: Iterable<readonly SqlValue[]>): number;
  /** The user's temporary objects in order of creation, with a way to read rows. */
  temporaryTables(): readonly TemporaryTable[];
  /** Declaration of a virtual or system table by name without case. */
  table(schema: string, name: string): EngineTable | undefined;
  close(): void;
}

/** First words of statements that are not queries. Preparing some PRAGMAs already runs them, so they must not get that far. */
const NOT_QUERIES = new Set('pragma attach detach vacuum begin commit end rollback savepoint release create drop alter reindex analyze explain insert update delete replace'.split(' '));

/** Functions of SQLite that reach outside of the statement. */
const REFUSED_FUNCTIONS = new Set(['load_extension', 'fts3_tokenizer', 'sqlite_log']);

/** Table-valued functions that may be read; the others show the judge's own insides. */
const ALLOWED_MODULES = new Set(['json_each', 'json_tree']);

export function createJudge(options: JudgeOptions): TemporaryJudge {
  return new SqliteJudge(options);
}

class SqliteJudge implements TemporaryJudge {
  readonly #database: Database.Database;
  readonly #tables: readonly EngineTable[];
  readonly #byName = new Map<string, EngineTable>();
  readonly #roots = new Map<string, RootEntry>();
  readonly #notOffered = new Map<string, { readonly name: string; readonly reason: string }>();
  readonly #lacking = new Map<string, string>();
  readonly #temporary: TemporarySchema;
  readonly #modules: ReadonlySet<string>;
  #strict: { readonly database: Database.Database; readonly version: number } | undefined;
  #closed = false;

  constructor({ tables, localTables, notOffered = [] }: JudgeOptions) {
    for (const { name, shape } of notOffered) if (shape.kind === 'not-offered') this.#notOffered.set(name.toLowerCase(), { name, reason: shape.reason });
    for (const { name, lacking = {} } of tables) for (const [column, why] of Object.entries(lacking)) this.#lacking.set(`${name}.${column}`.toLowerCase(), why);
    this.#tables = [...tables.map(engineTable), ...localTables];
    this.#database = new Database(':memory:');
    this.#database.pragma('temp_store = memory');
    registerFunctions(this.#database);
    registerPlaceholders(this.#database);
    this.#createAll(this.#database, createTable);
    for (const table of this.#tables) this.#byName.set(key(table.schema, table.name), table);
    this.#readRoots();
    this.#modules = new Set(['dbstat', ...(this.#database.prepare('SELECT name FROM pragma_module_list').pluck().all() as string[])].map((name) => name.toLowerCase()));
    this.#temporary = new TemporarySchema(this.#database, (name) => this.table('main', name) !== undefined);
  }

  #createAll(database: Database.Database, ddl: (table: EngineTable) => string): void {
    const schemas = new Set(this.#tables.map(({ schema }) => schema));
    for (const schema of schemas) {
      if (schema !== 'main') database.exec(`ATTACH ':memory:' AS ${quoteIdentifier(schema)}`);
    }
    database.exec(['BEGIN', ...this.#tables.map(ddl), 'COMMIT'].join(';'));
  }

  #readRoots(): void {
    const databases = this.#database.pragma('database_list') as { readonly seq: number; readonly name: string }[];
    for (const { seq, name: schema } of databases) {
      const rows = this.#database.prepare(`SELECT name, rootpage FROM ${quoteIdentifier(schema)}.sqlite_schema`).raw().all() as [string, number][];
      for (const [name, root] of rows) {
        const table = this.table(schema, name);
        if (table !== undefined) this.#roots.set(rootKey(seq, root), { schema, table: table.name, columns: table.columns.map((column) => column.name), whole: false });
      }
    }
  }

  table(schema: string, name: string): EngineTable | undefined {
    return this.#byName.get(key(schema, name));
  }

  readonly #lookup = (database: number, root: number): RootEntry | undefined => {
    if (root === SCHEMA_ROOT) throw new ExchangeSqlError('STATEMENT_REFUSED', "SQLite's own schema tables cannot be read", { hint: 'sys_tables and information_schema.tables list the tables.' });
    return database === TEMP ? this.#temporary.byRoot(root) : this.#roots.get(rootKey(database, root));
  };

  examine(sql: string): Examination {
    this.#refuseNonQuery(sql);
    let columns: readonly ResultColumn[];
    let program: readonly Opcode[];
    try {
      const statement = this.#database.prepare(sql);
      if (!statement.readonly || !statement.reader) throw refused('only SELECT, WITH and VALUES can be run as a query');
      columns = statement.columns().map(resultColumn);
      program = this.#explain(sql);
    } catch (error) {
      throw this.#prepareError(error, sql);
    }
    this.#refuseInsides(program, sql);
    return { columns, program, tables: tablesRead(program, this.#lookup), readsRowid: this.#readsRowid(sql) };
  }

  program(sql: string): readonly Opcode[] | undefined {
    try {
      return this.#explain(sql);
    } catch (error) {
      if (error instanceof TypeError) throw error;
      return undefined;
    }
  }

  #explain(sql: string): Opcode[] {
    return opcodesOf(this.#database.prepare(`EXPLAIN ${sql}`).raw().all(...bindNulls(variablesOf(sql))));
  }

  fold(expression: string, parameters: BoundParameters): Folded | undefined {
    // A line feed before the second column: the expression may end in a comment.
    const sql = `SELECT v, typeof(v) FROM (SELECT (${expression}\n) AS v)`;
    try {
      if (/\b(?:select|in|values|table)\b/i.test(expression) && this.#explain(sql).some(({ opcode }) => opcode === 'OpenRead' || opcode === 'VOpen')) return undefined;
      const statement = this.#database.prepare(sql);
      if (!statement.readonly || !statement.reader) return undefined;
      const [value, type] = statement.raw().safeIntegers().get(...bindArguments(variablesOf(sql), parameters)) as [SqlValue, Folded['type']];
      return { type, value };
    } catch (error) {
      if (error instanceof ExchangeSqlError && error.code === 'BAD_PARAMETER') throw error;
      return undefined;
    }
  }

  runTemporary(sql: string, parameters: BoundParameters = { positional: [], named: {} }, { emptySources = false }: { readonly emptySources?: boolean } = {}): TemporaryResult {
    try {
      const program = this.#explain(sql);
      refuseOtherSchemas(sql, program);
      this.#refuseInsides(program, sql);
      if (!emptySources) {
        const read = tablesRead(program.filter(({ opcode, p2 }) => opcode !== 'OpenRead' || p2 !== SCHEMA_ROOT), this.#lookup).find(({ schema }) => schema !== 'temp');
        if (read !== undefined) throw new ExchangeSqlError('NOT_SUPPORTED', `a statement on temporary tables cannot read ${read.table}`, { hint: 'CREATE TEMP TABLE … AS SELECT can.' });
      }
      return this.#temporary.run(sql, parameters);
    } catch (error) {
      throw this.#prepareError(error, sql);
    }
  }

  checkWrite(sql: string): void {
    try {
      this.#refuseInsides(this.#explain(sql), sql);
    } catch (error) {
      throw this.#prepareError(error, sql);
    }
  }

  insertTemporary(table: string, columns: readonly string[] | undefined, rows: Iterable<readonly SqlValue[]>): number {
    return this.#temporary.insert(table, columns, rows);
  }

  temporaryTables(): readonly TemporaryTable[] {
    return this.#temporary.objects();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#strict?.database.close();
    this.#database.close();
  }

  /**
   * Whether the text means the rowid of a virtual table. Rowid opcodes do not tell (FULL JOIN and automatic indexes use
   * them, ORDER BY rowid does not): the text is compiled against the same tables WITHOUT ROWID instead, where the name is unknown.
   */
  #readsRowid(sql: string): boolean {
    if (!ROWID.test(sql) && !this.#temporary.mentions(ROWID)) return false;
    const message = complaint(this.#withoutRowid(), sql);
    return message !== undefined && /^no such column: (?:[^]*\.)?"?(?:rowid|_rowid_|oid)\b/i.test(message);
  }

  #withoutRowid(): Database.Database {
    const { version } = this.#temporary;
    if (this.#strict?.version === version) return this.#strict.database;
    this.#strict?.database.close();
    const database = new Database(':memory:');
    registerFunctions(database);
    registerPlaceholders(database);
    this.#createAll(database, (table) => createTable(table).replace(/\)$/, `, PRIMARY KEY(${quoteIdentifier(table.columns[0]?.name ?? '')})) WITHOUT ROWID`));
    for (const { sql } of this.#temporary.objects()) {
      try {
        database.exec(sql);
      } catch {
        // An object that depends on one that is gone; statements that use it fail in the judge, too.
      }
    }
    this.#strict = { database, version };
    return database;
  }

  #refuseNonQuery(sql: string): void {
    for (const token of tokensOf(sql)) {
      const word = token.kind === 'name' ? token.text.toLowerCase() : undefined;
      if (word !== undefined && NOT_QUERIES.has(word)) throw new ExchangeSqlError('STATEMENT_REFUSED', `${word.toUpperCase()} cannot be run here`, { position: token.position, hint: 'SELECT, WITH and VALUES can; temporary tables can be created and filled.' });
      return;
    }
  }

  #refuseInsides(program: readonly Opcode[], sql: string): void {
    for (const { opcode, p4 } of program) {
      if ((opcode === 'Function' || opcode === 'PureFunc') && p4 !== null) {
        const name = p4.slice(0, p4.indexOf('('));
        if (REFUSED_FUNCTIONS.has(name)) throw refused(`${name}() cannot be used`);
      }
      if (opcode !== 'VOpen') continue;
      for (const token of tokensOf(sql)) {
        const name = nameOf(token)?.toLowerCase();
        if (name !== undefined && !ALLOWED_MODULES.has(name) && (this.#modules.has(name) || name.startsWith('pragma_'))) throw refused(`${name} cannot be read`, token.position);
      }
    }
  }

  #prepareError(error: unknown, sql: string): ExchangeSqlError {
    return prepareError(error, sql, this.#names, (text) => complaint(this.#database, text));
  }

  readonly #names: Names = {
    notOffered: (name) => this.#notOffered.get(name.toLowerCase()),
    lacking: (table, column) => this.#lacking.get(`${table}.${column}`.toLowerCase()),
    tables: () => [...this.#tables.filter(({ schema }) => schema === 'main').map(({ name }) => name), ...this.#temporary.objects().filter(({ kind }) => kind !== 'other').map(({ name }) => name)],
    columns: (name) => this.#temporary.columns(name) ?? this.table('main', name)?.columns.map((column) => column.name) ?? [],
    functions: () => this.#database.prepare(`SELECT DISTINCT name FROM pragma_function_list WHERE name NOT GLOB 'xs_*' AND name GLOB '[a-z]*'`).pluck().all() as string[],
  };
}

const TEMP = 1;
const ROWID = /\b(?:rowid|_rowid_|oid)\b/i;
const key = (schema: string, name: string): string => `${schema.toLowerCase()}.${name.toLowerCase()}`;
const rootKey = (database: number, root: number): string => `${String(database)}:${String(root)}`;
const refused = (message: string, position?: number): ExchangeSqlError => new ExchangeSqlError('STATEMENT_REFUSED', message, position === undefined ? {} : { position });

/** SQLite's message about a text, or undefined. */
function complaint(database: Database.Database, sql: string): string | undefined {
  try {
    // As EXPLAIN: a PRAGMA in the text must not run.
    database.prepare(`EXPLAIN ${sql}`);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function resultColumn({ name, column, table, database, type }: Database.ColumnDefinition): ResultColumn {
  return {
    name,
    ...(table === null ? {} : { table }),
    ...(column === null ? {} : { column }),
    ...(database === null ? {} : { schema: database }),
    ...(type === null ? {} : { declaredType: type }),
  };
}
