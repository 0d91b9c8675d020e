/**
 * Plain SQLite over the same rows: every offered table read once, whole, without pushdown.
 *
 * `own`: rows of the connection's mailbox and its default calendar, as a statement that binds neither sees them.
 * `mailboxes`: rows of all mailboxes, for statements that bind userId wherever they can.
 * `places`: own rows of all calendars and contact folders, for statements that bind the calendar or folder.
 */
import Database from 'better-sqlite3';
import { loadCatalog } from '../../../src/catalog/load.js';
import type { ColumnDeclaration, ColumnType, TableDeclaration } from '../../../src/catalog/table.js';
import type { SqlValue } from '../../../src/scan/value.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { openLink, type Link, type Row } from './link.js';
import { connectionTo, MAIN, SECOND, SHARED, WINDOW } from './tenant.js';

export type Scope = 'own' | 'mailboxes' | 'places';
export const SCOPES: readonly Scope[] = ['own', 'mailboxes', 'places'];

/** A table as statements may use it. */
export interface Known {
  readonly declaration: TableDeclaration;
  /** Columns that hold values; inputs are left out. */
  readonly columns: readonly ColumnDeclaration[];
  readonly rows: number;
  /** Distinct values that occur, as SQL literals, NULL left out. */
  samples(column: string): readonly string[];
}

export interface Oracle {
  /** Tables of a scope by canonical name. */
  readonly tables: Readonly<Record<Scope, ReadonlyMap<string, Known>>>;
  run(sql: string, scope: Scope): readonly Row[];
  close(): void;
}

/** Affinities as the engine's, written again here. */
const AFFINITY: Readonly<Record<ColumnType, string>> = { text: 'TEXT', timestamp: 'TEXT', date: 'TEXT', time: 'TEXT', json: 'TEXT', boolean: 'NUMERIC', integer: 'INTEGER', bigint: 'INTEGER', double: 'REAL', binary: 'BLOB' };

const MAILBOXES = [MAIN, SECOND, SHARED];

/** Columns that choose a place below the mailbox. */
export const placeColumns = ({ columns }: TableDeclaration): readonly ColumnDeclaration[] => columns.filter(({ name, selector, references }) => selector === true && name !== 'userId' && references !== undefined);
export const isWindowed = ({ shape }: TableDeclaration): boolean => shape.kind === 'window' || (shape.kind === 'children' && shape.window === true);
/** Tables a statement can read without being told what to read. */
export const isReadable = ({ shape }: TableDeclaration): boolean => shape.kind !== 'not-offered' && shape.kind !== 'extended-properties';

export async function loadOracle(sandbox: Sandbox, properties: Readonly<Record<string, string | boolean>> = {}): Promise<Oracle> {
  const link = openLink(connectionTo(sandbox, MAIN, { DisableServerSideFiltering: true, ...properties }));
  try {
    const own = await load(link, 'own');
    const mailboxes = await load(link, 'mailboxes', own);
    const places = await load(link, 'places', own);
    const databases = { own, mailboxes, places };
    return {
      tables: { own: own.tables, mailboxes: mailboxes.tables, places: places.tables },
      run: (sql, scope) => databases[scope].database.prepare(sql).safeIntegers().raw().all() as Row[],
      close: () => {
        for (const scope of SCOPES) databases[scope].database.close();
      },
    };
  } finally {
    await link.close();
  }
}

interface Loaded {
  readonly database: Database.Database;
  readonly tables: ReadonlyMap<string, Known>;
}

async function load(link: Link, scope: Scope, own?: Loaded): Promise<Loaded> {
  const database = new Database(':memory:');
  const tables = new Map<string, Known>();
  for (const declaration of loadCatalog('msgraph').tables().filter(isReadable)) {
    const conditions = [
      ...(isWindowed(declaration) ? [`StartDateTime = '${WINDOW.start}' AND EndDateTime = '${WINDOW.end}'`] : []),
      ...(scope === 'mailboxes' && declaration.scope === 'mailbox' ? [`userId IN (${MAILBOXES.map((name) => `'${name}'`).join(', ')})`] : []),
      ...(scope === 'places' ? placeColumns(declaration).map((column) => `${column.name} IN (${(own?.tables.get(column.references?.split('.')[0] ?? '')?.samples('id') ?? []).join(', ')})`) : []),
    ];
    const names = declaration.columns.map(({ name }) => `"${name}"`);
    const { rows } = await link.run(`SELECT ${names.join(', ')} FROM "${declaration.name}"${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`}`);
    database.exec(`CREATE TABLE "${declaration.name}"(${declaration.columns.map(({ name, type }) => `"${name}" ${AFFINITY[type]}`).join(', ')})`);
    const insert = database.prepare(`INSERT INTO "${declaration.name}" VALUES (${names.map(() => '?').join(', ')})`);
    database.transaction(() => {
      for (const row of rows) insert.run(...row);
    })();
    const columns = declaration.columns.filter(({ pseudo }) => pseudo !== true);
    const samples = new Map<string, readonly string[]>();
    tables.set(declaration.name, {
      declaration,
      columns,
      rows: rows.length,
      samples: (column) => {
        let known = samples.get(column);
        if (known === undefined) {
          const values = database.prepare(`SELECT DISTINCT "${column}" FROM "${declaration.name}" WHERE "${column}" IS NOT NULL ORDER BY 1 LIMIT 60`).safeIntegers().pluck().all() as SqlValue[];
          known = values.map(literal).filter((text) => text !== undefined);
          samples.set(column, known);
        }
        return known;
      },
    });
  }
  return { database, tables };
}

/** A value as SQLite would read it back; undefined for what no literal can say. */
export function literal(value: SqlValue): string | undefined {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return value.includes('\0') ? undefined : quoted(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  return value.byteLength > 200 ? undefined : `x'${Buffer.from(value).toString('hex')}'`;
}

export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
