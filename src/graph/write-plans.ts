/**
 * Owns: planning writes without a connection: which writer a table has, checks, DryRun's requests, jobs.
 * Does not own: what a row becomes (write-item.ts and the like), sending (write-run.ts).
 * Invariants: no I/O but to look at the size of files that a row names.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { DescribedWrite, RowWrite, WritePlan, WriteShape } from '../scan/write.js';
import { BATCH_SIZE } from './batch.js';
import { describeStep } from './write-describe.js';
import { withIds } from './write-row-keys.js';
import type { NewName, Writer, WriteSettings } from './write-settings.js';
import type { WriteJob } from './write-step.js';
import { writerOf } from './write-writers.js';
import type { BodyType, IdType } from './wire.js';
import type { FileInput } from './write-settings.js';

export interface GraphWriteOptions {
  /** The connection's mailbox; undefined for the signed-in user's. */
  readonly userId?: string | undefined;
  /** Which of an item's two ids is shown. Default Immutable. */
  readonly idType?: IdType;
  readonly bodyType?: BodyType;
  /** Writes in one call; undefined for 20. */
  readonly batchSize?: number | undefined;
  /** Reads files that columns such as LocalFile name. Absent: none may be read. */
  readonly files?: FileInput | undefined;
}

export interface WritePlansSettings {
  /** Service root without a trailing slash. */
  readonly root: string;
  readonly catalog: { table(name: string): TableDeclaration | undefined };
  readonly options?: GraphWriteOptions;
}

/**
 * @example
 * const plans = new WritePlans({ root: 'https://graph.microsoft.com/v1.0', catalog: loadCatalog('msgraph') });
 * const plan = plans.planWrite({ kind: 'insert', table: 'Messages', columns: ['subject'], returning: ['id'], guarded: false });
 */
export class WritePlans {
  readonly #settings: WriteSettings;

  constructor({ root, catalog, options = {} }: WritePlansSettings) {
    this.#settings = {
      table: (name) => catalog.table(name),
      mailbox: options.userId === '' ? undefined : options.userId,
      idType: options.idType ?? 'Immutable',
      bodyType: options.bodyType,
      batchSize: options.batchSize ?? BATCH_SIZE,
      root,
      files: options.files,
    };
  }

  /** @throws ExchangeSqlError UNKNOWN_TABLE, NOT_WRITABLE, MISSING_COLUMN, NOT_SUPPORTED. */
  planWrite(shape: WriteShape): WritePlan<Writer> {
    const declaration = this.#settings.table(shape.table);
    if (declaration === undefined) throw new ExchangeSqlError('UNKNOWN_TABLE', `There is no table ${shape.table}.`);
    const writer = withIds(declaration, shape, (byIds) => writerOf(declaration, byIds, this.#settings));
    return { shape, read: writer.read, requests: writer.requests, detail: writer };
  }

  /** @throws ExchangeSqlError NOT_WRITABLE, MISSING_COLUMN, BAD_VALUE, NOT_SUPPORTED for what this row cannot be. */
  checkRow(plan: WritePlan, row: RowWrite): void {
    writerIn(plan).check(row);
  }

  describeWrites(plan: WritePlan, rows: readonly RowWrite[]): readonly DescribedWrite[] {
    // What is new for every row is not made before it is sent.
    return [...writerIn(plan).jobs(rows, () => '{new}')].flatMap((job) => job.steps.filter(({ method }) => method !== 'GET').map((step, index) => describeStep(job, step, index === 0)));
  }

  /** The jobs of rows that were checked. */
  jobs(plan: WritePlan, rows: readonly RowWrite[], newName: NewName): Iterable<WriteJob> {
    return writerIn(plan).jobs(rows, newName);
  }
}

function writerIn(plan: WritePlan): Writer {
  return plan.detail as Writer;
}
