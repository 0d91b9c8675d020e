/**
 * Owns: writing rows that are references: members of a group are added and removed, not made.
 * Invariants: pure; adding one that is there already is no second member.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { PlannedRequest } from '../scan/scan.js';
import type { RowWrite, WriteShape } from '../scan/write.js';
import { columnsToWrite, missingColumn, writeOf, writePermission } from './write-columns.js';
import { encodeSegment } from './literal.js';
import { WriteResult, writtenRow } from './write-result.js';
import { RowValues } from './write-row.js';
import { commonOf, pathOfRow, plannedRequest } from './write-settings.js';
import type { Writer, WriteSettings } from './write-settings.js';
import type { WriteJob } from './write-step.js';

export class ReferenceWriter implements Writer {
  readonly read: readonly string[];
  readonly requests: readonly PlannedRequest[];
  readonly #declaration: TableDeclaration;
  readonly #shape: WriteShape;
  readonly #settings: WriteSettings;
  readonly #result: WriteResult;
  readonly #collection: string;
  readonly #item: string;
  readonly #parentColumn: string;

  constructor(declaration: TableDeclaration, shape: WriteShape, settings: WriteSettings) {
    if (declaration.shape.kind !== 'children' || declaration.write?.item === undefined) throw new ExchangeSqlError('INTERNAL', `${declaration.name} holds no references.`);
    this.#declaration = declaration;
    this.#shape = shape;
    this.#settings = settings;
    writeOf(declaration, shape.kind);
    columnsToWrite(declaration, shape);
    this.#parentColumn = declaration.shape.parentColumn;
    this.#collection = `${declaration.shape.path}/$ref`;
    this.#item = declaration.write.item;
    const foreign = shape.returning.find((name) => name !== 'id' && name !== this.#parentColumn);
    if (foreign !== undefined) throw new ExchangeSqlError('NOT_SUPPORTED', `RETURNING cannot give ${declaration.name}.${foreign}: the service answers with nothing.`, { hint: `Return ${this.#parentColumn} and id and SELECT the rest afterwards.` });
    this.#result = new WriteResult(declaration, shape, { ownMailbox: settings.mailbox ?? 'me', parent: undefined });
    this.read = shape.kind === 'insert' ? [] : [this.#parentColumn, 'id'];
    this.requests = [shape.kind === 'insert' ? plannedRequest(declaration, settings, 'POST', this.#collection, shape.columns, 'insert') : plannedRequest(declaration, settings, 'DELETE', this.#item, [], 'delete')];
  }

  check(row: RowWrite): void {
    const values = this.#values(row);
    const missing = [this.#parentColumn, 'id'].filter((name) => (values.final(name) ?? null) === null);
    if (missing.length > 0) throw missingColumn(this.#declaration, missing);
  }

  *jobs(rows: readonly RowWrite[]): Generator<WriteJob, void, void> {
    for (const row of rows) {
      const values = this.#values(row);
      const id = values.text('id') ?? '';
      const common = commonOf(values, this.#settings);
      const bound = { [this.#parentColumn]: values.final(this.#parentColumn) ?? null };
      yield {
        rows: [values.row],
        steps: [
          this.#shape.kind === 'insert'
            ? { ...common, method: 'POST', url: pathOfRow(this.#collection, values, this.#settings), body: { json: { '@odata.id': `${this.#settings.root}/directoryObjects/${encodeSegment(id)}` } }, repeat: 'present' }
            : { ...common, method: 'DELETE', url: pathOfRow(this.#item, values, this.#settings), body: undefined, repeat: 'gone' },
        ],
        permission: writePermission(this.#declaration),
        mails: [],
        outcome: () => [{ row: values.row, ...this.#result.of(writtenRow({ id }, { mailbox: undefined, bound })) }],
      };
    }
  }

  #values(row: RowWrite): RowValues {
    return new RowValues(this.#declaration, this.#shape, this.read, row);
  }
}
