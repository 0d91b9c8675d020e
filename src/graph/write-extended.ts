/**
 * Owns: writing extended properties: a PATCH of the item they belong to, all rows of one item together.
 * Invariants: pure; a value is sent as text, as the service takes it, and one of an array type as a JSON array of texts.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { PlannedRequest } from '../scan/scan.js';
import type { RowWrite, WriteShape } from '../scan/write.js';
import { OWNERS, isArrayId } from './extended.js';
import { encodeSegment } from './literal.js';
import { headersOf, mailboxOf, prefixOf } from './wire.js';
import { columnsToWrite, missingColumn, writeOf } from './write-columns.js';
import { WriteResult, writtenRow } from './write-result.js';
import { RowValues } from './write-row.js';
import { jsonStep, mailboxOfRow, plannedRequest } from './write-settings.js';
import type { Writer, WriteSettings } from './write-settings.js';
import type { WriteJob } from './write-step.js';

const ID = /^(Integer|String|Boolean|SystemTime|Double|Long|Short|Binary|Guid|CLSID|Currency|Float|ApplicationTime)(Array)?\s+(?:0x[0-9a-f]{1,8}|\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}\s+(?:Name\s+.+|Id\s+0x[0-9a-f]{1,8}))$/is;

export class ExtendedWriter implements Writer {
  readonly read: readonly string[];
  readonly requests: readonly PlannedRequest[];
  readonly #declaration: TableDeclaration;
  readonly #shape: WriteShape;
  readonly #settings: WriteSettings;
  readonly #result: WriteResult;

  constructor(declaration: TableDeclaration, shape: WriteShape, settings: WriteSettings) {
    this.#declaration = declaration;
    this.#shape = shape;
    this.#settings = settings;
    writeOf(declaration, shape.kind);
    columnsToWrite(declaration, shape);
    this.#result = new WriteResult(declaration, shape, { ownMailbox: settings.mailbox ?? 'me', parent: undefined });
    this.read = shape.kind === 'insert' ? [] : ['entity', 'entityId', 'id', 'userId'];
    this.requests = [plannedRequest(declaration, settings, 'PATCH', '/{entity}/{entityId}', shape.columns, shape.kind)];
  }

  check(row: RowWrite): void {
    const values = this.#values(row);
    const missing = ['entity', 'entityId', 'id', 'value'].filter((name) => (values.final(name) ?? null) === null);
    if (missing.length > 0) throw missingColumn(this.#declaration, missing);
    this.#ownerOf(values);
    this.#propertyOf(values);
  }

  *jobs(rows: readonly RowWrite[]): Generator<WriteJob, void, void> {
    const owners = new Map<string, RowValues[]>();
    for (const row of rows) {
      const values = this.#values(row);
      const key = JSON.stringify([mailboxOfRow(values, this.#settings) ?? null, this.#ownerOf(values).name, values.text('entityId') ?? '']);
      owners.set(key, [...(owners.get(key) ?? []), values]);
    }
    for (const group of owners.values()) yield this.#job(group);
  }

  #values(row: RowWrite): RowValues {
    return new RowValues(this.#declaration, this.#shape, this.read, row);
  }

  #job(rows: readonly RowValues[]): WriteJob {
    const [first] = rows as readonly [RowValues, ...RowValues[]];
    const owner = this.#ownerOf(first);
    const mailbox = mailboxOfRow(first, this.#settings);
    const item = 'item' in owner.shape ? (owner.shape.item ?? '') : '';
    const properties = rows.map((values) => this.#propertyOf(values));
    const body = {
      ...list('singleValueExtendedProperties', properties.filter(({ id }) => !isArrayId(id))),
      ...list('multiValueExtendedProperties', properties.filter(({ id }) => isArrayId(id))),
    };
    return {
      rows: rows.map(({ row }) => row),
      steps: [{ method: 'PATCH', url: `${prefixOf(owner, mailbox)}${item.replace('{id}', encodeSegment(first.text('entityId') ?? ''))}`, headers: headersOf(owner, this.#settings.idType), mailbox: mailboxOf(owner, mailbox), kind: 'batchable', repeat: 'absolute', ...jsonStep(body) }],
      permission: owner.write?.permissions.delegated,
      mails: [],
      outcome: () =>
        rows.map((values, index) => {
          const bound = { entity: values.final('entity') ?? null, entityId: values.final('entityId') ?? null, id: values.final('id') ?? null };
          return { row: values.row, ...this.#result.of(writtenRow({ ...properties[index] }, { mailbox: values.text('userId') ?? mailbox, bound })) };
        }),
    };
  }

  #ownerOf(values: RowValues): TableDeclaration {
    const kind = values.text('entity') ?? '';
    const name = Object.entries(OWNERS).find(([one]) => one.toLowerCase() === kind.toLowerCase())?.[1];
    const owner = name === undefined ? undefined : this.#settings.table(name);
    if (owner === undefined) throw new ExchangeSqlError('BAD_VALUE', `${this.#declaration.name}.entity does not take '${kind.slice(0, 40)}'.`, { hint: `It takes ${Object.keys(OWNERS).join(', ')}.` });
    return owner;
  }

  #propertyOf(values: RowValues): { readonly id: string; readonly value: unknown } {
    const id = values.text('id') ?? '';
    const value = values.given('value') ?? null;
    if (!ID.test(id.trim())) throw new ExchangeSqlError('BAD_VALUE', `${this.#declaration.name}.id does not take '${id.slice(0, 60)}'.`, { hint: "Write 'String {00020329-0000-0000-c000-000000000046} Name Colour' or 'Integer 0x0E07'." });
    if (value === null) throw new ExchangeSqlError('BAD_VALUE', `${this.#declaration.name}.value cannot be NULL.`, { hint: "Graph cannot remove an extended property; set it to ''." });
    if (value instanceof Uint8Array) return { id, value: Buffer.from(value).toString('base64') };
    if (!isArrayId(id)) return { id, value: String(value) };
    let parsed: unknown;
    try {
      parsed = JSON.parse(String(value));
    } catch {
      parsed = undefined;
    }
    if (!Array.isArray(parsed)) throw new ExchangeSqlError('BAD_VALUE', `${this.#declaration.name}.value of an array property takes a JSON array.`, { hint: `Write '["a","b"]'.` });
    return { id, value: parsed.map(String) };
  }
}

const list = (name: string, properties: readonly unknown[]): Readonly<Record<string, unknown>> => (properties.length === 0 ? {} : { [name]: properties });
