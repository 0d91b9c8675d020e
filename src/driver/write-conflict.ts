/**
 * Owns: UPSERT and INSERT … ON CONFLICT: which given rows are there already, then updates for those and inserts for the others.
 * Does not own: the texts (sql/write-texts.ts), sending (write.ts).
 * Invariants: a given row meets at most one row, by values of the whole key; a row whose key the service makes is never inserted under
 * another one; two given rows with one key are refused before anything is written.
 */
import { randomUUID } from 'node:crypto';
import type { ColumnDeclaration } from '../catalog/table.js';
import { declaredType, quoteIdentifier } from '../engine/ddl.js';
import { ExchangeSqlError } from '../errors.js';
import type { RowOutcome, RowWrite, WritePlan, WriteShape } from '../scan/write.js';
import type { SqlValue } from '../scan/value.js';
import { givenColumn, selectOfConflict } from '../sql/index.js';
import type { RawRow } from './execute.js';
import type { Opened } from './statement-context.js';
import { identifies, identityOf, isVersion, keyColumns, mailboxColumn, writtenColumns } from './write-columns.js';
import { boundSelect, checkText, givenRows, insertColumns, returningOf, type ValuePlaces, type WriteStatement } from './write-plan.js';
import type { Returning } from './write-returning.js';
import { refuseMany, refuseReturning } from './write-safety.js';
import { checkRows, collectRows, finishWrite, identityKey, normalRows, onRowError, openRows, sendRows } from './write-send.js';

/** What an UPSERT or INSERT … ON CONFLICT will do; its inserts are planned when there is a row to insert. */
export interface PreparedConflict {
  readonly statement: WriteStatement;
  readonly columns: readonly ColumnDeclaration[];
  readonly places: ValuePlaces;
  readonly select: ReturnType<typeof boundSelect>;
  /** Columns by which a given row meets a row that is there; empty: none can. */
  readonly key: readonly string[];
  /** Columns to set in rows that are there; none for DO NOTHING. */
  readonly set: readonly ColumnDeclaration[];
  /** Undefined for DO NOTHING. */
  readonly update: WritePlan | undefined;
  readonly returning: Returning | undefined;
}

export function openConflict(statement: WriteStatement): Opened {
  const prepared = prepareConflict(statement);
  const { returning } = prepared;
  refuseReturning(statement, returning, prepared.columns.map(({ name }) => name));
  return openRows(statement, returning, async (summary) => {
    const { outcomes, inserted, values } = await run(prepared);
    return finishWrite(statement, {
      outcomes,
      summary,
      returning,
      valuesOf: (outcome) => outcome.values,
      waitingValues: (row) => (returning?.needed ?? []).map((name) => values[row]?.[prepared.columns.findIndex((column) => column.name === name)] ?? null),
      isInsert: (row) => inserted.has(row),
    });
  });
}

export function prepareConflict(statement: WriteStatement): PreparedConflict {
  checkText(statement);
  const { translated, skeleton, table, mutator } = statement;
  const { conflict } = skeleton;
  if (skeleton.source === undefined || skeleton.source.kind === 'defaults') throw refused(statement, 'DEFAULT VALUES has no key that a row could have', 'Give the key and its value.');
  const returning = returningOf(statement);
  const columns = insertColumns(statement);
  const names = columns.map(({ name }) => name);
  const key = conflictKey(statement, names);
  const given = conflict === undefined ? columns.filter(({ name }) => !keyColumns(table, names).includes(name) && !key.includes(name)) : writtenColumns(table, conflict.assignments.map(({ column }) => column), translated.toOriginal);
  const set = conflict?.action === 'nothing' ? [] : given;
  const reads = conflict?.action === 'update' && [...conflict.assignments.map(({ expression }) => expression), ...(conflict.where === undefined ? [] : [conflict.where])].some(({ start, end }) => /changeKey/i.test(translated.text.slice(start, end)));
  const shape: WriteShape = { kind: 'update', table: table.name, columns: set.map(({ name }) => name), returning: returning?.needed ?? [], guarded: reads || names.some(isVersion) };
  const { spliced, places } = givenRows(statement, columns);
  return { statement, columns, places, select: boundSelect(statement, spliced), key, set, update: set.length === 0 || key.length === 0 ? undefined : mutator.planWrite(shape), returning };
}

function refused({ translated, skeleton }: WriteStatement, message: string, hint: string): ExchangeSqlError {
  const at = skeleton.conflict?.target?.span.start ?? skeleton.conflict?.span.start ?? skeleton.target.span.start;
  return new ExchangeSqlError('NOT_SUPPORTED', message, { hint, position: translated.toOriginal(at) });
}

/** The columns that ON CONFLICT names, or those of the key that are given; the mailbox belongs to either. */
function conflictKey(statement: WriteStatement, given: readonly string[]): readonly string[] {
  const { skeleton, table, translated } = statement;
  const mailbox = mailboxColumn(table)?.name;
  const hint = `Its key is ${identityOf(table).join(', ')}.`;
  const { conflict } = skeleton;
  if (conflict?.target === undefined) {
    const key = keyColumns(table, given).filter((name) => !isVersion(name));
    if (identifies(table, key)) return key;
    const unique = table.columns.find((column) => column.unique === true && given.includes(column.name));
    if (unique !== undefined) return [unique.name, ...(mailbox !== undefined && given.includes(mailbox) ? [mailbox] : [])];
    // No given row has a key: UPSERT inserts them all.
    if (conflict === undefined) return [];
    throw refused(statement, `no key of ${table.name} is among the columns given`, hint);
  }
  const named = writtenColumns(table, conflict.target.columns, (offset) => translated.toOriginal(offset)).map(({ name }) => name);
  const isUnique = named.some((name) => table.columns.some((column) => column.name === name && column.unique === true));
  if (!identifies(table, named) && !isUnique) throw refused(statement, `${named.join(', ')} does not say which row of ${table.name} is meant`, hint);
  const missing = named.find((name) => !given.includes(name));
  if (missing !== undefined) throw refused(statement, `ON CONFLICT names ${missing}, which is not given a value`, `Add ${missing} to the columns of the INSERT.`);
  return mailbox !== undefined && given.includes(mailbox) && !named.includes(mailbox) ? [...named, mailbox] : named;
}

/** What a row that is not there is inserted as: without what the service makes. */
export function insertShape(prepared: PreparedConflict): WriteShape {
  const { statement: { table }, columns, returning } = prepared;
  const made = madeColumns(prepared);
  return { kind: 'insert', table: table.name, columns: columns.filter((_, column) => made[column] !== true).map(({ name }) => name), returning: returning?.needed ?? [], guarded: false };
}

const madeColumns = ({ statement: { table }, columns }: PreparedConflict): readonly boolean[] => columns.map((column) => isMade(column, keyColumns(table, [column.name]).length > 0));

interface Meeting {
  readonly row: RawRow;
  readonly holds: boolean;
}

async function run(prepared: PreparedConflict): Promise<{ readonly outcomes: readonly RowOutcome[]; readonly inserted: ReadonlySet<number>; readonly values: readonly (readonly (SqlValue | undefined)[])[] }> {
  const { statement, columns, places, select, key, set, update } = prepared;
  const { context, mutator } = statement;
  const given = await collectRows(await statement.part.run(select), context.signal);
  const values = await normalRows({ statement, columns, read: [], places }, given, given);
  const keys = key.map((name) => columns.findIndex((column) => column.name === name));
  const twice = repeated(statement, values, keys, update === undefined);
  const read = update?.read ?? [];
  const meetings = await meet(prepared, read, values, keys);
  const changed = [...meetings].filter(([, { holds }]) => update !== undefined && holds);
  const setValues = await normalRows(
    { statement, columns: set, read, places: { position: () => undefined, isDefault: () => false, isFolderCall: () => false } },
    changed.map(([, { row }]) => set.map((_, index) => row[1 + read.length + index] ?? null)),
    changed.map(([, { row }]) => row.slice(1)),
  );
  const updates = changed.map(([row, meeting], index): RowWrite => ({ row, values: setValues[index]!, target: meeting.row.slice(1, 1 + read.length) }));
  const fresh = values.flatMap((row, index) => (meetings.has(index) || twice.has(index) ? [] : [{ row, index }]));
  const made = madeColumns(prepared);
  for (const { row, index } of fresh) refuseMadeKey(prepared, row, index, made, given.length);
  const inserts = fresh.map(({ row, index }): RowWrite => ({ row: index, values: row.filter((_, column) => made[column] !== true), target: [] }));
  const insert = inserts.length === 0 ? undefined : mutator.planWrite(insertShape(prepared));
  if (update !== undefined) checkRows(statement, update, updates, given.length);
  if (insert !== undefined) checkRows(statement, insert, inserts, given.length);
  refuseMany(statement, updates.length + inserts.length);
  const outcomes = update === undefined ? [] : [...(await sendRows(statement, update, updates))];
  const stopped = context.mode === 'send' && onRowError(context) === 'stop' && outcomes.some(({ status }) => status !== 'done');
  if (insert !== undefined) outcomes.push(...(stopped ? inserts.map(({ row }): RowOutcome => ({ row, status: 'skipped' })) : await sendRows(statement, insert, inserts)));
  return { outcomes: outcomes.sort((a, b) => a.row - b.row), inserted: new Set(inserts.map(({ row }) => row)), values };
}

/** Rows whose key an earlier row has: DO NOTHING leaves them out, as if the earlier one were there; an update would have two meanings. */
function repeated({ table }: WriteStatement, values: readonly (readonly (SqlValue | undefined)[])[], keys: readonly number[], isNothing: boolean): ReadonlySet<number> {
  const seen = new Map<string, number>();
  const twice = new Set<number>();
  values.forEach((row, index) => {
    const own = keyOf(row, keys);
    if (own === undefined) return;
    const text = identityKey(own);
    const first = seen.get(text);
    if (first === undefined) seen.set(text, index);
    else if (isNothing) twice.add(index);
    else throw new ExchangeSqlError('DUPLICATE', `rows ${String(first + 1)} and ${String(index + 1)} have the same key of ${table.name}`, { hint: 'Give each key once.' });
  });
  return twice;
}

/** Values of the key; undefined where one is missing, which no row meets. */
function keyOf(row: readonly (SqlValue | undefined)[], keys: readonly number[]): readonly SqlValue[] | undefined {
  const values = keys.map((column) => row[column] ?? null);
  return keys.length === 0 || values.includes(null) ? undefined : values;
}

const ROW = 'xs_row';

/** Rows that are there, by the given row that meets them. */
async function meet(prepared: PreparedConflict, read: readonly string[], values: readonly (readonly (SqlValue | undefined)[])[], keys: readonly number[]): Promise<ReadonlyMap<number, Meeting>> {
  const { statement, columns, key, set } = prepared;
  const { context: { session, signal }, table, translated, skeleton, part } = statement;
  const withKey = values.flatMap((row, index) => (keyOf(row, keys) === undefined ? [] : [[BigInt(index), ...row.map((value) => value ?? null)]]));
  const found = new Map<number, Meeting>();
  if (withKey.length === 0) return found;
  const name = `xs_given_${randomUUID()}`;
  session.judge.runTemporary(`CREATE TEMP TABLE ${quoteIdentifier(name)}(${[`${ROW} INTEGER`, ...table.columns.map((column) => `${quoteIdentifier(givenColumn(column.name))} ${declaredType(column.type)}`)].join(', ')})`);
  try {
    session.judge.insertTemporary(name, [ROW, ...columns.map((column) => givenColumn(column.name))], withKey);
    const spliced = selectOfConflict({ ...translated, skeleton }, { given: name, ordinal: ROW, read, key, set: set.map((column) => column.name) });
    const select = boundSelect(statement, spliced);
    for (const row of await collectRows(await part.run(select), signal)) {
      const given = Number(row[0]);
      if (found.has(given)) throw new ExchangeSqlError('DUPLICATE', `several rows of ${table.name} have the key of row ${String(given + 1)}`, { hint: `Name the whole key: ${identityOf(table).join(', ')}.` });
      refuseStale(prepared, row, read, values[given]!, given);
      found.set(given, { row, holds: isTrue(row.at(-1)) });
    }
    return found;
  } finally {
    session.judge.runTemporary(`DROP TABLE ${quoteIdentifier(name)}`);
  }
}

const isTrue = (value: SqlValue | undefined): boolean => (typeof value === 'string' ? Number.parseFloat(value) !== 0 && !Number.isNaN(Number.parseFloat(value)) : value !== null && value !== undefined && Number(value) !== 0);

/** UPSERT with a change key changes only the version it names. */
function refuseStale({ columns, key, statement }: PreparedConflict, row: RawRow, read: readonly string[], values: readonly (SqlValue | undefined)[], given: number): void {
  const version = columns.findIndex(({ name }) => isVersion(name));
  const wanted = values[version];
  const at = read.findIndex(isVersion);
  if (version === -1 || key.some(isVersion) || wanted === undefined || wanted === null || at === -1 || row[1 + at] === wanted) return;
  throw new ExchangeSqlError('CONFLICT', `row ${String(given + 1)}: the row of ${statement.table.name} has changed since its changeKey was read`, { hint: 'Read it again and decide.' });
}

/** The service makes this part of the key when a row is created. */
const isMade = ({ origin, write, name, pseudo }: ColumnDeclaration, isKey: boolean): boolean => isVersion(name) || (isKey && pseudo !== true && (origin === undefined || origin === 'entity' || origin === 'computed') && (write?.create ?? false) === false);

function refuseMadeKey({ statement: { table }, columns, places }: PreparedConflict, row: readonly (SqlValue | undefined)[], index: number, made: readonly boolean[], rows: number): void {
  const column = columns.findIndex((_, at) => made[at] === true && row[at] !== undefined && row[at] !== null);
  if (column === -1) return;
  const { name } = columns[column]!;
  const position = places.position(index, column);
  throw new ExchangeSqlError('NOT_WRITABLE', `${rows > 1 ? `row ${String(index + 1)}: ` : ''}no row of ${table.name} has this ${name}, and a new one gets its ${name} from the service`, {
    hint: `INSERT without ${name} makes a new row; RETURNING ${name} tells its ${name}.`,
    ...(position === undefined ? {} : { position }),
  });
}
