/**
 * Owns: the Mutator of Microsoft Graph: planning (write-plans.ts) joined with sending (write-run.ts).
 * Does not own: what a row becomes, how jobs are sent, SQL.
 * Invariants: every row has exactly one outcome.
 */
import { randomUUID } from 'node:crypto';
import type { TableDeclaration } from '../catalog/table.js';
import type { DescribedWrite, Mutator, RowOutcome, RowWrite, WriteContext, WritePlan, WriteShape } from '../scan/write.js';
import type { GraphClient } from './client.js';
import { WritePlans } from './write-plans.js';
import type { GraphWriteOptions } from './write-plans.js';
import { runJobs } from './write-run.js';
import type { Writer } from './write-settings.js';

export interface GraphMutatorSettings {
  readonly client: GraphClient;
  readonly catalog: { table(name: string): TableDeclaration | undefined };
  readonly options?: GraphWriteOptions;
}

/**
 * The Mutator of one connection.
 *
 * @example
 * const mutator = createGraphMutator({ client, catalog: loadCatalog('msgraph') });
 * const plan = mutator.planWrite({ kind: 'insert', table: 'Messages', columns: ['subject'], returning: ['id'], guarded: false });
 * for await (const outcome of mutator.write(plan, [{ row: 0, values: ['Hello'], target: [] }], context)) console.log(outcome);
 */
export function createGraphMutator(settings: GraphMutatorSettings): Mutator {
  return new GraphMutator(settings);
}

class GraphMutator implements Mutator {
  readonly #client: GraphClient;
  readonly #plans: WritePlans;
  readonly #batchSize: number | undefined;

  constructor({ client, catalog, options }: GraphMutatorSettings) {
    this.#client = client;
    this.#batchSize = options?.batchSize;
    this.#plans = new WritePlans({ root: client.root, catalog, ...(options === undefined ? {} : { options }) });
  }

  planWrite(shape: WriteShape): WritePlan<Writer> {
    return this.#plans.planWrite(shape);
  }

  checkRow(plan: WritePlan, row: RowWrite): void {
    this.#plans.checkRow(plan, row);
  }

  describeWrites(plan: WritePlan, rows: readonly RowWrite[]): readonly DescribedWrite[] {
    return this.#plans.describeWrites(plan, rows);
  }

  write(plan: WritePlan, rows: readonly RowWrite[], context: WriteContext): AsyncIterable<RowOutcome> {
    return runJobs(this.#client, this.#plans.jobs(plan, rows, randomUUID), context, { kind: plan.shape.kind, ...(this.#batchSize === undefined ? {} : { batchSize: this.#batchSize }) });
  }
}
