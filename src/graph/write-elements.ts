/**
 * Owns: writing tables of array elements (recipients, attendees): the owner's arrays are read and rewritten whole under If-Match.
 * Does not own: sending; beginning anew when the owner was changed in between (write-job.ts).
 * Invariants: pure; all rows of one owner in a statement are one rewrite; an element is found by its place and its address, or the
 * row fails.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { PlannedRequest } from '../scan/scan.js';
import type { RowWrite, WriteShape } from '../scan/write.js';
import type { GraphObject } from './client.js';
import { encodeSegment, withQuery } from './literal.js';
import { reader } from './row.js';
import { headersOf, mailboxOf, prefixOf } from './wire.js';
import type { Json } from './write-body.js';
import { columnsToWrite, missingColumn, writeOf, writePermission } from './write-columns.js';
import { isEntity, WriteResult, writtenRow } from './write-result.js';
import { RowValues } from './write-row.js';
import { mailboxOfRow, plannedRequest } from './write-settings.js';
import type { Writer, WriteSettings } from './write-settings.js';
import type { Answers, StepAnswer, WriteJob, WrittenRow } from './write-step.js';
import { badValue, toJson } from './write-value.js';

type ElementsShape = Extract<TableDeclaration['shape'], { readonly kind: 'elements' }>;
type Arrays = ElementsShape['arrays'];

/** Where a row is after the rewrite; undefined for a deleted one. */
interface Placed {
  readonly row: number;
  readonly array: Arrays[number];
  readonly index: number | undefined;
}

interface Rewrite {
  readonly body: Json;
  readonly placed: readonly Placed[];
}

export class ElementsWriter implements Writer {
  readonly read: readonly string[];
  readonly requests: readonly PlannedRequest[];
  readonly #declaration: TableDeclaration;
  readonly #owner: TableDeclaration;
  readonly #shape: WriteShape;
  readonly #elements: ElementsShape;
  readonly #columns: readonly ColumnDeclaration[];
  readonly #settings: WriteSettings;
  readonly #result: WriteResult;

  constructor(declaration: TableDeclaration, shape: WriteShape, settings: WriteSettings) {
    if (declaration.shape.kind !== 'elements') throw new ExchangeSqlError('INTERNAL', `${declaration.name} has no elements.`);
    const owner = settings.table(declaration.shape.parent);
    if (owner === undefined) throw new ExchangeSqlError('INTERNAL', `The table ${declaration.shape.parent} is missing.`);
    this.#declaration = declaration;
    this.#owner = owner;
    this.#shape = shape;
    this.#elements = declaration.shape;
    this.#settings = settings;
    writeOf(declaration, shape.kind);
    this.#columns = columnsToWrite(declaration, shape);
    this.#result = new WriteResult(declaration, shape, { ownMailbox: settings.mailbox ?? 'me', parent: owner });
    const { parentColumn, kindColumn, ordinalColumn } = this.#elements;
    // What the element is known by, and who it is for DryRun.
    const known = declaration.columns.filter(({ name, origin, write }) => origin === 'element' && (write?.update ?? false) !== false && name !== kindColumn).map(({ name }) => name);
    this.read = shape.kind === 'insert' ? [] : [parentColumn, 'userId', ...(kindColumn === undefined ? [] : [kindColumn]), ordinalColumn, ...known];
    const item = itemOf(owner);
    const request = (method: PlannedRequest['method']): PlannedRequest => plannedRequest(declaration, settings, method, item, shape.columns, shape.kind, `per row of ${owner.name}`);
    this.requests = [request('GET'), request('PATCH')];
  }

  check(row: RowWrite): void {
    const values = this.#values(row);
    if (this.#shape.kind === 'delete') return;
    if (this.#shape.kind === 'insert') {
      const missing = this.#columns.filter(({ name, write }) => write?.create === 'required' && (values.given(name) ?? null) === null).map(({ name }) => name);
      if (missing.length > 0) throw missingColumn(this.#declaration, missing);
    }
    this.#arrayOf(values);
    this.#applied({}, values);
  }

  *jobs(rows: readonly RowWrite[]): Generator<WriteJob, void, void> {
    const owners = new Map<string, RowValues[]>();
    for (const row of rows) {
      const values = this.#values(row);
      const key = JSON.stringify([mailboxOfRow(values, this.#settings) ?? null, values.final(this.#elements.parentColumn) ?? null]);
      const group = owners.get(key);
      if (group === undefined) owners.set(key, [values]);
      else group.push(values);
    }
    for (const group of owners.values()) yield this.#job(group);
  }

  #values(row: RowWrite): RowValues {
    return new RowValues(this.#declaration, this.#shape, this.read, row);
  }

  #job(rows: readonly RowValues[]): WriteJob {
    const [first] = rows as readonly [RowValues, ...RowValues[]];
    const owner = first.text(this.#elements.parentColumn) ?? '';
    if (owner === '') throw new ExchangeSqlError('BAD_VALUE', `${this.#declaration.name}.${this.#elements.parentColumn} has to be an id.`);
    const mailbox = mailboxOfRow(first, this.#settings);
    const url = `${prefixOf(this.#owner, mailbox)}${itemOf(this.#owner).replace('{id}', encodeSegment(owner))}`;
    const common = { headers: headersOf(this.#owner, this.#settings.idType), mailbox: mailboxOf(this.#owner, mailbox), kind: 'batchable' as const };
    const arrays = [...new Set(rows.map((values) => this.#arrayOf(values)))];
    const drafts = arrays.filter((array) => this.#isDraftOnly(array));
    const select = [...new Set([...arrays.map(({ path }) => path.split('/')[0]!), ...(drafts.length > 0 ? ['isDraft'] : [])])].join(',');
    const check = ({ body }: StepAnswer): ExchangeSqlError | undefined => {
      if (drafts.length > 0 && isEntity(body) && body['isDraft'] !== true) {
        return new ExchangeSqlError('NOT_WRITABLE', `${this.#declaration.name}: ${drafts.map(({ path }) => path).join(', ')} of a message that is no draft cannot be written.`, { hint: 'The service changes it in drafts only.' });
      }
      try {
        this.#rewrite(rows, body);
        return undefined;
      } catch (error) {
        if (error instanceof ExchangeSqlError) return error;
        throw error;
      }
    };
    return {
      rows: rows.map(({ row }) => row),
      steps: [
        { ...common, method: 'GET', url: withQuery(url, [{ name: '$select', value: select }]), body: undefined, repeat: 'absolute', check },
        {
          ...common,
          method: 'PATCH',
          url,
          body: { build: (answers: Answers) => ({ json: this.#rewrite(rows, answers[0]?.body).body }), shown: this.#shown(rows) },
          ifMatch: { etagFrom: 0 },
          repeat: 'absolute',
        },
      ],
      permission: writePermission(this.#declaration),
      restartOnConflict: true,
      mails: this.#owner.name === 'Events' ? this.#mails(rows) : [],
      outcome: (answers) => this.#outcome(rows, owner, answers),
    };
  }

  /** The arrays after the rows were written to them. @throws ExchangeSqlError CONFLICT if an element is not there any more. */
  #rewrite(rows: readonly RowValues[], body: unknown): Rewrite {
    const entity = isEntity(body) ? body : {};
    const lists = new Map<Arrays[number], { element: unknown; row: number | undefined; gone: boolean }[]>();
    const listOf = (array: Arrays[number]): { element: unknown; row: number | undefined; gone: boolean }[] => {
      let list = lists.get(array);
      if (list === undefined) {
        const current = reader(array.path)(entity);
        lists.set(array, (list = (Array.isArray(current) ? current : []).map((element: unknown) => ({ element, row: undefined, gone: false }))));
      }
      return list;
    };
    const placed: { readonly row: number; readonly array: Arrays[number] }[] = [];
    for (const values of rows) {
      const array = this.#arrayOf(values);
      const list = listOf(array);
      placed.push({ row: values.row, array });
      if (this.#shape.kind === 'insert') {
        list.push({ element: this.#applied({}, values), row: values.row, gone: false });
        continue;
      }
      const entry = this.#find(list, values);
      if (entry === undefined) {
        throw new ExchangeSqlError('CONFLICT', `An element of ${array.path} is not there any more: it was changed meanwhile.`, { hint: 'Read the rows again and repeat the change.', retryable: true });
      }
      entry.row = values.row;
      if (this.#shape.kind === 'delete') entry.gone = true;
      else entry.element = this.#applied(isEntity(entry.element) ? entry.element : {}, values);
    }
    const after = new Map([...lists].map(([array, list]) => [array, list.filter(({ gone }) => !gone)]));
    return {
      body: Object.fromEntries([...after].map(([array, list]) => [array.path, list.map(({ element }) => element)])),
      placed: placed.map(({ row, array }) => {
        const index = after.get(array)?.findIndex((entry) => entry.row === row) ?? -1;
        return { row, array, index: index < 0 ? undefined : index };
      }),
    };
  }

  /** By its place, if it still holds the same; otherwise by what it holds, if just one does. */
  #find<T extends { readonly element: unknown; readonly row: number | undefined }>(list: readonly T[], values: RowValues): T | undefined {
    const same = (entry: T | undefined): boolean => entry?.row === undefined && entry !== undefined && this.#known.every(({ name, read }) => (read(entry.element) ?? null) === (values.read(name) ?? null));
    const at = list[Number(values.read(this.#elements.ordinalColumn) ?? -1n)];
    if (same(at)) return at;
    const alike = list.filter(same);
    return alike.length === 1 ? alike[0] : undefined;
  }

  get #known(): readonly { readonly name: string; readonly read: (element: unknown) => unknown }[] {
    return this.#declaration.columns.flatMap(({ name, path, origin }) => (origin === 'element' && path !== undefined && this.read.includes(name) ? [{ name, read: reader(path) }] : []));
  }

  /** The element with the columns given. */
  #applied(element: GraphObject, values: RowValues): Json {
    const after = structuredClone(element) as Json;
    for (const column of this.#columns) {
      const { name, path, origin } = column;
      if (origin !== 'element' || path === undefined || name === this.#elements.kindColumn) continue;
      const value = values.given(name);
      if (value === undefined || (value === null && this.#shape.kind === 'insert')) continue;
      if (value === null && name.endsWith('_address')) throw badValue(this.#declaration.name, column, 'cannot be NULL');
      const members = path.split('/');
      let at = after;
      for (const member of members.slice(0, -1)) at = (at[member] ??= {}) as Json;
      at[members.at(-1)!] = value === null ? null : toJson(this.#declaration.name, column, value);
    }
    return after;
  }

  /** The array a row is in. @throws ExchangeSqlError BAD_VALUE for a kind that is none. */
  #arrayOf(values: RowValues): Arrays[number] {
    const { arrays, kindColumn } = this.#elements;
    if (kindColumn === undefined) return arrays[0]!;
    const kind = values.text(kindColumn);
    const array = arrays.find((one) => one.kind?.toLowerCase() === kind?.toLowerCase());
    if (array === undefined) throw new ExchangeSqlError('BAD_VALUE', `${this.#declaration.name}.${kindColumn} does not take '${kind?.slice(0, 40) ?? 'NULL'}'.`, { hint: `It takes ${arrays.map(({ kind: one }) => one).join(', ')}.` });
    return array;
  }

  #isDraftOnly({ path }: Arrays[number]): boolean {
    return this.#owner.columns.find((column) => column.path === path)?.write?.update === 'draft';
  }

  #mails(rows: readonly RowValues[]): readonly string[] {
    return [...new Set(rows.flatMap((values) => [values.given('emailAddress_address'), values.read('emailAddress_address')].filter((address) => typeof address === 'string')))];
  }

  #shown(rows: readonly RowValues[]): string {
    const verb = { insert: 'with', update: 'with changed', delete: 'without' }[this.#shape.kind];
    return JSON.stringify(Object.fromEntries([...new Set(rows.map((values) => this.#arrayOf(values).path))].map((path) => [path, `(as read just before, ${verb} ${String(rows.filter((values) => this.#arrayOf(values).path === path).length)} of its elements)`])));
  }

  #outcome(rows: readonly RowValues[], owner: string, answers: readonly (StepAnswer | undefined)[]): readonly WrittenRow[] {
    const before = answers[0]?.body;
    const after = answers[1]?.body;
    const { placed, body } = this.#rewrite(rows, before);
    const entity = { ...(isEntity(before) ? before : {}), ...body, ...(isEntity(after) ? after : {}) };
    return placed.map(({ row, array, index }, at) => {
      const values = rows[at]!;
      const list = reader(array.path)(entity);
      const element: unknown = index === undefined || !Array.isArray(list) ? this.#applied({}, values) : list[index];
      const ordinal = index === undefined ? values.read(this.#elements.ordinalColumn) : BigInt(index);
      const input = { row: writtenRow(entity, { mailbox: values.text('userId') ?? mailboxOfRow(values, this.#settings), asked: owner }), element, ordinal: typeof ordinal === 'bigint' ? ordinal : 0n, arrayKind: array.kind };
      return { row, ...this.#result.ofInput(input) };
    });
  }
}

function itemOf(owner: TableDeclaration): string {
  if ('item' in owner.shape && owner.shape.item !== undefined) return owner.shape.item;
  throw new ExchangeSqlError('INTERNAL', `${owner.name} does not say the path of a row.`);
}

