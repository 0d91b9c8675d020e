/**
 * Owns: what every writer of a table knows beside the statement, and the paths and mailboxes of rows to be written.
 * Invariants: pure; every value in a path is percent-encoded.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { PlannedRequest } from '../scan/scan.js';
import type { RowWrite, WriteKind } from '../scan/write.js';
import { encodeSegment } from './literal.js';
import { headersOf, mailboxOf, prefixOf } from './wire.js';
import type { BodyType, IdType } from './wire.js';
import type { RowValues } from './write-row.js';
import type { UploadContent, WriteJob, WriteStep } from './write-step.js';

/** Reads of local files for columns such as LocalFile. Absent: the connection allows none. */
export interface FileInput {
  /** @throws ExchangeSqlError STATEMENT_REFUSED where no files may be read; `input` names the column. */
  demand(input: string): void;
  /** Contents of a file, read piece by piece. @throws ExchangeSqlError where the path may not be read, is no file or holds more than `most` bytes. */
  contents(input: string, path: string, most: number): Promise<UploadContent>;
}

export interface WriteSettings {
  readonly table: (name: string) => TableDeclaration | undefined;
  /** Connection's mailbox; undefined for the signed-in user's. */
  readonly mailbox: string | undefined;
  readonly idType: IdType;
  readonly bodyType: BodyType;
  /** Most writes in one call. */
  readonly batchSize: number;
  /** Service root, for references to objects. */
  readonly root: string;
  readonly files: FileInput | undefined;
}

/** Values that are new for every row: transaction ids and marks. */
export type NewName = () => string;

/** How rows of one statement are written. */
export interface Writer {
  /** Columns to be read of each row. */
  readonly read: readonly string[];
  readonly requests: readonly PlannedRequest[];
  /** @throws ExchangeSqlError for what this row cannot be. */
  check(row: RowWrite): void;
  jobs(rows: readonly RowWrite[], newName: NewName): Iterable<WriteJob>;
}

/** Mailbox the row is written in: as given (INSERT) or as it was read; undefined for the connection's own. */
export function mailboxOfRow(values: RowValues, settings: WriteSettings): string | undefined {
  const named = values.text('userId');
  return named === undefined || named === '' ? settings.mailbox : named;
}

/** Path below the service root; placeholders are filled with the row's values. */
export function pathOfRow(template: string, values: RowValues, settings: WriteSettings, more: Readonly<Record<string, string>> = {}): string {
  const { declaration } = values;
  const { shape } = declaration;
  const known = (name: string): string | undefined => {
    if (name in more) return more[name];
    if (name === 'id') return values.text('id');
    if (shape.kind !== 'children') return undefined;
    if (name === 'parent') return values.text(shape.parentColumn);
    return name === 'grandparent' && shape.grandparentColumn !== undefined ? values.text(shape.grandparentColumn) : undefined;
  };
  const path = template.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = known(name);
    if (value === undefined || value === '') throw new ExchangeSqlError('BAD_VALUE', `A row of ${declaration.name} has no ${name}, so it cannot be addressed.`);
    return value === ANSWERED ? placeholder : encodeSegment(value);
  });
  return `${prefixOf(declaration, mailboxOfRow(values, settings))}${path}`;
}

/** Stands for an id that only an earlier answer gives: `{id}` stays in the path. No service id holds a NUL. */
export const ANSWERED = '\u0000answered';

/** What all requests of a row share. */
export function commonOf(values: RowValues, settings: WriteSettings): Pick<WriteStep, 'headers' | 'mailbox' | 'kind'> {
  const { declaration } = values;
  return { headers: headersOf(declaration, settings.idType, false, settings.bodyType), mailbox: mailboxOf(declaration, mailboxOfRow(values, settings)), kind: 'batchable' };
}

/** JSON above this many characters does not go into a batch: the service takes about 4 MB in one call. */
const LARGE_BODY = 100_000;

export function jsonStep(json: unknown): Pick<WriteStep, 'body'> & Partial<Pick<WriteStep, 'kind'>> {
  return JSON.stringify(json).length > LARGE_BODY ? { body: { json }, kind: 'alone' } : { body: { json } };
}

/** A family of requests for EXPLAIN, with placeholders. */
export function plannedRequest(declaration: TableDeclaration, settings: WriteSettings, method: PlannedRequest['method'], path: string, columns: readonly string[], kind: WriteKind, repeated = `${String(settings.batchSize)} rows a batch`): PlannedRequest {
  const headers = headersOf(declaration, settings.idType, false, settings.bodyType);
  const root = declaration.scope === 'tenant' ? '' : settings.mailbox === undefined ? '/me' : `/users/${settings.mailbox}`;
  return { method, url: `${root}${path}`, ...(Object.keys(headers).length > 0 ? { headers } : {}), columns: kind === 'delete' ? [] : columns, repeated };
}
