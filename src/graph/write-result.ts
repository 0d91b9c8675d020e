/**
 * Owns: what a written row shows: its key and the columns of RETURNING, from the service's answer, and the GET for what no answer has.
 * Invariants: pure; columns that no single request gives are refused when the write is planned.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import type { WriteShape, WrittenKey } from '../scan/write.js';
import type { Bound, EntityRow } from './entity-plan.js';
import type { GraphObject } from './client.js';
import type { QueryOption } from './literal.js';
import { needsOf } from './needs.js';
import { compileRow } from './row.js';
import type { RowInput } from './row.js';

/** Computations that need more than the row itself. */
const ELSEWHERE = new Set(['folderPath', 'folderDepth', 'wellKnownName', 'calendarId']);

export interface ResultOptions {
  readonly ownMailbox: string;
  readonly parent: TableDeclaration | undefined;
}

/** From an answer to key and values. */
export class WriteResult {
  /** Columns of the key and of RETURNING. */
  readonly #keyNames: readonly string[];
  readonly #keys: ReturnType<typeof compileRow>;
  readonly #values: ReturnType<typeof compileRow>;
  readonly #readBack: boolean;
  readonly #declaration: TableDeclaration;
  readonly #returning: readonly string[];

  constructor(declaration: TableDeclaration, shape: WriteShape, { ownMailbox, parent }: ResultOptions) {
    this.#declaration = declaration;
    this.#returning = shape.returning;
    const rowShape = { declaration, parent, fixed: {}, ownMailbox };
    const has = (name: string): boolean => declaration.columns.some((column) => column.name === name);
    this.#keyNames = [...new Set([...declaration.key, 'id', 'changeKey'])].filter(has);
    this.#keys = compileRow(this.#keyNames, rowShape);
    this.#values = compileRow(shape.returning, rowShape);
    const wanted = declaration.columns.filter(({ name }) => shape.returning.includes(name));
    for (const { name, compute } of wanted) {
      if (compute !== undefined && ELSEWHERE.has(compute) && !shape.columns.includes(name)) {
        throw new ExchangeSqlError('NOT_SUPPORTED', `RETURNING cannot give ${declaration.name}.${name}: the service says it in another request.`, { hint: 'Return the id and SELECT the column afterwards.' });
      }
    }
    const keyed = new Set(this.#keyNames);
    const silent = declaration.write?.silent === true && shape.kind === 'update' && wanted.some(({ name }) => !keyed.has(name));
    this.#readBack = silent || wanted.some((column) => column.extra === true && (column.compute === undefined || !ELSEWHERE.has(column.compute))) || wanted.some(({ single, expand }) => single === true || expand !== undefined);
  }

  /** Options of the GET that reads what no answer to the write holds; undefined where none is needed. */
  readBack(): readonly QueryOption[] | undefined {
    if (!this.#readBack) return undefined;
    const needs = needsOf(this.#declaration, [...this.#returning, ...this.#keyNames]);
    const select = this.#declaration.options?.select === false ? [] : [...new Set([...needs.select, ...needs.singles])];
    return [
      ...(select.length === 0 ? [] : [{ name: '$select', value: select.join(',') }]),
      ...(needs.expand.length === 0 ? [] : [{ name: '$expand', value: needs.expand.join(',') }]),
    ];
  }

  of(row: EntityRow): { readonly key: WrittenKey; readonly values: readonly SqlValue[] } {
    return this.ofInput({ row, element: undefined, ordinal: 0n, arrayKind: undefined });
  }

  ofInput(input: RowInput): { readonly key: WrittenKey; readonly values: readonly SqlValue[] } {
    const key: Record<string, SqlValue> = {};
    this.#keyNames.forEach((name, index) => {
      key[name] = this.#keys[index]!(input);
    });
    return { key, values: this.#values.map((extract) => extract(input)) };
  }
}

/** A row as it is known after a write. */
export function writtenRow(entity: GraphObject, known: { readonly mailbox: string | undefined; readonly bound?: Bound; readonly asked?: string | undefined }): EntityRow {
  return { entity, mailbox: known.mailbox, bound: known.bound, parent: undefined, asked: known.asked, notes: undefined };
}

export const isEntity = (body: unknown): body is GraphObject => typeof body === 'object' && body !== null && !Array.isArray(body);
