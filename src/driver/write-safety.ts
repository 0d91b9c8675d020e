/**
 * Owns: whether a statement may write here and how much: Readonly, MaxAffectedRows, AllowFullTable.
 * Does not own: sending (the Mutator), where the settings come from (write-options.ts).
 * Invariants: what is refused is refused before the first write; a dry run is never refused, it says what would be.
 */
import { ExchangeSqlError } from '../errors.js';
import type { Span } from '../sql/ast.js';
import type { StatementContext } from './statement-context.js';
import type { WriteStatement } from './write-plan.js';
import type { Returning } from './write-returning.js';

/** @throws ExchangeSqlError READ_ONLY: before anything is sent. */
export function refuseReadonly({ context, skeleton, table, translated }: WriteStatement): void {
  if (!context.safety.readonly) return;
  refuse(context, new ExchangeSqlError('READ_ONLY', `${skeleton.kind.toUpperCase()} on ${table.name} is refused: the connection only reads (Readonly=true)`, { position: translated.toOriginal(skeleton.verb.start), hint: 'Connect without Readonly=true to write.' }));
}

/** For a statement whose syntax and names are right. @throws ExchangeSqlError WRITE_LIMIT: before anything is sent. */
export function refuseWhole(statement: WriteStatement): void {
  const { context, skeleton, table, translated } = statement;
  const position = translated.toOriginal(skeleton.verb.start);
  const verb = skeleton.kind.toUpperCase();
  if (skeleton.kind === 'insert' || skeleton.form !== 'plain' || context.safety.allowFullTable) return;
  if (skeleton.where !== undefined) {
    if (isOneForAll(statement, skeleton.where)) {
      refuse(context, new ExchangeSqlError('WRITE_LIMIT', `this EXISTS does not depend on the row of ${table.name}: ${verb} would ${skeleton.kind === 'delete' ? 'delete' : 'change'} every row or none`, {
        position: translated.toOriginal(skeleton.where.start),
        hint: 'Write id IN (SELECT …), or compare with the row inside EXISTS; AllowFullTable=true if every row is meant.',
      }));
    }
  } else {
    refuse(context, new ExchangeSqlError('WRITE_LIMIT', `${verb} without WHERE would ${skeleton.kind === 'delete' ? 'delete' : 'change'} every row of ${table.name}`, { position, hint: wholeHint(statement) }));
  }
}

/** A table with one row a mailbox has nothing to choose from but the mailbox. */
function wholeHint({ table: { shape } }: WriteStatement): string {
  return shape.kind === 'singleton' ? "Say whose: WHERE userId = 'ada@contoso.example'." : 'Add a WHERE, or set AllowFullTable=true if every row is meant.';
}

/**
 * A condition that is EXISTS (SELECT …) alone, whose SELECT can stand alone: it is the same for every row. Who comes from a driver that
 * writes `DELETE FROM t WHERE EXISTS SELECT id FROM t#TEMP` means the rows in t#TEMP.
 */
function isOneForAll({ context: { session }, translated: { text, tokens }, skeleton }: WriteStatement, where: Span): boolean {
  const own = tokens.filter(({ start, end }) => start >= where.start && end <= where.end);
  const [exists, open] = own;
  const last = own.at(-1);
  if (exists?.key !== 'EXISTS' || open?.key !== '(' || last?.key !== ')') return false;
  let depth = 0;
  const close = own.find(({ key }) => {
    depth += key === '(' ? 1 : key === ')' ? -1 : 0;
    return key === ')' && depth === 0;
  });
  if (close !== last) return false;
  try {
    session.judge.examine(`${skeleton.with === undefined ? '' : `${text.slice(skeleton.with.start, skeleton.with.end)} `}${text.slice(open.end, last.start)}`);
    return true;
  } catch {
    return false;
  }
}

/** @throws ExchangeSqlError WRITE_LIMIT: before the first write. */
export function refuseMany({ context, skeleton, table, translated }: WriteStatement, rows: number): void {
  const most = context.safety.maxAffectedRows;
  if (most === undefined || rows <= most) return;
  const shown = rows > most + 1 || context.safety.dryRun ? String(rows) : `more than ${String(most)}`;
  refuse(context, new ExchangeSqlError('WRITE_LIMIT', `${skeleton.kind.toUpperCase()} would write ${shown} rows of ${table.name}; at most ${String(most)} are allowed (MaxAffectedRows). Nothing was written`, {
    position: translated.toOriginal(skeleton.verb.start),
    hint: 'Narrow the statement, or raise MaxAffectedRows (0 for no limit) if so many rows are meant.',
  }));
}

/**
 * In a transaction RETURNING gives what the statement itself says; what the service makes is not known before COMMIT.
 *
 * @param known columns whose values the statement has.
 * @throws ExchangeSqlError NOT_SUPPORTED.
 */
export function refuseReturning({ context, translated, skeleton }: WriteStatement, returning: Returning | undefined, known: readonly string[]): void {
  if (context.mode !== 'queue' || returning === undefined) return;
  const made = returning.needed.filter((name) => !known.includes(name));
  if (made.length === 0) return;
  throw new ExchangeSqlError('NOT_SUPPORTED', `in a transaction RETURNING cannot give ${made.join(', ')}: the row is written at COMMIT, and the service says it then`, {
    position: translated.toOriginal(skeleton.returning?.span.start ?? skeleton.verb.start),
    hint: 'SELECT the rows after COMMIT, or write them without BEGIN.',
  });
}

/** Rows after which reading on is of no use: the statement is refused anyway. */
export const mostRows = ({ safety }: StatementContext): number | undefined => (safety.dryRun ? undefined : safety.maxAffectedRows);

function refuse(context: StatementContext, error: ExchangeSqlError): void {
  if (!context.safety.dryRun) throw error;
  context.warn({ code: error.code, message: `without DryRun the statement would be refused: ${error.message}` });
}
