/**
 * Owns: files and folders of a drive: new ones, new contents, rename and move.
 * Does not own: deleting them (write-item.ts), the pieces of an upload (write-upload.ts).
 * Invariants: pure up to the size of a local file; a new item never replaces one of its name.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { PlannedRequest } from '../scan/scan.js';
import type { RowWrite, WriteShape } from '../scan/write.js';
import { withQuery } from './literal.js';
import { bodyOf, siblingsOf } from './write-body.js';
import type { Json } from './write-body.js';
import { columnsToWrite, missingColumn, writeOf, writePermission } from './write-columns.js';
import { CONTENT_COLUMNS, checkSize, contentOf, inMemory } from './write-content.js';
import { isEntity, WriteResult, writtenRow } from './write-result.js';
import { RowValues } from './write-row.js';
import { ANSWERED, commonOf, jsonStep, mailboxOfRow, pathOfRow, plannedRequest } from './write-settings.js';
import type { Writer, WriteSettings } from './write-settings.js';
import type { Repeat, UploadContent, WriteJob, WriteStep } from './write-step.js';

/** Up to this many bytes a file goes in one PUT. */
const SIMPLE_BYTES = 4 * 1024 * 1024;
/** The service takes no larger file. */
const MOST_BYTES = 250 * 1024 ** 3;
/** A multiple of 320 KiB. */
const PIECE_BYTES = 16 * 320 * 1024;

const CONFLICT = '@microsoft.graph.conflictBehavior';
const BAD_NAME = /["*:<>?/\\|]|^\.{1,2}$|^\s|[\s.]$/;

export class DriveWriter implements Writer {
  readonly read: readonly string[];
  readonly requests: readonly PlannedRequest[];
  readonly #declaration: TableDeclaration;
  readonly #shape: WriteShape;
  readonly #columns: readonly ColumnDeclaration[];
  readonly #settings: WriteSettings;
  readonly #result: WriteResult;

  constructor(declaration: TableDeclaration, shape: WriteShape, settings: WriteSettings) {
    this.#declaration = declaration;
    this.#shape = shape;
    this.#settings = settings;
    const write = writeOf(declaration, shape.kind);
    this.#columns = columnsToWrite(declaration, shape);
    this.#result = new WriteResult(declaration, shape, { ownMailbox: settings.mailbox ?? 'me', parent: undefined });
    this.read = shape.kind === 'insert' ? [] : [...new Set(['id', 'userId', ...(shape.guarded && write.version !== undefined ? [write.version.column] : []), ...siblingsOf(declaration, this.#columns.filter(({ name }) => name !== 'parentReference_id'))])];
    const request = (method: PlannedRequest['method'], path: string, repeated?: string): PlannedRequest => plannedRequest(declaration, settings, method, path, shape.columns, shape.kind, repeated);
    const content = shape.columns.some((name) => (CONTENT_COLUMNS as readonly string[]).includes(name));
    this.requests =
      shape.kind === 'insert'
        ? content
          ? [request('PUT', '/drive/items/{parent}:/{name}:/content', 'per row, in one call up to 4 MB, otherwise in pieces')]
          : [request('POST', '/drive/items/{parent}/children')]
        : [...(shape.columns.some((name) => !(CONTENT_COLUMNS as readonly string[]).includes(name)) ? [request('PATCH', '/drive/items/{id}')] : []), ...(content ? [request('PUT', '/drive/items/{id}/content', 'per row, in one call up to 4 MB, otherwise in pieces')] : [])];
  }

  check(row: RowWrite): void {
    const values = this.#values(row);
    const name = values.given('name');
    if (this.#shape.kind === 'insert' && (name ?? null) === null) throw missingColumn(this.#declaration, ['name']);
    if (name === null || (typeof name === 'string' && (name === '' || BAD_NAME.test(name)))) {
      throw new ExchangeSqlError('BAD_VALUE', `${this.#declaration.name}.name is no name of a file.`, { hint: 'Names have none of " * : < > ? / \\ | and do not begin or end with a blank or end with a dot.' });
    }
    const content = contentOf(values, this.#settings);
    if (content?.kind === 'bytes') checkSize(values, content.bytes.byteLength, MOST_BYTES);
    this.#members(values);
  }

  *jobs(rows: readonly RowWrite[]): Generator<WriteJob, void, void> {
    for (const row of rows) {
      const values = this.#values(row);
      const content = contentOf(values, this.#settings);
      if (content === undefined) yield this.#job(values, undefined);
      else if (content.kind === 'bytes') yield this.#job(values, inMemory(content.bytes));
      else yield { ...this.#job(values, { size: 0, read: () => Promise.resolve(new Uint8Array()) }), prepare: async () => this.#job(values, await content.open(MOST_BYTES)) };
    }
  }

  #values(row: RowWrite): RowValues {
    return new RowValues(this.#declaration, this.#shape, this.read, row);
  }

  #members(values: RowValues): Json {
    return bodyOf(values, { kind: this.#shape.kind === 'insert' ? 'insert' : 'update', except: new Set(this.#shape.kind === 'insert' ? [...CONTENT_COLUMNS, 'parentReference_id'] : CONTENT_COLUMNS) });
  }

  #job(values: RowValues, content: UploadContent | undefined): WriteJob {
    const insert = this.#shape.kind === 'insert';
    const steps = insert ? this.#insert(values, content) : this.#update(values, content);
    const bound = {};
    return {
      rows: [values.row],
      steps,
      permission: writePermission(this.#declaration),
      mails: [],
      outcome: (answers) => {
        const entity = answers.map((answer) => answer?.body).findLast((body) => isEntity(body) && 'id' in body);
        const of = this.#result.of(writtenRow(isEntity(entity) ? entity : {}, { mailbox: values.text('userId') ?? mailboxOfRow(values, this.#settings), bound, ...(insert ? {} : { asked: values.text('id') }) }));
        return [{ row: values.row, ...of }];
      },
      ...(insert ? { found: (item) => [{ row: values.row, ...this.#result.of(writtenRow(item, { mailbox: values.text('userId') ?? mailboxOfRow(values, this.#settings), bound })) }] } : {}),
    };
  }

  #insert(values: RowValues, content: UploadContent | undefined): readonly WriteStep[] {
    const common = commonOf(values, this.#settings);
    const members = this.#members(values);
    const name = values.text('name') ?? '';
    const parent = values.text('parentReference_id');
    const path = (tail: string): string => pathOfRow(parent === undefined ? `/drive/root${tail}` : `/drive/items/{folder}${tail}`, values, this.#settings, { name, ...(parent === undefined ? {} : { folder: parent }) });
    const repeat: Repeat = { find: { url: path(':/{name}'), by: 'likeness', equal: { name }, created: 'createdDateTime' } };
    if (content === undefined) return [{ ...common, method: 'POST', url: path('/children'), repeat, ...jsonStep({ ...members, folder: {}, [CONFLICT]: 'fail' })}, ...this.#readBack(values, ANSWERED, 0)];
    if (content.size > SIMPLE_BYTES) {
      return [{ ...common, method: 'POST', url: path(':/{name}:/createUploadSession'), body: { json: { item: { ...members, [CONFLICT]: 'fail' } } }, repeat, kind: 'alone', upload: { content, pieceBytes: PIECE_BYTES } }, ...this.#readBack(values, ANSWERED, 0)];
    }
    const { name: _, ...rest } = members;
    const put: WriteStep = { ...common, method: 'PUT', url: withQuery(path(':/{name}:/content'), [{ name: CONFLICT, value: 'fail' }]), body: bytesLate(content), repeat, kind: 'alone' };
    if (Object.keys(rest).length === 0) return [put, ...this.#readBack(values, ANSWERED, 0)];
    return [put, { ...common, method: 'PATCH', url: pathOfRow('/drive/items/{id}', values, this.#settings, { id: ANSWERED }), idFrom: 0, body: { json: rest }, repeat: 'absolute' }, ...this.#readBack(values, ANSWERED, 0)];
  }

  #update(values: RowValues, content: UploadContent | undefined): readonly WriteStep[] {
    const common = commonOf(values, this.#settings);
    const members = this.#members(values);
    const url = pathOfRow('/drive/items/{id}', values, this.#settings);
    const steps: WriteStep[] = [];
    if (Object.keys(members).length > 0) steps.push({ ...common, method: 'PATCH', url, repeat: 'absolute', ...jsonStep(members) });
    if (content !== undefined) {
      if (content.size > SIMPLE_BYTES) steps.push({ ...common, method: 'POST', url: `${url}/createUploadSession`, body: { json: { item: { [CONFLICT]: 'replace' } } }, repeat: 'absolute', kind: 'alone', upload: { content, pieceBytes: PIECE_BYTES } });
      else steps.push({ ...common, method: 'PUT', url: `${url}/content`, body: bytesLate(content), repeat: 'absolute', kind: 'alone' });
    }
    const version = this.#shape.guarded ? values.read(this.#declaration.write?.version?.column ?? '') : undefined;
    const [first, ...rest] = steps;
    if (first === undefined) throw new ExchangeSqlError('BAD_VALUE', `UPDATE ${this.#declaration.name} gives the row no value.`);
    return [typeof version === 'string' ? { ...first, ifMatch: version } : first, ...rest, ...this.#readBack(values, values.text('id') ?? '', 0)];
  }

  #readBack(values: RowValues, id: string, idFrom: number): readonly WriteStep[] {
    const options = this.#result.readBack();
    if (options === undefined) return [];
    return [{ ...commonOf(values, this.#settings), method: 'GET', url: withQuery(pathOfRow('/drive/items/{id}', values, this.#settings, { id }), options), ...(id === ANSWERED ? { idFrom } : {}), body: undefined, repeat: 'absolute', readBack: true }];
  }
}

function bytesLate(content: UploadContent): WriteStep['body'] {
  return { build: async () => ({ bytes: await content.read(0, content.size), contentType: 'application/octet-stream' }), shown: `(${String(content.size)} bytes)` };
}
