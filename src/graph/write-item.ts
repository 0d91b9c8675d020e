/**
 * Owns: writing rows that are one item each: POST, PATCH, move, DELETE, with version, recovery and read-back.
 * Does not own: the JSON of a row (write-form.ts), rows that are something else (write-elements.ts and the like).
 * Invariants: pure; a row's PATCH comes before its move.
 */
import type { ColumnDeclaration, TableDeclaration, TableWrite } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { PlannedRequest } from '../scan/scan.js';
import type { SqlValue } from '../scan/value.js';
import type { RowWrite, WriteShape } from '../scan/write.js';
import { withQuery } from './literal.js';
import { siblingsOf } from './write-body.js';
import type { Json } from './write-body.js';
import { columnsToWrite, missingColumn, writeOf, writePermission } from './write-columns.js';
import { deleteForm } from './write-delete.js';
import { guardSteps } from './write-guard.js';
import { describeItems } from './write-requests.js';
import { PLAIN } from './write-form.js';
import type { Form } from './write-form.js';
import { EVENT } from './write-event.js';
import { recoverable } from './write-recover.js';
import { isEntity, WriteResult, writtenRow } from './write-result.js';
import { RowValues } from './write-row.js';
import { ANSWERED, commonOf, jsonStep, mailboxOfRow, pathOfRow } from './write-settings.js';
import type { NewName, Writer, WriteSettings } from './write-settings.js';
import type { LeftFolder, StepAnswer, WriteJob, WriteStep } from './write-step.js';
import { prefixOf } from './wire.js';

const FORMS: Readonly<Record<string, Form>> = { event: EVENT };

export class ItemWriter implements Writer {
  readonly read: readonly string[];
  readonly requests: readonly PlannedRequest[];
  readonly #declaration: TableDeclaration;
  readonly #write: TableWrite;
  readonly #shape: WriteShape;
  readonly #columns: readonly ColumnDeclaration[];
  readonly #settings: WriteSettings;
  readonly #form: Form;
  readonly #result: WriteResult;
  /** Path of a row, with placeholders. */
  readonly #item: string;

  constructor(declaration: TableDeclaration, shape: WriteShape, settings: WriteSettings) {
    this.#declaration = declaration;
    this.#shape = shape;
    this.#settings = settings;
    this.#write = writeOf(declaration, shape.kind);
    this.#columns = columnsToWrite(declaration, shape);
    this.#form = FORMS[this.#write.form ?? ''] ?? PLAIN;
    this.#item = itemPath(declaration, this.#write);
    const { shape: tableShape } = declaration;
    const parent = tableShape.kind === 'children' ? settings.table(tableShape.parent) : undefined;
    this.#result = new WriteResult(declaration, shape, { ownMailbox: settings.mailbox ?? 'me', parent });
    this.read = shape.kind === 'insert' ? [] : this.#reads();
    this.requests = describeItems(declaration, shape, this.#write, this.#item, settings);
  }

  check(row: RowWrite): void {
    const values = this.#values(row);
    if (this.#shape.kind === 'delete') {
      deleteForm(this.#declaration, this.#write, values);
      return;
    }
    if (this.#shape.kind === 'insert') {
      const missing = this.#columns.filter(({ name, write }) => write?.create === 'required' && (values.given(name) ?? null) === null).map(({ name }) => name);
      if (missing.length > 0) throw missingColumn(this.#declaration, missing);
    } else {
      this.#checkDraft(values);
      if (this.#moves(values) === null) throw new ExchangeSqlError('BAD_VALUE', `${this.#declaration.name}.${this.#write.move?.column ?? ''} cannot be NULL.`, { hint: 'Give the id or the well-known name of a folder.' });
    }
    this.#form.body(values, this.#shape.kind, () => '');
  }

  *jobs(rows: readonly RowWrite[], newName: NewName): Generator<WriteJob, void, void> {
    for (const row of rows) {
      const values = this.#values(row);
      yield this.#shape.kind === 'insert' ? this.#insert(values, newName) : this.#shape.kind === 'update' ? this.#update(values, newName) : this.#delete(values);
    }
  }

  #values(row: RowWrite): RowValues {
    return new RowValues(this.#declaration, this.#shape, this.read, row);
  }

  #reads(): readonly string[] {
    const { shape, options } = { shape: this.#declaration.shape, options: this.#shape };
    const has = (name: string): boolean => this.#declaration.columns.some((column) => column.name === name);
    const { repeat, version, modes } = this.#write;
    const wanted = [
      'id',
      ...(shape.kind === 'children' ? [shape.parentColumn, ...(shape.grandparentColumn === undefined ? [] : [shape.grandparentColumn])] : []),
      'userId',
      ...(options.guarded && version !== undefined ? [version.column] : []),
      ...(options.kind === 'update' ? [...siblingsOf(this.#declaration, this.#columns), ...(repeat ?? []).filter((name) => !options.columns.includes(name))] : []),
      ...(this.#columns.some(({ write }) => options.kind === 'update' && write?.update === 'draft') ? ['isDraft'] : []),
      // The folder tells after a lost answer whether the row has left it.
      ...(options.kind === 'delete' && modes !== undefined ? ['parentFolderId'] : []),
      ...this.#form.reads(this.#declaration, options, this.#columns),
    ];
    return [...new Set(wanted)].filter(has);
  }

  #checkDraft(values: RowValues): void {
    const draft = this.#columns.find(({ write }) => write?.update === 'draft');
    if (draft === undefined || values.read('isDraft') === 1n) return;
    throw new ExchangeSqlError('NOT_WRITABLE', `${this.#declaration.name}.${draft.name} cannot be written: the message is no draft, and the service changes it in drafts only.`, {
      hint: 'Add isDraft = TRUE to the WHERE, or leave the column out.',
    });
  }

  #insert(values: RowValues, newName: NewName): WriteJob {
    const collection = this.#collection(values);
    const body = { ...this.#write.constant, ...this.#form.body(values, 'insert', newName) };
    const made = recoverable(this.#write, collection, body, (column) => this.#property(column), newName, this.#declaration.options?.top);
    const step: WriteStep = { ...commonOf(values, this.#settings), method: 'POST', url: collection, repeat: made.repeat, ...jsonStep(made.body) };
    const bound = this.#bound(values);
    return {
      rows: [values.row],
      steps: [step, ...this.#readBack(values, ANSWERED, 0)],
      permission: writePermission(this.#declaration),
      mails: this.#form.mails(values, this.#shape, body),
      outcome: (answers) => [this.#outcome(values, answers, bound, undefined)],
      found: (item) => [{ row: values.row, ...this.#result.of(writtenRow(item, { mailbox: this.#mailboxShown(values), bound })) }],
    };
  }

  #update(values: RowValues, newName: NewName): WriteJob {
    const url = pathOfRow(this.#item, values, this.#settings);
    const body = { ...this.#repeated(values), ...this.#form.body(values, 'update', newName) };
    const destination = this.#moves(values);
    const steps: WriteStep[] = [];
    const common = commonOf(values, this.#settings);
    const patched = Object.keys(body).some((member) => this.#write.repeat?.includes(member) !== true) || this.#shape.columns.some((name) => name !== this.#write.move?.column);
    if (patched) steps.push({ ...common, method: 'PATCH', url, repeat: 'absolute', ...jsonStep(body) });
    const last = steps.length;
    if (typeof destination === 'string') steps.push({ ...common, method: 'POST', url: pathOfRow(this.#write.move!.path, values, this.#settings), repeat: 'move', body: { json: { destinationId: destination } } });
    const guarded = this.#guard(values, steps);
    return {
      rows: [values.row],
      steps: [...guarded, ...this.#readBack(values, typeof destination === 'string' ? ANSWERED : values.text('id'), last + guarded.length - steps.length)],
      permission: writePermission(this.#declaration),
      mails: this.#form.mails(values, this.#shape, body),
      outcome: (answers) => [this.#outcome(values, answers, this.#bound(values), destination === undefined ? values.text('id') : undefined)],
    };
  }

  #delete(values: RowValues): WriteJob {
    const form = deleteForm(this.#declaration, this.#write, values);
    const common = commonOf(values, this.#settings);
    const item = pathOfRow(this.#item, values, this.#settings);
    const folder = values.text('parentFolderId');
    const step: WriteStep =
      form.by === 'delete'
        ? { ...common, method: 'DELETE', url: item, body: undefined, repeat: folder === undefined ? 'gone' : { left: this.#leftFolder(values, item, folder) } }
        : form.by === 'action'
          ? { ...common, method: 'POST', url: pathOfRow(form.path, values, this.#settings), body: undefined, repeat: 'gone' }
          : { ...common, method: 'POST', url: pathOfRow(form.path, values, this.#settings), body: { json: { destinationId: form.to } }, repeat: 'move' };
    return {
      rows: [values.row],
      steps: this.#guard(values, [step]),
      permission: writePermission(this.#declaration),
      mails: this.#form.mails(values, this.#shape, {}),
      outcome: () => [{ row: values.row, key: this.#keyOf(values), values: [] }],
    };
  }

  #leftFolder(values: RowValues, item: string, from: string): LeftFolder {
    const bin = `${prefixOf(this.#declaration, mailboxOfRow(values, this.#settings))}/mailFolders/deleteditems`;
    return { url: withQuery(item, [{ name: '$select', value: 'parentFolderId' }]), from, bin: withQuery(bin, [{ name: '$select', value: 'id' }]) };
  }

  /** The folder a row is moved to; null for NULL, undefined where it is not moved. */
  #moves(values: RowValues): string | null | undefined {
    const { move } = this.#write;
    if (move === undefined || !values.gives(move.column)) return undefined;
    const value = values.given(move.column);
    return typeof value === 'string' && value !== '' ? value : null;
  }

  /** The path a new row is posted to. */
  #collection(values: RowValues): string {
    const { place } = this.#write;
    const value = place === undefined ? undefined : values.given(place.column);
    if (place !== undefined && typeof value === 'string' && value !== '') return pathOfRow(place.path, values, this.#settings, { value });
    const { shape } = this.#declaration;
    return pathOfRow('path' in shape ? shape.path : '', values, this.#settings);
  }

  /** What a row is known to have because of where it was put. */
  #bound(values: RowValues): Readonly<Record<string, SqlValue>> {
    const { place } = this.#write;
    const { shape } = this.#declaration;
    const names = [...(place === undefined ? [] : [place.column]), ...(shape.kind === 'children' ? [shape.parentColumn, ...(shape.grandparentColumn === undefined ? [] : [shape.grandparentColumn])] : [])];
    return Object.fromEntries(names.flatMap((name) => {
      const value = values.final(name);
      return value === undefined || value === null ? [] : [[name, value]];
    }));
  }

  /** Columns that the service would make anew (Contacts.displayName). */
  #repeated(values: RowValues): Json {
    return Object.fromEntries((this.#write.repeat ?? []).flatMap((name) => {
      const value = values.gives(name) ? null : values.read(name);
      return value === null || value === undefined ? [] : [[this.#property(name), value]];
    }));
  }

  #property(column: string): string {
    return this.#declaration.columns.find(({ name }) => name === column)?.path ?? column;
  }

  #guard(values: RowValues, steps: readonly WriteStep[]): readonly WriteStep[] {
    return guardSteps(this.#write, this.#shape, values, steps, pathOfRow(this.#item, values, this.#settings), commonOf(values, this.#settings));
  }

  #readBack(values: RowValues, id: string | undefined, idFrom: number): readonly WriteStep[] {
    const options = this.#result.readBack();
    if (options === undefined) return [];
    const { shape } = this.#declaration;
    const path = pathOfRow(shape.kind === 'singleton' ? shape.path : this.#item, values, this.#settings, { ...(id === undefined ? {} : { id }) });
    return [{ ...commonOf(values, this.#settings), method: 'GET', url: withQuery(path, options), ...(id === ANSWERED ? { idFrom } : {}), body: undefined, repeat: 'absolute', readBack: true }];
  }

  /** Key and values from the last answer that is the row. */
  #outcome(values: RowValues, answers: readonly (StepAnswer | undefined)[], bound: Readonly<Record<string, SqlValue>>, asked: string | undefined): { readonly row: number; readonly key: Readonly<Record<string, SqlValue>>; readonly values: readonly SqlValue[] } {
    const entity = answers.map((answer) => answer?.body).findLast((body) => isEntity(body) && (this.#shape.kind === 'update' || 'id' in body));
    const of = this.#result.of(writtenRow(isEntity(entity) ? entity : {}, { mailbox: this.#mailboxShown(values), bound: asked === undefined ? without(bound, this.#moved(values)) : bound, asked }));
    const key = { ...this.#keyOf(values), ...Object.fromEntries(Object.entries(of.key).filter(([, value]) => value !== null)) };
    return { row: values.row, key, values: of.values };
  }

  #moved(values: RowValues): string | undefined {
    return this.#shape.kind === 'update' && this.#moves(values) !== undefined ? this.#write.move?.column : undefined;
  }

  #keyOf(values: RowValues): Readonly<Record<string, SqlValue>> {
    return Object.fromEntries([...this.#declaration.key, 'id'].flatMap((name) => {
      const value = values.final(name);
      return value === undefined || name === 'changeKey' ? [] : [[name, value]];
    }));
  }

  #mailboxShown(values: RowValues): string | undefined {
    return values.text('userId') ?? mailboxOfRow(values, this.#settings);
  }
}

function without(bound: Readonly<Record<string, SqlValue>>, name: string | undefined): Readonly<Record<string, SqlValue>> {
  if (name === undefined) return bound;
  const { [name]: _, ...rest } = bound;
  return rest;
}

/** Path of one row, below the mailbox or the root. */
export function itemPath(declaration: TableDeclaration, write: TableWrite): string {
  if (write.item !== undefined) return write.item;
  const { shape } = declaration;
  if ('item' in shape && shape.item !== undefined) return shape.item;
  if (shape.kind === 'singleton') return shape.path;
  throw new ExchangeSqlError('INTERNAL', `${declaration.name} does not say the path of a row.`);
}
