/**
 * Owns: the JSON of a row from its columns: nesting by path, complex values that are replaced whole, times with their zone.
 * Does not own: single values (write-value.ts), recurrences (write-recurrence.ts).
 * Invariants: pure; only columns given are sent, and with them what else their complex value holds.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import { badValue, toJson } from './write-value.js';
import type { RowValues } from './write-row.js';
import { inZone, localTime, serviceZone } from './write-time.js';
import type { DateTimeTimeZone } from './write-time.js';

export type Json = Record<string, unknown>;

const topOf = ({ path = '' }: ColumnDeclaration): string => path.split('/')[0] ?? '';
const isNested = ({ path = '' }: ColumnDeclaration): boolean => path.includes('/');
const isWritten = ({ write, pseudo, origin }: ColumnDeclaration): boolean => (write?.update ?? false) !== false && pseudo !== true && (origin ?? 'entity') === 'entity';

/** The zone column of a time that has one beside it. */
export function zoneColumn(declaration: TableDeclaration, column: ColumnDeclaration): ColumnDeclaration | undefined {
  return column.type === 'timestamp' && column.zonePath !== undefined ? declaration.columns.find(({ path, type }) => path === column.zonePath && type === 'text') : undefined;
}

const pairs = new WeakMap<TableDeclaration, readonly (readonly [ColumnDeclaration, ColumnDeclaration])[]>();

/** Times with their zones, found once a table. */
function zonedPairs(declaration: TableDeclaration): readonly (readonly [ColumnDeclaration, ColumnDeclaration])[] {
  let found = pairs.get(declaration);
  if (found === undefined) {
    found = declaration.columns.flatMap((column) => {
      const zone = zoneColumn(declaration, column);
      return zone === undefined ? [] : [[column, zone] as const];
    });
    pairs.set(declaration, found);
  }
  return found;
}

/**
 * Columns that have to be read when these are set: the rest of their complex values, since the service replaces those whole,
 * and the zones items were written in.
 */
export function siblingsOf(declaration: TableDeclaration, columns: readonly ColumnDeclaration[]): readonly string[] {
  const set = new Set(columns.map(({ name }) => name));
  const tops = new Set(columns.filter(isNested).map(topOf));
  const siblings = declaration.columns.filter((column) => isWritten(column) && isNested(column) && tops.has(topOf(column)));
  return [
    ...siblings.filter(({ name }) => !set.has(name)).map(({ name }) => name),
    ...new Set(siblings.flatMap(({ write }) => (write?.keep === undefined ? [] : [write.keep]))),
  ];
}

export interface BodyOptions {
  readonly kind: 'insert' | 'update';
  /** Times are calendar days: midnight in the zone, never shifted. */
  readonly allDay?: boolean;
  /** Columns that something else writes. */
  readonly except?: ReadonlySet<string>;
}

/** JSON of what the row is given. */
export function bodyOf(values: RowValues, options: BodyOptions): Json {
  const { declaration } = values;
  const body: Json = {};
  const places = [options.kind === 'insert' ? declaration.write?.place?.column : undefined, declaration.write?.move?.column];
  const given = values.givenColumns().filter((column) => isBodyColumn(column) && options.except?.has(column.name) !== true && !places.includes(column.name));
  const tops = new Set(given.filter(isNested).map(topOf));
  const columns = options.kind === 'insert' ? given : declaration.columns.filter((column) => given.includes(column) || (isWritten(column) && isNested(column) && tops.has(topOf(column)) && options.except?.has(column.name) !== true));
  const zoned = new Set<string>();
  for (const [column, zone] of zonedPairs(declaration)) {
    if (!columns.includes(column) && !columns.includes(zone)) continue;
    zoned.add(column.name).add(zone.name);
    const value = zonedValue(values, column, zone, options);
    if (value !== undefined) put(body, column.path?.split('/').slice(0, -1) ?? [], value);
  }
  for (const column of columns) {
    if (zoned.has(column.name)) continue;
    const isGiven = values.gives(column.name);
    const value = isGiven ? values.given(column.name) : values.read(column.name);
    const path = column.path?.split('/') ?? [column.name];
    if (value === undefined || value === null) {
      if (isGiven && column.nullable === false) throw badValue(declaration.name, column, 'cannot be NULL', options.kind === 'insert' ? 'Leave it out, or write DEFAULT: the service chooses.' : undefined);
      if (!isGiven || options.kind === 'insert') continue;
      put(body, path, null);
    } else put(body, path, isGiven ? toJson(declaration.name, column, value) : repeated(declaration.name, column, value));
  }
  if (options.kind === 'insert') addDefaults(values, body, tops);
  return collapse(body) as Json;
}

/** Columns whose value stands in the row's own JSON. */
function isBodyColumn({ origin, pseudo, path }: ColumnDeclaration): boolean {
  return (origin ?? 'entity') === 'entity' && pseudo !== true && path !== undefined;
}

/** What the service itself said goes back as it was: the rules for new values are not asked. */
function repeated(table: string, column: ColumnDeclaration, value: NonNullable<ReturnType<RowValues['read']>>): unknown {
  if (column.type === 'json' && typeof value === 'string') return JSON.parse(value);
  if (column.type === 'text') return value;
  return toJson(table, column, value);
}

/** Members that the declaration gives a value where their complex value is given without them. */
function addDefaults(values: RowValues, body: Json, tops: ReadonlySet<string>): void {
  for (const column of values.declaration.columns) {
    const otherwise = column.write?.otherwise;
    if (otherwise === undefined || !('value' in otherwise) || !tops.has(topOf(column)) || body[topOf(column)] === undefined) continue;
    if ((values.given(column.name) ?? null) === null) put(body, column.path?.split('/') ?? [column.name], otherwise.value);
  }
}

/** undefined: nothing is sent; null: it is cleared. */
export function zonedValue(values: RowValues, column: ColumnDeclaration, zone: ColumnDeclaration, options: BodyOptions): DateTimeTimeZone | null | undefined {
  const table = values.declaration.name;
  const time = values.final(column.name);
  if (time === null || time === undefined) {
    if (values.gives(zone.name) && (values.given(zone.name) ?? null) !== null) throw badValue(table, zone, `needs a value of ${column.name} beside it`);
    return options.kind === 'update' && values.gives(column.name) ? null : undefined;
  }
  const local = typeof time === 'string' ? localTime(time) : undefined;
  if (local === undefined) throw badValue(table, column, 'takes a date or a timestamp', "Write '2026-05-01T09:00:00', on the clock of the zone, or with an offset.");
  const givenZone = values.given(zone.name);
  if (typeof givenZone === 'string') {
    const known = serviceZone(givenZone);
    if (known === undefined) throw badValue(table, zone, `names no time zone the service knows`, "Write a Windows or IANA name, e.g. 'W. Europe Standard Time' or 'Europe/Berlin'.");
    return place(values, column, local, known, known, options);
  }
  const shown = values.read(zone.name);
  const from = typeof shown === 'string' ? shown : defaultZone(values, zone);
  const kept = zone.write?.keep === undefined ? undefined : values.read(zone.write.keep);
  const target = serviceZone(typeof kept === 'string' ? kept : '') ?? serviceZone(from);
  // A zone of the item's own, which nobody knows: the time was shown as it stands there.
  if (target === undefined) return { dateTime: local.clock, timeZone: from };
  return place(values, column, local, target, serviceZone(from) ?? target, options);
}

function defaultZone(values: RowValues, zone: ColumnDeclaration): string {
  const otherwise = zone.write?.otherwise;
  const other = otherwise !== undefined && 'column' in otherwise ? values.final(otherwise.column) : undefined;
  return (typeof other === 'string' ? serviceZone(other) : undefined) ?? 'UTC';
}

function place(values: RowValues, column: ColumnDeclaration, local: NonNullable<ReturnType<typeof localTime>>, zone: string, from: string, options: BodyOptions): DateTimeTimeZone {
  if (options.allDay !== true) return inZone(local, zone, from);
  if (!local.clock.endsWith('T00:00:00')) {
    throw badValue(values.declaration.name, column, 'has to be midnight: the event lasts whole days', "Write a date such as '2026-05-01'; the end is the day after the last one.");
  }
  return { dateTime: local.clock, timeZone: zone };
}

function put(body: Json, path: readonly string[], value: unknown): void {
  let at = body;
  path.forEach((member, index) => {
    if (index === path.length - 1) at[member] = value;
    else at = (at[member] ??= {}) as Json;
  });
}

/** A complex value of which nothing is left is null. */
function collapse(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, collapse(member, depth + 1)]);
  if (depth > 0 && members.length > 0 && members.every(([, member]) => member === null)) return null;
  return Object.fromEntries(members);
}
