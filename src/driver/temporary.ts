/**
 * Owns: temporary tables and views: CREATE TEMP TABLE … AS SELECT over mailboxes, INSERT … SELECT into them, and changes to them.
 * Does not own: that only the temp schema is written (engine/temporary.ts sees to it).
 * Invariants: a virtual table is never written; rows of a SELECT are read to the end before the first is inserted; columns
 * keep the types they had in the mailbox, so timestamps and booleans stay what they are.
 */
import { ExchangeSqlError } from '../errors.js';
import { declaredType, quoteIdentifier } from '../engine/ddl.js';
import type { BoundParameters } from '../engine/types.js';
import { located } from '../planner/positions.js';
import { tokenize, nameOf, type Token, type Translated, type WriteSkeleton } from '../sql/index.js';
import type { RawRow } from './execute.js';
import { CHANGES, distinctNames, type Column } from './results.js';
import type { Opened, StatementContext } from './statement-context.js';

/** What statement.ts lends: the SELECT part of a text is run over the mailboxes, or made ready to be the body of a view. */
export interface SelectPart {
  run(sql: string): Promise<Opened>;
  body(sql: string): Promise<string>;
}

export async function runTemporary(context: StatementContext, translated: Translated, parameters: BoundParameters, select: SelectPart): Promise<Opened> {
  const { judge } = context.session;
  const statement = readStatement(translated);
  if (statement !== undefined) refuseVirtualTarget(context, translated, statement);
  if (translated.write?.form === 'upsert' || translated.write?.form === 'update-select') {
    throw new ExchangeSqlError('NOT_SUPPORTED', `${translated.write.form === 'upsert' ? 'UPSERT' : 'UPDATE (…) SELECT'} is for tables of a mailbox`, { position: translated.toOriginal(translated.write.verb.start), hint: 'Write INSERT … ON CONFLICT … DO UPDATE, or UPDATE … SET … FROM.' });
  }
  if (translated.write !== undefined && translated.kind === 'insert') makeHashTable(context, translated.write);
  const query = statement?.query;
  if (statement !== undefined && translated.kind === 'create-temp') {
    const exists = judge.temporaryTables().some(({ name }) => name.toLowerCase() === statement.name.toLowerCase());
    if (exists && statement.ifNotExists) return answer(0);
    if (exists) throw new ExchangeSqlError('STATEMENT_REFUSED', `there is a temporary table ${statement.name} already`, { position: translated.toOriginal(statement.position), hint: `DROP TABLE ${statement.name} removes it.` });
    if (query !== undefined && statement.object === 'view') {
      judge.runTemporary(translated.text.slice(0, statement.queryStart) + (await select.body(query)), parameters);
      return answer(0);
    }
    if (query !== undefined) {
      const opened = await select.run(query);
      const rows = await collect(opened, context.signal);
      const columns = distinctNames(opened.columns).map((name, index) => `${quoteIdentifier(name)} ${typeOf(opened.columns[index]!)}`);
      judge.runTemporary(`CREATE TEMP TABLE ${quoteIdentifier(statement.name)}(${columns.join(', ')})`);
      return answer(judge.insertTemporary(statement.name, undefined, rows));
    }
  }
  if (statement !== undefined && query !== undefined && translated.kind === 'insert') {
    const rows = await collect(await select.run(query), context.signal);
    return answer(judge.insertTemporary(statement.name, statement.columns, rows));
  }
  const { changes, columns, rows } = atOrigin(translated, () => judge.runTemporary(translated.text, parameters));
  if (columns.length === 0) return answer(changes);
  return { columns: columns.map((name) => ({ ...CHANGES, name, type: undefined, nullable: true, description: undefined })), written: { affectedRows: changes, outcomes: undefined }, batches: once(rows) };
}

/** Errors of the text where the user wrote. */
function atOrigin<T>({ toOriginal }: Translated, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw located(error, toOriginal);
  }
}

/** `INSERT INTO orders#TEMP (…)` makes the table, all text, and the columns that it lacks. */
function makeHashTable({ session: { judge } }: StatementContext, { target, columns: given }: WriteSkeleton): void {
  const name = target.path.at(-1) ?? '';
  const columns = given?.names.map((column) => column.name) ?? [];
  if (!name.includes('#') || columns.length === 0) return;
  const known = judge.temporaryTables().find((table) => table.name.toLowerCase() === name.toLowerCase());
  if (known === undefined) {
    judge.runTemporary(`CREATE TEMP TABLE ${quoteIdentifier(name)}(${columns.map((column) => `${quoteIdentifier(column)} TEXT`).join(', ')})`);
    return;
  }
  const has = new Set(known.columns.map((column) => column.toLowerCase()));
  for (const column of columns) if (!has.has(column.toLowerCase())) judge.runTemporary(`ALTER TABLE temp.${quoteIdentifier(name)} ADD COLUMN ${quoteIdentifier(column)} TEXT`);
}

const typeOf = ({ type }: Column): string => (type === undefined ? '' : declaredType(type));

function answer(changes: number): Opened {
  return { columns: [CHANGES], written: { affectedRows: changes, outcomes: undefined }, batches: once([[BigInt(changes)]]) };
}

async function* once(rows: readonly RawRow[]): AsyncGenerator<readonly RawRow[], void, void> {
  await Promise.resolve();
  if (rows.length > 0) yield rows;
}

/** Most bytes, about, that the rows of one statement may bring into a temporary table: they are held in memory. */
const MOST_BYTES = 512 * 1024 * 1024;

const sizeOf = (row: RawRow): number => row.reduce<number>((sum, value) => sum + 16 + (typeof value === 'string' ? 2 * value.length : value instanceof Uint8Array ? value.length : 0), 64);

async function collect(opened: Opened, signal: AbortSignal): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  let bytes = 0;
  for await (const batch of opened.batches) {
    signal.throwIfAborted();
    for (const row of batch) {
      bytes += sizeOf(row);
      rows.push(row);
    }
    if (bytes > MOST_BYTES) {
      throw new ExchangeSqlError('STATEMENT_TOO_LARGE', `the temporary table would hold more than ${String(MOST_BYTES / 1024 / 1024)} MB`, { hint: 'Restrict the SELECT, or name fewer columns.' });
    }
  }
  return rows;
}

/** What a statement on temporary objects names. */
interface TemporaryStatement {
  readonly name: string;
  readonly position: number;
  readonly object: 'table' | 'view' | 'index';
  readonly ifNotExists: boolean;
  /** Of INSERT. */
  readonly columns: readonly string[] | undefined;
  /** The SELECT it takes rows from, at its own place in the text; undefined if there is none the driver has to run. */
  readonly query: string | undefined;
  readonly queryStart: number;
}

const BEFORE_NAME = new Set(['CREATE', 'TEMP', 'TEMPORARY', 'TABLE', 'VIEW', 'INDEX', 'UNIQUE', 'IF', 'NOT', 'EXISTS', 'INSERT', 'REPLACE', 'OR', 'IGNORE', 'ABORT', 'FAIL', 'ROLLBACK', 'INTO', 'UPDATE', 'DELETE', 'FROM', 'DROP']);

function readStatement({ text, kind }: Translated): TemporaryStatement | undefined {
  const tokens = tokenize(text);
  const verb = verbOf(tokens);
  let at = verb;
  while (at < tokens.length && tokens[at]!.kind === 'word' && BEFORE_NAME.has(tokens[at]!.key)) at += 1;
  const head = new Set(tokens.slice(verb, at).map(({ key }) => key));
  if (tokens[at + 1]?.key === '.' && tokens[at]!.key === 'TEMP') at += 2;
  else if (tokens[at - 1]?.key === 'TEMP' && tokens[at]?.key === '.') at += 1;
  const token = tokens[at];
  const name = token === undefined ? undefined : nameOf(token);
  if (token === undefined || name === undefined) return undefined;
  const common = { name, position: token.start, object: head.has('VIEW') ? 'view' : head.has('INDEX') ? 'index' : 'table', ifNotExists: head.has('EXISTS'), columns: undefined, query: undefined, queryStart: 0 } as const;
  at += 1;
  let columns: string[] | undefined;
  if ((kind === 'insert' || common.object === 'view') && tokens[at]?.key === '(') {
    columns = [];
    for (at += 1; at < tokens.length && tokens[at]!.key !== ')'; at += 1) {
      const column = nameOf(tokens[at]!);
      if (column !== undefined) columns.push(column);
    }
    at += 1;
  }
  if (kind === 'create-temp') {
    if (tokens[at]?.key !== 'AS' || common.object === 'index') return common;
    at += 1;
  }
  const first = tokens[at];
  if (first === undefined || (first.key !== 'SELECT' && first.key !== 'WITH')) return common;
  // With RETURNING or ON CONFLICT the engine runs the whole; it refuses a SELECT over mailboxes there.
  if (tokens.some(({ key }, index) => index > at && (key === 'RETURNING' || (key === 'ON' && tokens[index + 1]?.key === 'CONFLICT')))) return common;
  // WITH may stand before INSERT as well as after it; the query needs it either way. Blanks keep the positions of errors.
  const ctes = verb === 0 ? '' : text.slice(0, tokens[verb]!.start);
  return { ...common, columns, query: ctes + ' '.repeat(first.start - ctes.length) + text.slice(first.start), queryStart: first.start };
}

/** The word that says what the statement does: after common table expressions, if there are any. */
function verbOf(tokens: readonly Token[]): number {
  if (tokens[0]?.key !== 'WITH') return 0;
  let depth = 0;
  for (const [index, { key }] of tokens.entries()) {
    if (key === '(') depth += 1;
    else if (key === ')') depth -= 1;
    else if (depth === 0 && ['INSERT', 'REPLACE', 'UPDATE', 'DELETE'].includes(key)) return index;
  }
  return 0;
}

/** Names of tables of a mailbox are taken; writing such a table is write.ts's. */
function refuseVirtualTarget({ session }: StatementContext, translated: Translated, { name, position, object }: TemporaryStatement): void {
  const table = session.catalog.table(name);
  if (table === undefined || object === 'index') return;
  const at = translated.toOriginal(position);
  if (translated.kind === 'create-temp') {
    throw new ExchangeSqlError('STATEMENT_REFUSED', `a temporary ${object} cannot be named ${table.name}, which is a table of the mailbox`, { position: at, hint: 'Choose another name.' });
  }
  if (translated.kind === 'drop') throw new ExchangeSqlError('STATEMENT_REFUSED', `${table.name} is a table of the mailbox and cannot be dropped`, { position: at, hint: `DELETE FROM ${table.name} deletes rows.` });
}
