/**
 * Owns: UPDATE and DELETE of one row by its key and a change key that is not its own any more.
 * Does not own: rows that change between reading and writing (the Mutator's If-Match).
 * Invariants: sends one request more, and only where such a statement found no row; a row that is gone is no conflict.
 */
import { ExchangeSqlError } from '../errors.js';
import { writeLiteral } from '../planner/names.js';
import { quoteIdentifier } from '../engine/ddl.js';
import type { BoundSelect } from './statement-context.js';
import { identifies, isVersion, keyColumns } from './write-columns.js';
import type { PreparedWrite } from './write-plan.js';
import { collectRows } from './write-send.js';

/**
 * `WHERE id = … AND changeKey = …` that found nothing: whoever writes it has read the row and must hear that it has changed since.
 *
 * @throws ExchangeSqlError CONFLICT.
 */
export async function refuseOtherVersion({ statement, plan: { shape } }: PreparedWrite, select: BoundSelect): Promise<void> {
  const { skeleton, table, part, context } = statement;
  if (!shape.guarded || shape.kind === 'insert' || skeleton.form !== 'plain' || skeleton.from !== undefined) return;
  const { scans } = part.plan(select);
  const scan = scans.length === 1 ? scans[0]!.scan : undefined;
  if (scan?.table !== table.name) return;
  const equal = [...scan.conjuncts, ...scan.residuals].flatMap(({ predicate }) => (predicate?.kind === 'compare' && predicate.op === 'eq' ? [predicate] : []));
  const version = equal.find(({ column }) => isVersion(column));
  const key = new Set(keyColumns(table, equal.map(({ column }) => column)).filter((column) => !isVersion(column)));
  if (version === undefined || !identifies(table, [...key])) return;
  const conditions = equal.filter(({ column }) => key.has(column)).map(({ column, value }) => `${quoteIdentifier(column)} = ${writeLiteral(value) ?? 'NULL'}`);
  const text = `SELECT ${quoteIdentifier(version.column)} FROM ${quoteIdentifier(table.name)} WHERE ${conditions.join(' AND ')}`;
  const rows = await collectRows(await part.run({ text, parameters: select.parameters, columnNames: [], toOriginal: () => 0 }), context.signal);
  if (rows.every((row) => row[0] === version.value)) return;
  throw new ExchangeSqlError('CONFLICT', `the row of ${table.name} has changed since its changeKey was read`, { hint: 'Read it again and decide.' });
}
