/**
 * Owns: new attachments: small ones in one POST, large ones by upload session (facts 6.3 and 7).
 * Does not own: the pieces of an upload (write-upload.ts).
 * Invariants: pure up to the size of a local file, which is looked at when the row is sent.
 */
import type { ColumnDeclaration, TableDeclaration, TableWrite } from '../catalog/table.js';
import type { PlannedRequest } from '../scan/scan.js';
import type { SqlValue } from '../scan/value.js';
import type { RowWrite, WriteShape } from '../scan/write.js';
import { withQuery } from './literal.js';
import { bodyOf } from './write-body.js';
import type { Json } from './write-body.js';
import { columnsToWrite, missingColumn, writeOf, writePermission } from './write-columns.js';
import { checkSize, contentOf, inMemory } from './write-content.js';
import type { RowContent } from './write-content.js';
import { isEntity, WriteResult, writtenRow } from './write-result.js';
import { RowValues } from './write-row.js';
import { ANSWERED, commonOf, jsonStep, mailboxOfRow, pathOfRow, plannedRequest } from './write-settings.js';
import type { Writer, WriteSettings } from './write-settings.js';
import type { Repeat, StepAnswer, UploadContent, WriteJob, WriteStep } from './write-step.js';

/** From this many bytes on an attachment needs an upload session; below, the service refuses one. */
const SESSION_BYTES = 3 * 1024 * 1024;
/** The service takes no larger attachment. */
const MOST_BYTES = 150 * 1024 * 1024;
/** At most 4 MB, a multiple of 320 KiB. */
const PIECE_BYTES = 12 * 320 * 1024;

export class AttachmentWriter implements Writer {
  readonly read: readonly string[] = [];
  readonly requests: readonly PlannedRequest[];
  readonly #declaration: TableDeclaration;
  readonly #write: TableWrite;
  readonly #shape: WriteShape;
  readonly #columns: readonly ColumnDeclaration[];
  readonly #settings: WriteSettings;
  readonly #result: WriteResult;
  readonly #collection: string;
  readonly #item: string;
  readonly #owner: string;

  constructor(declaration: TableDeclaration, shape: WriteShape, settings: WriteSettings) {
    this.#declaration = declaration;
    this.#shape = shape;
    this.#settings = settings;
    this.#write = writeOf(declaration, 'insert');
    this.#columns = columnsToWrite(declaration, shape);
    const tableShape = declaration.shape.kind === 'children' ? declaration.shape : undefined;
    this.#collection = tableShape?.path ?? '';
    this.#item = tableShape?.item ?? '';
    this.#owner = tableShape?.parentColumn ?? '';
    this.#result = new WriteResult(declaration, shape, { ownMailbox: settings.mailbox ?? 'me', parent: tableShape === undefined ? undefined : settings.table(tableShape.parent) });
    this.requests = [
      plannedRequest(declaration, settings, 'POST', this.#collection, shape.columns, 'insert', 'per row of less than 3 MB'),
      plannedRequest(declaration, settings, 'POST', `${this.#collection}/createUploadSession`, shape.columns, 'insert', 'per larger row, then its bytes in pieces of 4 MB'),
    ];
  }

  check(row: RowWrite): void {
    const values = this.#values(row);
    const missing = this.#columns.filter(({ name, write }) => write?.create === 'required' && (values.given(name) ?? null) === null).map(({ name }) => name);
    if (missing.length > 0) throw missingColumn(this.#declaration, missing);
    const content = this.#content(values);
    if (content.kind === 'bytes') checkSize(values, content.bytes.byteLength, MOST_BYTES);
    this.#members(values);
  }

  *jobs(rows: readonly RowWrite[]): Generator<WriteJob, void, void> {
    for (const row of rows) {
      const values = this.#values(row);
      const content = this.#content(values);
      if (content.kind === 'bytes') yield this.#job(values, inMemory(content.bytes), Buffer.from(content.bytes).toString('base64'));
      else yield { ...this.#job(values, undefined, `(the bytes of ${content.path})`), prepare: async () => this.#opened(values, await content.open(MOST_BYTES)) };
    }
  }

  #values(row: RowWrite): RowValues {
    return new RowValues(this.#declaration, this.#shape, this.read, row);
  }

  #content(values: RowValues): RowContent {
    const content = contentOf(values, this.#settings);
    if (content === undefined) throw missingColumn(this.#declaration, ['contentBytes (or content, or LocalFile)']);
    return content;
  }

  async #opened(values: RowValues, content: UploadContent): Promise<WriteJob> {
    if (content.size >= SESSION_BYTES) return this.#job(values, content, '');
    return this.#job(values, content, Buffer.from(await content.read(0, content.size)).toString('base64'));
  }

  /** Columns as members of the attachment's JSON, without the contents. */
  #members(values: RowValues): Json {
    return bodyOf(values, { kind: 'insert', except: new Set(['contentBytes']) });
  }

  #job(values: RowValues, content: UploadContent | undefined, base64: string): WriteJob {
    const collection = pathOfRow(this.#collection, values, this.#settings);
    const members = this.#members(values);
    const common = commonOf(values, this.#settings);
    const large = content !== undefined && content.size >= SESSION_BYTES;
    const repeat: Repeat = { find: { url: withQuery(collection, [{ name: '$select', value: 'id,name,contentType,size,isInline,lastModifiedDateTime' }]), by: 'likeness', equal: { name: members['name'] }, created: 'lastModifiedDateTime' } };
    const step: WriteStep = large
      ? { ...common, method: 'POST', url: `${collection}/createUploadSession`, body: { json: { AttachmentItem: { attachmentType: 'file', ...members, size: content.size } } }, repeat, kind: 'alone', upload: { content, pieceBytes: PIECE_BYTES } }
      : { ...common, method: 'POST', url: collection, repeat, ...jsonStep({ ...this.#write.constant, ...members, contentBytes: base64 }) };
    const bound = { [this.#owner]: values.given(this.#owner) ?? null };
    const readBack = this.#result.readBack() ?? (large && this.#shape.returning.length > 0 ? [] : undefined);
    return {
      rows: [values.row],
      steps: [step, ...(readBack === undefined ? [] : [{ ...common, method: 'GET' as const, url: withQuery(pathOfRow(this.#item, values, this.#settings, { id: ANSWERED }), readBack), idFrom: 0, body: undefined, repeat: 'absolute' as const, readBack: true as const }])],
      permission: writePermission(this.#declaration),
      mails: [],
      outcome: (answers) => [this.#outcome(values, answers, bound)],
      found: (item) => [{ row: values.row, ...this.#result.of(writtenRow(item, { mailbox: values.text('userId') ?? mailboxOfRow(values, this.#settings), bound })) }],
    };
  }

  #outcome(values: RowValues, answers: readonly (StepAnswer | undefined)[], bound: Readonly<Record<string, SqlValue>>): ReturnType<WriteJob['outcome']>[number] {
    const entity = answers.map((answer) => answer?.body).findLast((body) => isEntity(body) && 'id' in body);
    return { row: values.row, ...this.#result.of(writtenRow(isEntity(entity) ? entity : {}, { mailbox: values.text('userId') ?? mailboxOfRow(values, this.#settings), bound })) };
  }
}
