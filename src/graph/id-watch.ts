/**
 * Owns: the ids a scan asks for by name: which of them no row had, and what to tell the user about those that look folded or cut.
 * Does not own: the comparison, which is exact everywhere (access.ts, the engine), or the ids seen before (seen-ids.ts).
 * Invariants: warns only; sends nothing; an id that merely is gone gives no warning.
 */
import { decodeRowKey, encodeRowKey } from '../catalog/row-key.js';
import { ROW_KEY, sourceOf } from '../catalog/row-key-columns.js';
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import type { Predicate } from '../scan/predicate.js';
import type { Scan } from '../scan/scan.js';
import type { Warning } from '../scan/source.js';
import type { EntityRow } from './entity-plan.js';
import { plain } from './row-page.js';
import { compileColumn } from './row.js';
import type { Extractor, RowShape } from './row.js';
import type { SeenIds } from './seen-ids.js';

interface Watched {
  /** The column as the statement named it. */
  readonly name: string;
  /** A RowKey column: texts are RowKeys, rows are known by the ids these stand for. */
  readonly encoded: boolean;
  /** Longest id of the column, where known. */
  readonly length: number | undefined;
  readonly idOf: Extractor;
  /** Texts of the statement by the id they stand for, as long as no row had it. */
  readonly missing: Map<string, string>;
  /** Texts that are the RowKey of no id. */
  readonly unreadable: readonly string[];
}

/** So many warnings name their text; the rest are counted. */
const MOST_WARNINGS = 5;
/** More texts than these are not looked at: each costs a pass over the ids seen. */
const MOST_TEXTS = 50;

export class IdWatch {
  readonly #columns: readonly Watched[];

  /** Undefined if the scan names no ids. */
  static of(scan: Scan, shape: RowShape, table: (name: string) => TableDeclaration | undefined): IdWatch | undefined {
    const predicates = [...scan.conjuncts, ...scan.residuals].map(({ predicate }) => predicate);
    const columns = predicates.flatMap((predicate) => (predicate === undefined ? [] : (watchedBy(predicate, shape, table) ?? [])));
    return columns.length === 0 ? undefined : new IdWatch(columns);
  }

  private constructor(columns: readonly Watched[]) {
    this.#columns = columns;
  }

  see(rows: readonly EntityRow[]): void {
    for (const { idOf, missing } of this.#columns) {
      if (missing.size === 0) continue;
      for (const row of rows) {
        const id = idOf(plain(row));
        if (typeof id === 'string') missing.delete(id);
      }
    }
  }

  /** To be called when every row has been seen. */
  finish(seen: SeenIds, warn: (warning: Warning) => void): void {
    const warnings: Warning[] = [];
    for (const column of this.#columns) {
      for (const text of column.unreadable.slice(0, MOST_TEXTS)) warnings.push(unreadable(column, text, seen));
      for (const [id, text] of [...column.missing].slice(0, MOST_TEXTS)) {
        const warning = doubt(column, id, text, seen);
        if (warning !== undefined) warnings.push(warning);
      }
    }
    for (const warning of warnings.slice(0, MOST_WARNINGS)) warn(warning);
    const more = warnings.length - MOST_WARNINGS;
    if (more > 0) warn({ code: 'ID_CASE', message: `${String(more)} more values of ${[...new Set(this.#columns.map(({ name }) => name))].join(', ')} that found no row look folded or cut.` });
  }
}

function watchedBy(predicate: Predicate, shape: RowShape, table: (name: string) => TableDeclaration | undefined): Watched | undefined {
  const texts = textsOf(predicate);
  const { declaration } = shape;
  const column = texts === undefined ? undefined : declaration.columns.find(({ name }) => name === texts.column);
  if (texts === undefined || column === undefined) return undefined;
  const source = sourceOf(column, declaration);
  if (!isId(source)) return undefined;
  const encoded = column.compute === ROW_KEY;
  const pairs = texts.values.map((text) => [encoded ? decodeRowKey(text) : text, text] as const);
  const extended = declaration.shape.kind === 'extended-properties';
  return {
    name: column.name,
    encoded,
    length: lengthOf(source, table),
    // An extended property's item is the row itself before its properties become rows; their ids are not the service's keys.
    idOf: extended ? ({ row }) => row.asked ?? null : compileColumn(source, shape),
    missing: new Map(extended && source.name === 'id' ? [] : pairs.flatMap(([id, text]) => (id === undefined ? [] : [[id, text]]))),
    unreadable: pairs.flatMap(([id, text]) => (id === undefined ? [text] : [])),
  };
}

const isId = ({ name, type, references, origin }: ColumnDeclaration): boolean => type === 'text' && origin !== 'mailbox' && (name === 'id' || name === 'entityId' || references?.endsWith('.id') === true);

function lengthOf(column: ColumnDeclaration, table: (name: string) => TableDeclaration | undefined): number | undefined {
  const [name = '', id] = column.references?.split('.') ?? [];
  return column.length ?? table(name)?.columns.find((one) => one.name === id)?.length;
}

/** The one column and the texts that a predicate confines it to. */
function textsOf(predicate: Predicate): { readonly column: string; readonly values: readonly string[] } | undefined {
  switch (predicate.kind) {
    case 'compare':
      return predicate.op === 'eq' && typeof predicate.value === 'string' ? { column: predicate.column, values: [predicate.value] } : undefined;
    case 'in':
      return { column: predicate.column, values: predicate.values.filter((value) => typeof value === 'string') };
    case 'any': {
      const arms = predicate.arms.map(textsOf);
      const column = arms[0]?.column;
      if (column === undefined || arms.some((arm) => arm?.column !== column)) return undefined;
      return { column, values: arms.flatMap((arm) => arm?.values ?? []) };
    }
    default:
      return undefined;
  }
}

const REMEDY = 'Ids are compared with their case: keep them in a column with a case-sensitive collation that is long enough, or use RowKey.';

function doubt({ name, encoded, length }: Watched, id: string, text: string, seen: SeenIds): Warning | undefined {
  const like = id.length < SHORTEST_CUT ? undefined : seen.like(id);
  const shown = (one: string): string => (encoded ? encodeRowKey(one) : one);
  if (like?.likeness === 'same') return undefined;
  if (like?.likeness === 'case') return { code: 'ID_CASE', message: `No row has the ${name} '${text}'; '${shown(like.id)}' differs from it only by case. ${REMEDY}` };
  if (like?.likeness === 'longer') return { code: 'ID_CUT', message: `No row has the ${name} '${text}'; it looks cut to ${String(text.length)} characters: '${shown(like.id)}' begins with it. ${REMEDY}` };
  if (looksFolded(id, length)) return { code: 'ID_CASE', message: `No row has the ${name} '${text}'; ${length === GUID_LENGTH ? 'ids of this table have small letters' : 'it has letters of one case only, so it looks folded'}. ${REMEDY}` };
  if (looksCut(id, text, length)) return { code: 'ID_CUT', message: `No row has the ${name} '${text}'; it looks cut to ${String(text.length)} characters. ${REMEDY}` };
  return undefined;
}

function unreadable({ name }: Watched, text: string, seen: SeenIds): Warning {
  const none = `No row has the ${name} '${text}'`;
  const raised = text.toUpperCase();
  if (raised !== text && decodeRowKey(raised) !== undefined) return { code: 'ID_CASE', message: `${none}; '${raised}' differs from it only by case. A RowKey has digits and capital letters and is compared with its case.` };
  const id = seen.like(text);
  if (id !== undefined) return { code: 'ID_CASE', message: `${none}: this is an id. Compare it with id, or write '${encodeRowKey(id.id)}'.` };
  return { code: 'ID_CUT', message: `${none}: it is no RowKey, and looks cut or changed. A RowKey has digits and the capital letters A to V, ${String(text.length)} characters were given; check that the column it comes from is long enough.` };
}

const GUID_LENGTH = 36;
/** Shorter texts are typed, not copied. */
const SHORTEST_CUT = 20;
/** Exchange's ids are this long at least. */
const SHORTEST_ID = 60;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function looksFolded(id: string, length: number | undefined): boolean {
  if (length === undefined) return false;
  if (length === GUID_LENGTH) return GUID.test(id) && /[A-F]/.test(id);
  return id.length >= SHORTEST_ID && BASE64.test(id) && !(/[a-z]/.test(id) && /[A-Z]/.test(id));
}

/** Lengths that columns are given. */
const COLUMN_LENGTHS = new Set([50, 64, 100, 128, 150, 200, 250, 255, 256, 300, 500]);

/** Exchange's ids are base64 with its padding: their length is a multiple of four, and nearly all end with =. */
function looksCut(id: string, text: string, length: number | undefined): boolean {
  if (length === undefined || length === GUID_LENGTH || !BASE64.test(id)) return false;
  return (COLUMN_LENGTHS.has(text.length) && !id.endsWith('=')) || (id.length >= SHORTEST_ID && id.length % 4 !== 0);
}
