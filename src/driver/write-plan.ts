/**
 * Owns: what a writing statement on a table of a mailbox is before anything runs: its shape, the SELECT that gives its rows, how the
 * rows will be written. EXPLAIN and prepare stop here.
 * Does not own: the texts (sql/write-texts.ts), whether and how columns are written (the Mutator), running (write.ts).
 * Invariants: pure but for the judge; nothing is sent; errors are where the user wrote.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import type { BoundParameters } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';
import { located } from '../planner/positions.js';
import type { StatementPlan } from '../planner/plan.js';
import type { Mutator, WritePlan, WriteShape } from '../scan/write.js';
import type { Span } from '../sql/ast.js';
import { checkedText, readSkeleton, selectOfChange, selectOfInsert, selectOfReturning, selectOfUpdateSelect, tokenize, type Spliced, type Translated, type WriteSkeleton } from '../sql/index.js';
import type { Opened, BoundSelect, StatementContext } from './statement-context.js';
import { refuseHalfCharacters } from './whole-text.js';
import { identifies, identityOf, isVersion, keyColumns, mailboxColumn, writtenColumns } from './write-columns.js';
import { prepareReturning, type Returning } from './write-returning.js';

/** What statement.ts lends: running and planning a SELECT. */
export interface WritePart {
  run(select: BoundSelect): Promise<Opened>;
  plan(select: BoundSelect): StatementPlan;
}

export interface WriteInput {
  readonly context: StatementContext;
  readonly translated: Translated;
  readonly parameters: BoundParameters;
  readonly part: WritePart;
}

/** A statement whose target is a table of a mailbox. */
export interface WriteStatement extends WriteInput {
  readonly skeleton: WriteSkeleton;
  readonly table: TableDeclaration;
  readonly mutator: Mutator;
}

export interface PreparedWrite {
  readonly statement: WriteStatement;
  readonly plan: WritePlan;
  /** Declarations of `plan.shape.columns`. */
  readonly columns: readonly ColumnDeclaration[];
  /** The SELECT whose rows are written; undefined for DEFAULT VALUES, which is one row without values. */
  readonly select: BoundSelect | undefined;
  /** Columns of the target that the SELECT begins with; the values to set follow. Empty for INSERT. */
  readonly read: readonly string[];
  readonly returning: Returning | undefined;
  readonly places: ValuePlaces;
}

/** What the text says of a single value; `column` counts the values given. */
export interface ValuePlaces {
  position(row: number, column: number): number | undefined;
  isDefault(row: number, column: number): boolean;
  /** The value is the name of a folder: FOLDER('…') stands there. */
  isFolderCall(row: number, column: number): boolean;
}

/** The statement if its target is a table of a mailbox; undefined for temporary tables. */
export function readWriteStatement(input: WriteInput): WriteStatement | undefined {
  const { context: { session }, translated } = input;
  const { write } = translated;
  const name = write?.target.path.at(-1);
  if (write === undefined || name === undefined) return undefined;
  const { path } = write.target;
  if (path.length > 2 || (path.length === 2 && path[0]!.toLowerCase() !== 'main')) return undefined;
  const table = session.catalog.table(name);
  if (table === undefined) {
    refuseForeignForm(input, write, name);
    return undefined;
  }
  if (table.shape.kind === 'not-offered') return undefined;
  if (session.mutator === undefined) throw new ExchangeSqlError('NOT_SUPPORTED', `${table.name} cannot be written over this connection`, { position: translated.toOriginal(write.target.span.start), hint: 'Temporary tables can be written: CREATE TEMP TABLE name AS SELECT ….' });
  return { ...input, skeleton: write, table, mutator: session.mutator };
}

/** `UPDATE m SET … FROM Messages m`, `DELETE m FROM Messages m` of SQL Server: the name is no table, but an alias further on. */
function refuseForeignForm({ context: { session }, translated: { toOriginal } }: WriteInput, { kind, from, target, refusal }: WriteSkeleton, name: string): void {
  if ((kind !== 'update' && kind !== 'delete') || (from === undefined && refusal === undefined)) return;
  if (session.judge.temporaryTables().some((one) => one.name.toLowerCase() === name.toLowerCase())) return;
  throw new ExchangeSqlError(refusal === undefined ? 'UNKNOWN_TABLE' : 'SYNTAX', `${kind.toUpperCase()} names the table itself, and there is no table ${name}`, {
    position: toOriginal(target.span.start),
    hint: kind === 'update' ? 'Write UPDATE Messages AS m SET … FROM other AS o WHERE o.x = m.x.' : 'Write DELETE FROM Messages AS m WHERE m.id IN (SELECT …).',
  });
}

/**
 * @throws ExchangeSqlError SYNTAX, UNKNOWN_COLUMN, … at the user's text; NOT_WRITABLE, MISSING_COLUMN, … from the Mutator.
 */
export function prepareWrite(statement: WriteStatement): PreparedWrite {
  checkText(statement);
  const { skeleton } = statement;
  if (skeleton.form === 'update-select') return prepareUpdateSelect(statement);
  return skeleton.kind === 'insert' ? prepareInsert(statement) : prepareChange(statement);
}

/** Syntax and names, as SQLite has them. */
export function checkText({ context: { session, original }, translated, skeleton, table, parameters }: WriteStatement): void {
  refuseHalfCharacters(original, parameters);
  const { refusal } = skeleton;
  if (refusal !== undefined) throw located(refusal, (offset) => translated.toOriginal(offset));
  const names = [...(skeleton.columns?.names ?? []), ...skeleton.assignments.map(({ column }) => column)];
  writtenColumns(table, names, (offset) => translated.toOriginal(offset));
  const checked = checkedText({ ...translated, skeleton });
  try {
    session.judge.checkWrite(checked.text);
  } catch (error) {
    throw located(error, (offset) => translated.toOriginal(checked.toOriginal(offset)));
  }
  const { target } = skeleton;
  if (skeleton.ctes.some((name) => name.toLowerCase() === target.path.at(-1)?.toLowerCase())) {
    throw new ExchangeSqlError('NOT_SUPPORTED', `WITH names a query ${table.name}, as the table that is written`, { position: translated.toOriginal(target.span.start), hint: 'Give the common table expression another name.' });
  }
}

/** A spliced SELECT with its values and the way back to the user's text. */
export function boundSelect({ translated, parameters }: WriteStatement, { text, placeholders, toSource }: Spliced): BoundSelect {
  return {
    text,
    parameters: { positional: placeholders.map((ordinal) => parameters.positional[ordinal] ?? null), named: parameters.named },
    columnNames: [],
    toOriginal: (offset) => translated.toOriginal(toSource(offset)),
  };
}

export function returningOf(statement: WriteStatement): Returning | undefined {
  const { context, translated, skeleton, table, part } = statement;
  const spliced = selectOfReturning({ ...translated, skeleton });
  if (spliced === undefined) return undefined;
  return prepareReturning({ context, skeleton, table: table.name, spliced, select: boundSelect(statement, spliced), plan: (select) => part.plan(select) });
}

/** Columns of the target that the statement itself reads. */
function columnsRead(statement: WriteStatement, spliced: Spliced): readonly string[] {
  const { context: { session }, translated, table } = statement;
  try {
    return session.judge.examine(spliced.text).tables.find((use) => use.schema === 'main' && use.table === table.name)?.columns ?? [];
  } catch (error) {
    throw located(error, (offset) => translated.toOriginal(spliced.toSource(offset)));
  }
}

/** The pseudo-column by which DELETE is told how to delete. */
const DELETE_MODE = 'DeleteMode';

function prepareChange(statement: WriteStatement): PreparedWrite {
  const { translated, skeleton, table, mutator } = statement;
  const returning = returningOf(statement);
  const text = { ...translated, skeleton };
  const calls = skeleton.assignments.map(({ expression }) => folderArgument(translated, expression));
  const set = writtenColumns(table, skeleton.assignments.map(({ column }) => column), (offset) => translated.toOriginal(offset));
  const values = skeleton.assignments.map(({ expression }, index) => (set[index]?.folder === undefined ? expression : (calls[index] ?? expression)));
  const own = columnsRead(statement, selectOfChange(text, [], values));
  const isDelete = skeleton.kind === 'delete';
  // Other pseudo-columns say where to read, and have done their part then.
  const columns = isDelete ? table.columns.filter(({ name, pseudo }) => pseudo === true && name === DELETE_MODE && own.includes(name)) : set;
  const shape: WriteShape = { kind: skeleton.kind, table: table.name, columns: columns.map(({ name }) => name), returning: isDelete ? [] : (returning?.needed ?? []), guarded: own.some(isVersion) };
  const plan = mutator.planWrite(shape);
  const mailbox = mailboxColumn(table);
  // A transaction that fails half-way puts back what it replaced.
  const replaced = statement.context.mode === 'queue' && !isDelete ? columns.filter(({ pseudo, selector }) => pseudo !== true && selector !== true).map(({ name }) => name) : [];
  const extra = isDelete ? [...shape.columns, ...(returning?.needed ?? [])] : columns.some(({ folder }) => folder !== undefined) && mailbox !== undefined ? [mailbox.name] : [];
  const read = [...new Set([...plan.read, ...extra, ...replaced])];
  return {
    statement,
    plan,
    columns,
    select: boundSelect(statement, selectOfChange(text, read, values)),
    read,
    returning,
    places: {
      position: (_row, column) => (isDelete ? undefined : positionOf(translated, skeleton.assignments[column]?.expression)),
      isDefault: () => false,
      isFolderCall: (_row, column) => columns[column]?.folder !== undefined && calls[column] !== undefined,
    },
  };
}

function prepareInsert(statement: WriteStatement): PreparedWrite {
  const { translated, skeleton, table, mutator } = statement;
  const { toOriginal } = translated;
  const returning = returningOf(statement);
  const source = skeleton.source ?? { kind: 'defaults', span: skeleton.target.span };
  const columns = insertColumns(statement);
  const plan = mutator.planWrite({ kind: 'insert', table: table.name, columns: columns.map(({ name }) => name), returning: returning?.needed ?? [], guarded: false });
  const common = { statement, plan, columns, read: [], returning };
  if (source.kind === 'defaults') return { ...common, select: undefined, places: { position: () => undefined, isDefault: () => true, isFolderCall: () => false } };
  const { spliced, places } = givenRows(statement, columns);
  return { ...common, select: boundSelect(statement, spliced), places: { ...places, position: (row, column) => places.position(row, column) ?? toOriginal(source.span.start) } };
}

/** Columns an INSERT gives values to: its list, or all. */
export function insertColumns({ translated, skeleton, table }: WriteStatement): readonly ColumnDeclaration[] {
  if (skeleton.source?.kind === 'defaults') return [];
  return skeleton.columns === undefined ? table.columns : writtenColumns(table, skeleton.columns.names, (offset) => translated.toOriginal(offset));
}

/** The SELECT or VALUES of an INSERT; DEFAULT is NULL in it, and FOLDER('…') for a folder column its name. */
export function givenRows({ translated, skeleton }: WriteStatement, columns: readonly ColumnDeclaration[]): { readonly spliced: Spliced; readonly places: ValuePlaces } {
  const { source } = skeleton;
  const defaults = new Set<string>();
  const calls = new Set<string>();
  const replacements: { span: Span; text: string | Span }[] = [];
  if (source?.kind === 'values') {
    for (const { row, column, span } of source.defaults) {
      defaults.add(`${String(row)}:${String(column)}`);
      replacements.push({ span, text: 'NULL' });
    }
    source.rows.forEach((items, row) => {
      items.forEach((span, column) => {
        const name = columns[column]?.folder === undefined ? undefined : folderArgument(translated, span);
        if (name === undefined) return;
        calls.add(`${String(row)}:${String(column)}`);
        replacements.push({ span, text: name });
      });
    });
    replacements.sort((a, b) => a.span.start - b.span.start);
  }
  const items = source?.kind === 'select' ? selectItems(translated, source.span) : [];
  items.forEach((span, column) => {
    const name = columns[column]?.folder === undefined || span === undefined ? undefined : folderArgument(translated, span);
    if (name === undefined || span === undefined) return;
    calls.add(String(column));
    replacements.push({ span, text: name });
  });
  return {
    spliced: selectOfInsert({ ...translated, skeleton }, replacements),
    places: {
      position: (row, column) => positionOf(translated, source?.kind === 'values' ? source.rows[row]?.[column] : items[column]),
      isDefault: (row, column) => defaults.has(`${String(row)}:${String(column)}`),
      isFolderCall: (row, column) => calls.has(`${String(row)}:${String(column)}`) || calls.has(String(column)),
    },
  };
}

/** Expressions of a SELECT that stands alone; none where a star or a set operation leaves open which value comes from where. */
function selectItems({ tokens }: Translated, span: Span): readonly (Span | undefined)[] {
  const { arms } = readSkeleton(tokens.filter(({ start, end }) => start >= span.start && end <= span.end));
  const [arm] = arms;
  if (arm === undefined || arms.length > 1 || arm.items.some(({ star }) => star)) return [];
  return arm.items.map(({ expression }) => expression);
}

/** The argument of FOLDER(…) where that is the whole expression. */
function folderArgument({ text }: Translated, { start, end }: Span): Span | undefined {
  const tokens = tokenize(text.slice(start, end));
  if (tokens[0]?.key !== 'FOLDER' || tokens[1]?.key !== '(' || tokens.length < 4) return undefined;
  let depth = 0;
  const close = tokens.findIndex(({ key }) => {
    if (key === '(') depth += 1;
    if (key === ')') depth -= 1;
    return key === ')' && depth === 0;
  });
  return close === tokens.length - 1 ? { start: start + tokens[1].end, end: start + tokens[close]!.start } : undefined;
}

const positionOf = ({ toOriginal }: Translated, span: Span | undefined): number | undefined => (span === undefined ? undefined : toOriginal(span.start));

/** `UPDATE t (id, subject) SELECT …`: the rows with these keys get the other values. */
function prepareUpdateSelect(statement: WriteStatement): PreparedWrite {
  const { translated, skeleton, table, mutator } = statement;
  const returning = returningOf(statement);
  const given = writtenColumns(table, skeleton.columns?.names ?? [], (offset) => translated.toOriginal(offset));
  const names = given.map(({ name }) => name);
  const key = keyColumns(table, names);
  const position = translated.toOriginal(skeleton.columns?.span.start ?? 0);
  if (!identifies(table, key)) throw new ExchangeSqlError('SYNTAX', `UPDATE ${table.name} (…) SELECT needs the key of the rows among its columns`, { position, hint: `Add ${identityOf(table).join(', ')} to the columns, or write UPDATE … SET … FROM.` });
  const columns = given.filter(({ name }) => !key.includes(name));
  if (columns.length === 0) throw new ExchangeSqlError('SYNTAX', `UPDATE ${table.name} (…) SELECT sets no column besides the key`, { position, hint: 'Add the columns to set.' });
  const set = columns.map(({ name }) => name);
  const plan = mutator.planWrite({ kind: 'update', table: table.name, columns: set, returning: returning?.needed ?? [], guarded: key.some(isVersion) });
  const mailbox = mailboxColumn(table);
  const read = [...new Set([...plan.read, ...(mailbox !== undefined && columns.some(({ folder }) => folder !== undefined) ? [mailbox.name] : [])])];
  const source = translated.toOriginal(skeleton.source?.span.start ?? 0);
  return {
    statement,
    plan,
    columns,
    select: boundSelect(statement, selectOfUpdateSelect({ ...translated, skeleton }, { read, given: names, key, set, version: key.find(isVersion) })),
    read,
    returning,
    places: { position: () => source, isDefault: () => false, isFolderCall: () => false },
  };
}
