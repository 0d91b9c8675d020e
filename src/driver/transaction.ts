/**
 * Owns: what a connection has collected between BEGIN and COMMIT.
 * Does not own: sending it (transaction-commit.ts), its order (transaction-order.ts).
 * Invariants: nothing collected is sent but by COMMIT; a connection has one transaction at a time.
 */
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import type { Mutator, RowOutcome, RowWrite, WritePlan } from '../scan/write.js';

/** Rows of one statement that wait. */
export interface QueuedWrite {
  readonly mutator: Mutator;
  readonly plan: WritePlan;
  /** Their `row` is the ordinal in the statement. */
  readonly rows: readonly RowWrite[];
  /** UPDATE: the values of `plan.shape.columns` that were there, by row; empty where they are not known. */
  readonly before: readonly (readonly SqlValue[])[];
  /** INSERT, UPDATE, DELETE. */
  readonly verb: string;
}

/** What became of one statement of a transaction. */
export interface SentWrite {
  readonly write: QueuedWrite;
  readonly outcomes: readonly RowOutcome[];
}

export class Transaction {
  #queue: QueuedWrite[] | undefined;

  get isOpen(): boolean {
    return this.#queue !== undefined;
  }

  /** Rows that wait for COMMIT. */
  get waiting(): number {
    return (this.#queue ?? []).reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /** @throws ExchangeSqlError TRANSACTION. */
  begin(): void {
    if (this.#queue !== undefined) throw new ExchangeSqlError('TRANSACTION', 'there is a transaction already', { hint: 'COMMIT or ROLLBACK it first; a connection has one at a time.' });
    this.#queue = [];
  }

  add(write: QueuedWrite): void {
    if (this.#queue === undefined) throw new ExchangeSqlError('TRANSACTION', 'the transaction ended while the statement read its rows; nothing of it was sent', { hint: 'Run the statement again.' });
    this.#queue.push(write);
  }

  /** What was collected; the transaction is over. @throws ExchangeSqlError TRANSACTION. */
  end(verb: 'COMMIT' | 'ROLLBACK'): readonly QueuedWrite[] {
    const queue = this.#queue;
    if (queue === undefined) throw new ExchangeSqlError('TRANSACTION', `there is no transaction to ${verb}`, { hint: 'BEGIN starts one; without it every statement is written at once.' });
    this.#queue = undefined;
    return queue;
  }
}
