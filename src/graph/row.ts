/**
 * Owns: entity JSON to SqlValue[]: one array of extractors per scan, compiled once.
 * Does not own: fetching, or values that need a request of their own (those come as notes).
 * Invariants: values are typed as scan/value.ts says; an absent property is NULL; text is well-formed.
 */
import { encodeRowKey } from '../catalog/row-key.js';
import { ROW_KEY, sourceOf } from '../catalog/row-key-columns.js';
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import type { SqlValue } from '../scan/value.js';
import type { Bound, EntityRow } from './entity-plan.js';
import { step, wellFormed, writeInstant } from './literal.js';
import { ianaZone, offsetAt } from './zones.js';

/** What a row is made from. `element`, `ordinal` and `arrayKind` are there for tables of array elements. */
export interface RowInput {
  readonly row: EntityRow;
  readonly element: unknown;
  readonly ordinal: bigint;
  readonly arrayKind: string | undefined;
}

export type Extractor = (input: RowInput) => SqlValue;
type Convert = (value: unknown) => SqlValue;

export interface RowShape {
  readonly declaration: TableDeclaration;
  readonly parent: TableDeclaration | undefined;
  /** Values of pseudo-columns. */
  readonly fixed: Bound;
  /** Name of the connection's own mailbox, as the userId column shows it. */
  readonly ownMailbox: string;
  /** Folder columns show the folder that was asked for: rows come from folders below it. */
  readonly shownFolder?: string | undefined;
}

/** The extractors of these columns, in their order. */
export function compileRow(columns: readonly string[], shape: RowShape): readonly Extractor[] {
  const byName = new Map(shape.declaration.columns.map((column) => [column.name, column]));
  return columns.map((name) => {
    const column = byName.get(name);
    return column === undefined ? () => null : compileColumn(column, shape);
  });
}

export function compileColumn(column: ColumnDeclaration, shape: RowShape): Extractor {
  const { declaration } = shape;
  const tableShape = declaration.shape;
  const { name } = column;
  if (column.pseudo === true) {
    const fixed = shape.fixed[name] ?? null;
    return ({ row }) => row.bound?.[name] ?? fixed;
  }
  if (tableShape.kind === 'elements') {
    if (name === tableShape.ordinalColumn) return ({ ordinal }) => ordinal;
    if (name === tableShape.kindColumn) return ({ arrayKind }) => arrayKind ?? null;
  }
  const convert = converter(column);
  switch (column.origin ?? 'entity') {
    case 'mailbox':
      return ({ row }) => row.mailbox ?? shape.ownMailbox;
    case 'element': {
      const read = reader(column.path ?? '');
      return ({ element }) => convert(read(element));
    }
    case 'parent':
      return parentExtractor(column, shape, convert);
    case 'computed':
      return column.compute === ROW_KEY ? rowKeyExtractor(column, shape) : computedExtractor(column);
    case 'entity':
      return entityExtractor(column, shape, convert);
  }
}

function entityExtractor(column: ColumnDeclaration, shape: RowShape, convert: Convert): Extractor {
  const { name } = column;
  // A row fetched by its key shows the id that was asked for, of whichever kind, so that the statement's own test finds it.
  if (name === 'id') return ({ row }) => row.asked ?? convert(row.entity['id']);
  if (column.folder !== undefined && name === shape.shownFolder) return ({ row }) => row.bound?.[name] ?? convert(row.entity[name]);
  const path = column.path ?? name;
  const bound: Extractor = ({ row }) => row.bound?.[name] ?? null;
  // Only columns that can be a place are ever bound.
  const placed = column.filter?.eq?.as === 'path' || column.filter?.in?.as === 'path';
  if (!path.includes('/')) {
    if (!placed) return ({ row }) => convert(row.entity[path]);
    return (input) => convert(input.row.entity[path]) ?? bound(input);
  }
  const read = reader(path);
  if (column.zonePath !== undefined && column.type === 'timestamp') {
    const zone = reader(column.zonePath);
    const digits = column.fraction ?? 0;
    return ({ row }) => zonedTimestamp(read(row.entity), zone(row.entity), digits);
  }
  return placed ? (input) => convert(read(input.row.entity)) ?? bound(input) : ({ row }) => convert(read(row.entity));
}

function parentExtractor(column: ColumnDeclaration, shape: RowShape, convert: Convert): Extractor {
  const tableShape = shape.declaration.shape;
  const { name } = column;
  if (tableShape.kind === 'elements') {
    // The entity of an element table is the parent itself.
    if (name === tableShape.parentColumn) return ({ row }) => row.asked ?? convert(row.entity['id']);
    const target = shape.parent === undefined ? undefined : matching(column, shape.parent);
    if (target !== undefined && shape.parent !== undefined) return compileColumn(target, { ...shape, declaration: shape.parent, parent: undefined });
    const read = reader(column.path ?? name);
    return ({ row }) => convert(read(row.entity));
  }
  const target = column.column === undefined || shape.parent === undefined ? undefined : matching(column, shape.parent);
  const fromRow = target === undefined || shape.parent === undefined ? undefined : compileColumn(target, { ...shape, declaration: shape.parent, parent: undefined });
  const read = reader(column.path ?? name);
  return (input) => {
    const { row } = input;
    const known = row.bound?.[name];
    if (known !== undefined) return known;
    if (row.parent === undefined) return null;
    return fromRow === undefined ? convert(read(row.parent.entity)) : fromRow({ ...input, row: row.parent });
  };
}

function matching(column: ColumnDeclaration, parent: TableDeclaration): ColumnDeclaration | undefined {
  if (column.column !== undefined) return parent.columns.find(({ name }) => name === column.column);
  return parent.columns.find(({ path, origin }) => path !== undefined && path === column.path && (origin ?? 'entity') === 'entity');
}

/** The RowKey of what the id's own column shows, so that a row fetched by a RowKey has just that one. */
function rowKeyExtractor(column: ColumnDeclaration, shape: RowShape): Extractor {
  const id = compileColumn(sourceOf(column, shape.declaration), shape);
  return (input) => {
    const value = id(input);
    return typeof value === 'string' ? encodeRowKey(value) : null;
  };
}

function computedExtractor(column: ColumnDeclaration): Extractor {
  const { name, compute } = column;
  if (compute === 'localDateTime') {
    const read = reader(column.path ?? '');
    const zone = reader(column.zonePath ?? '');
    return ({ row }) => localDateTime(read(row.entity), zone(row.entity), row.entity['isAllDay'] === true);
  }
  return ({ row }) => row.notes?.[compute ?? name] ?? row.bound?.[name] ?? null;
}

/** A function that follows `/`-separated members; `undefined` where one is missing. */
export function reader(path: string): (value: unknown) => unknown {
  if (path === '') return (value) => value;
  const members = path.split('/');
  if (members.length === 1) {
    const only = members[0]!;
    return (value) => member(value, only);
  }
  if (members.length === 2) {
    const [first, second] = members as [string, string];
    return (value) => member(member(value, first), second);
  }
  return (value) => {
    let current = value;
    for (const name of members) {
      current = member(current, name);
      if (current === undefined || current === null) return undefined;
    }
    return current;
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function converter(column: ColumnDeclaration): Convert {
  switch (column.type) {
    case 'text':
      return toText;
    case 'timestamp': {
      const digits = column.fraction ?? 0;
      return (value) => toTimestamp(value, digits);
    }
    case 'date':
      return (value) => (typeof value === 'string' ? value.slice(0, 10) : null);
    case 'time':
      return (value) => (typeof value === 'string' ? value.slice(0, 8) : null);
    case 'boolean':
      return (value) => (value === true ? 1n : value === false ? 0n : null);
    case 'integer':
    case 'bigint':
      return toInteger;
    case 'double':
      return (value) => (typeof value === 'number' ? value : null);
    case 'json':
      return (value) => (value === null || value === undefined ? null : clean(JSON.stringify(value)));
    case 'binary':
      return (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : null);
  }
}

function toText(value: unknown): SqlValue {
  if (typeof value === 'string') return clean(value);
  if (value === null || value === undefined) return null;
  return clean(typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean));
}

const SURROGATE = /[\ud800-\udfff]/;

function clean(text: string): string {
  return SURROGATE.test(text) ? wellFormed(text) : text;
}

function toInteger(value: unknown): SqlValue {
  // Int64 comes as a number or, under IEEE754Compatible, as text.
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : BigInt(Math.trunc(value));
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : null;
}

const DATE_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/** Normal-form UTC text with `digits` fraction digits; a time without an offset is UTC. */
export function toTimestamp(value: unknown, digits: number): SqlValue {
  if (typeof value !== 'string' || value === '') return null;
  // The form the service writes, as it is.
  if (digits === 0 && value.length === 20 && value.charCodeAt(19) === 90) return value;
  const match = DATE_TIME.exec(value);
  if (match === null) return clean(value);
  const [, day, minutes = '00:00', seconds = '00', fraction = '', offset = 'Z'] = match;
  const head = `${day}T${minutes}:${seconds}`;
  const tail = digits === 0 ? 'Z' : `.${fraction.padEnd(digits, '0').slice(0, digits)}Z`;
  if (offset === 'Z' || offset === 'z') return head + tail;
  const milliseconds = Date.parse(`${head}${offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`}`);
  if (Number.isNaN(milliseconds)) return clean(value);
  return new Date(milliseconds).toISOString().slice(0, 19) + tail;
}

/** A dateTimeTimeZone's time: the driver asks for UTC, but flags of old items keep their own zone. */
function zonedTimestamp(value: unknown, zone: unknown, digits: number): SqlValue {
  if (typeof zone !== 'string' || zone === '' || zone === 'UTC' || zone === 'Etc/UTC' || typeof value !== 'string') return toTimestamp(value, digits);
  const local = toTimestamp(value, digits);
  const iana = ianaZone(zone);
  if (typeof local !== 'string' || iana === undefined) return local;
  const naive = Date.parse(`${local.slice(0, 19)}Z`);
  if (Number.isNaN(naive)) return local;
  // Two steps, since the offset at the guess may be that of the other side of a clock change.
  const guess = naive - offsetAt(iana, naive);
  const utc = naive - offsetAt(iana, guess);
  const fraction = digits === 0 ? 'Z' : local.slice(19);
  return (writeInstant(BigInt(utc) * 10_000n, 0)?.slice(0, 19) ?? local.slice(0, 19)) + fraction;
}

/** A UTC time on the clock of a zone, without offset; whole-day events are midnight everywhere. */
function localDateTime(value: unknown, zone: unknown, allDay: boolean): SqlValue {
  const utc = toTimestamp(value, 0);
  if (typeof utc !== 'string') return null;
  if (allDay || typeof zone !== 'string' || zone === '') return utc.slice(0, 19);
  const iana = ianaZone(zone);
  const time = Date.parse(utc);
  if (iana === undefined || Number.isNaN(time)) return null;
  return new Date(time + offsetAt(iana, time)).toISOString().slice(0, 19);
}

/** The first moment after every time that shows as `text`, as normal-form text of the same digits; undefined if it is none. */
export function nextShown(ticks: bigint, digits: number): string | undefined {
  return writeInstant(ticks + step(digits), digits);
}
