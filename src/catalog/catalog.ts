/**
 * Owns: looking up tables, columns and procedures by name, aliases, RowKey columns, and names to suggest.
 * Does not own: reading the files (load.ts), system tables (system/).
 * Invariants: frozen; names are found without case and given back as declared; the order is stable.
 */
import type { ProcedureDeclaration } from './procedure.js';
import { withRowKeys } from './row-key-columns.js';
import type { PrimaryKey } from './row-key-columns.js';
import { similarNames } from './similar.js';
import type { ColumnDeclaration, TableDeclaration } from './table.js';

interface Entry {
  readonly table: TableDeclaration;
  readonly columns: ReadonlyMap<string, ColumnDeclaration>;
}

/**
 * The tables of one protocol.
 *
 * @example
 * const catalog = loadCatalog('msgraph');
 * catalog.column('messages', 'ISREAD')?.name; // 'isRead'
 */
export class Catalog {
  readonly protocol: string;
  readonly #given: readonly TableDeclaration[];
  readonly #primaryKey: PrimaryKey;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #offered: readonly TableDeclaration[];
  readonly #notOffered: readonly TableDeclaration[];
  readonly #procedures: readonly ProcedureDeclaration[];
  readonly #procedureNames: ReadonlyMap<string, ProcedureDeclaration>;

  constructor(protocol: string, declarations: readonly TableDeclaration[], procedures: readonly ProcedureDeclaration[] = [], primaryKey: PrimaryKey = 'composite', lists: (table: TableDeclaration) => boolean = () => true) {
    this.protocol = protocol;
    this.#given = declarations;
    this.#primaryKey = primaryKey;
    const expanded = declarations.map((table) => withRowKeys(table, primaryKey)).flatMap((table) => [table, ...aliasesOf(table)]).map((table) => freeze(table));
    this.#entries = new Map(expanded.map((table) => [table.name.toLowerCase(), { table, columns: new Map(table.columns.map((column) => [column.name.toLowerCase(), column])) }]));
    this.#offered = Object.freeze(expanded.filter((table) => table.shape.kind !== 'not-offered' && lists(table)));
    this.#notOffered = Object.freeze(expanded.filter((table) => table.shape.kind === 'not-offered'));
    this.#procedures = Object.freeze(procedures.map((procedure) => freeze(procedure)));
    this.#procedureNames = new Map(this.#procedures.flatMap((procedure) => [procedure.name, ...(procedure.aliases ?? [])].map((name) => [name.toLowerCase(), procedure])));
    Object.freeze(this);
  }

  /** Every table that can be read, aliases included, by file name. */
  tables(): readonly TableDeclaration[] {
    return this.#offered;
  }

  /** The same catalog, whose `tables()` are those that `lists` takes; the others are still found by name. */
  listing(lists: (table: TableDeclaration) => boolean): Catalog {
    return new Catalog(this.protocol, this.#given, this.#procedures, this.#primaryKey, lists);
  }

  /** Known names that are not offered; `shape.reason` says why. */
  notOffered(): readonly TableDeclaration[] {
    return this.#notOffered;
  }

  /** The declaration of a table by name without case, one that is not offered included. */
  table(name: string): TableDeclaration | undefined {
    return this.#entries.get(name.toLowerCase())?.table;
  }

  /** A column by table and name, both without case. */
  column(table: string, name: string): ColumnDeclaration | undefined {
    return this.#entries.get(table.toLowerCase())?.columns.get(name.toLowerCase());
  }

  /** Every stored procedure, by file name. */
  procedures(): readonly ProcedureDeclaration[] {
    return this.#procedures;
  }

  /** A stored procedure by name or alias, without case. */
  procedure(name: string): ProcedureDeclaration | undefined {
    return this.#procedureNames.get(name.toLowerCase());
  }

  /** Names of procedures that `name` may have been meant as, best first. */
  suggestProcedures(name: string): string[] {
    return similarNames(name, [...this.#procedures.flatMap((procedure) => [procedure.name, ...(procedure.aliases ?? [])])]);
  }

  /** Names of tables that `name` may have been meant as, best first. */
  suggestTables(name: string): string[] {
    return similarNames(name, this.#offered.map((table) => table.name));
  }

  /** Names of columns of `table` that `name` may have been meant as, best first. */
  suggestColumns(table: string, name: string): string[] {
    return similarNames(name, this.table(table)?.columns.map((column) => column.name) ?? []);
  }
}

function aliasesOf(table: TableDeclaration): TableDeclaration[] {
  return (table.aliases ?? []).map((name) => {
    const { aliases: _, ...rest } = table;
    return { ...rest, name, aliasOf: table.name };
  });
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}
