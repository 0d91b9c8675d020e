/**
 * Owns: temporary tables: CREATE TEMP TABLE … AS SELECT over mailboxes, INSERT … SELECT into them, and changes to them.
 * Does not own: that only the temp schema is written (engine/temporary.ts sees to it).
 * Invariants: a virtual table is never written; rows of a SELECT are read to the end before the first is inserted.
 */
import { ExchangeSqlError } from '../errors.js';
import { tokenize, nameOf, type Token, type Translated } from '../sql/index.js';
import type { BoundParameters } from '../engine/types.js';
import type { RawRow } from './execute.js';
import type { Column } from './results.js';
import type { Opened, StatementContext } from './statement-context.js';

const CHANGES: Column = { name: 'changes', type: 'integer', table: undefined, column: undefined, nullable: false, description: 'Rows inserted, updated or deleted.' };

/** Runs the SELECT part over the mailboxes: statement.ts gives it. */
export type SelectRunner = (sql: string) => Promise<Opened>;

export async function runTemporary(context: StatementContext, translated: Translated, parameters: BoundParameters, select: SelectRunner): Promise<Opened> {
  const { judge } = context.session;
  refuseVirtualTarget(context, translated);
  const body = selectPart(translated);
  if (body !== undefined && translated.kind === 'create-temp') {
    const rows = await collect(await select(body.sql), context.signal);
    judge.runTemporary(translated.text, parameters, { emptySources: true });
    const changes = judge.insertTemporary(body.target, undefined, rows);
    return answer(changes);
  }
  if (body !== undefined && translated.kind === 'insert') {
    const rows = await collect(await select(body.sql), context.signal);
    return answer(judge.insertTemporary(body.target, body.columns, rows));
  }
  const { changes, columns, rows } = judge.runTemporary(translated.text, parameters);
  if (columns.length === 0) return answer(changes);
  return { columns: columns.map((name) => ({ ...CHANGES, name, type: undefined, nullable: true, description: undefined })), batches: once(rows) };
}

function answer(changes: number): Opened {
  return { columns: [CHANGES], batches: once([[BigInt(changes)]]) };
}

async function* once(rows: readonly RawRow[]): AsyncGenerator<readonly RawRow[], void, void> {
  await Promise.resolve();
  if (rows.length > 0) yield rows;
}

async function collect(opened: Opened, signal: AbortSignal): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const batch of opened.batches) {
    signal.throwIfAborted();
    rows.push(...batch);
  }
  return rows;
}

interface SelectPart {
  readonly target: string;
  readonly columns: readonly string[] | undefined;
  readonly sql: string;
}

/** `CREATE TEMP TABLE x AS SELECT …`, `INSERT INTO x [(columns)] SELECT …`; undefined where no query follows. */
function selectPart({ text, kind }: Translated): SelectPart | undefined {
  const tokens = tokenize(text);
  const target = targetOf(tokens);
  if (target === undefined || (kind === 'create-temp' && !tokens.slice(0, 4).some(({ key }) => key === 'TABLE'))) return undefined;
  let at = target.next;
  let columns: string[] | undefined;
  if (kind === 'insert' && tokens[at]?.key === '(') {
    columns = [];
    for (at += 1; at < tokens.length && tokens[at]!.key !== ')'; at += 1) {
      const name = nameOf(tokens[at]!);
      if (name !== undefined) columns.push(name);
    }
    at += 1;
  }
  if (kind === 'create-temp') {
    if (tokens[at]?.key !== 'AS') return undefined;
    at += 1;
  }
  const first = tokens[at];
  if (first === undefined || (first.key !== 'SELECT' && first.key !== 'WITH')) return undefined;
  const conflict = tokens.findIndex(({ key }, index) => index > at && (key === 'RETURNING' || (key === 'ON' && tokens[index + 1]?.key === 'CONFLICT')));
  if (conflict !== -1) return undefined;
  // Blanks keep the positions of errors.
  return { target: target.name, columns, sql: ' '.repeat(first.start) + text.slice(first.start) };
}

/** The table a statement creates, fills, changes or drops. */
function targetOf(tokens: readonly Token[]): { name: string; next: number; position: number } | undefined {
  const skip = new Set(['CREATE', 'TEMP', 'TEMPORARY', 'TABLE', 'VIEW', 'INDEX', 'UNIQUE', 'IF', 'NOT', 'EXISTS', 'INSERT', 'REPLACE', 'OR', 'IGNORE', 'ABORT', 'FAIL', 'ROLLBACK', 'INTO', 'UPDATE', 'DELETE', 'FROM', 'DROP']);
  let at = 0;
  while (at < tokens.length && tokens[at]!.kind === 'word' && skip.has(tokens[at]!.key)) at += 1;
  if (tokens[at + 1]?.key === '.' && tokens[at]!.key === 'TEMP') at += 2;
  else if (tokens[at - 1]?.key === 'TEMP' && tokens[at]?.key === '.') at += 1;
  const token = tokens[at];
  const name = token === undefined ? undefined : nameOf(token);
  return token === undefined || name === undefined ? undefined : { name, next: at + 1, position: token.start };
}

/** Writing mailboxes is another version's work; say so before anything else. */
function refuseVirtualTarget({ session }: StatementContext, translated: Translated): void {
  if (!['insert', 'update', 'delete', 'drop', 'create-temp'].includes(translated.kind)) return;
  const target = targetOf(tokenize(translated.text));
  if (target === undefined) return;
  const table = session.catalog.table(target.name);
  if (table === undefined) return;
  if (translated.kind === 'create-temp') {
    throw new ExchangeSqlError('STATEMENT_REFUSED', `a temporary table cannot be named ${table.name}, which is a table of the mailbox`, { position: translated.toOriginal(target.position), hint: 'Choose another name.' });
  }
  throw new ExchangeSqlError(translated.kind === 'drop' ? 'STATEMENT_REFUSED' : 'NOT_SUPPORTED', `${translated.kind.toUpperCase()} on ${table.name} is not offered: this version reads only`, {
    position: translated.toOriginal(target.position),
    hint: 'Temporary tables can be written: CREATE TEMP TABLE name AS SELECT ….',
  });
}
