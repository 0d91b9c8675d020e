/**
 * Owns: RETURNING: which columns of the written rows it needs, and its rows once they are known.
 * Does not own: writing; where the values come from (the Mutator after INSERT and UPDATE, the read rows of DELETE).
 * Invariants: the text is SQLite's before the first row is written; rows come in the order of the statement.
 */
import { hasAggregate } from '../engine/opcodes.js';
import type { BoundParameters } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';
import type { StatementPlan } from '../planner/plan.js';
import { columnNames, readSkeleton, tokenize, type Spliced, type WriteSkeleton } from '../sql/index.js';
import type { QuerySkeleton } from '../sql/skeleton.js';
import type { SqlValue } from '../scan/value.js';
import type { RawRow } from './execute.js';
import { openDatabase } from './local-tables.js';
import { describeColumns, type Column } from './results.js';
import type { BoundSelect, StatementContext } from './statement-context.js';

export interface Returning {
  readonly columns: readonly Column[];
  /** Columns of the target it reads. */
  readonly needed: readonly string[];
  /** @param rows values of `needed`, one row each. */
  evaluate(rows: readonly (readonly SqlValue[])[]): readonly RawRow[];
}

export interface ReturningInput {
  readonly context: StatementContext;
  readonly skeleton: WriteSkeleton;
  readonly table: string;
  /** The SELECT it is: `selectOfReturning`. */
  readonly spliced: Spliced;
  readonly select: BoundSelect;
  plan(select: BoundSelect): StatementPlan;
}

/** @throws ExchangeSqlError as SELECT would for its names; NOT_SUPPORTED for what cannot be said of one row. */
export function prepareReturning({ context, skeleton, table, spliced, select, plan }: ReturningInput): Returning {
  const { session } = context;
  const position = skeleton.returning === undefined ? undefined : select.toOriginal(spliced.text.indexOf('SELECT ') + 'SELECT '.length);
  const clauses = readSkeleton(tokenize(select.text));
  const refuse = (message: string, hint: string): ExchangeSqlError => new ExchangeSqlError('NOT_SUPPORTED', message, { hint, ...(position === undefined ? {} : { position }) });
  if (clauses.subqueries.some(readsTables)) throw refuse('RETURNING cannot read tables', 'Give back the key and SELECT by it afterwards.');
  const planned = plan(select);
  const { program } = session.judge.examine(planned.sql);
  if (hasAggregate(program)) throw refuse('RETURNING gives one row for each row written, and an aggregate or window function does not', 'SELECT it afterwards.');
  const needed = planned.scans.find(({ scan }) => scan.table === table)?.scan.columns ?? [];
  const names = clauses.arms[0]?.items.some(({ star }) => star) === true ? [] : columnNames(clauses, select, context.original);
  const evaluate = (rows: readonly (readonly SqlValue[])[], parameters: BoundParameters): readonly RawRow[] => {
    const database = openDatabase(session, planned);
    try {
      database.stage(table, needed, { rows, keys: [] });
      return [...database.run(planned.sql, parameters)];
    } finally {
      database.close();
    }
  };
  // What SQLite does not take must show before anything is written.
  evaluate([], select.parameters);
  return { columns: describeColumns(planned.columns, session.catalog, names), needed, evaluate: (rows) => evaluate(rows, select.parameters) };
}

const readsTables = ({ arms, subqueries }: QuerySkeleton): boolean => arms.some(({ from }) => from !== undefined) || subqueries.some(readsTables);
