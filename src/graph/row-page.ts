/**
 * Owns: pages of rows from entities, and the keys that tell rows apart.
 * Does not own: single values (row.ts), which entities there are (run.ts).
 * Invariants: a page has a key for every row, made only when they are asked for: most statements never do.
 */
import { identityOf } from '../catalog/row-key-columns.js';
import type { TableDeclaration } from '../catalog/table.js';
import type { Page } from '../scan/source.js';
import type { SqlValue } from '../scan/value.js';
import type { EntityRow } from './entity-plan.js';
import { compileRow } from './row.js';
import type { Extractor, RowInput, RowShape } from './row.js';

export const plain = (row: EntityRow): RowInput => ({ row, element: undefined, ordinal: 0n, arrayKind: undefined });

/** A row for each entity. One input serves them all: an extractor keeps nothing. */
export function plainPage(batch: readonly EntityRow[], extractors: readonly Extractor[], keyOf: (input: RowInput) => string): Page {
  const first = batch[0];
  if (first === undefined) return { rows: [], keys: [] };
  const input: { -readonly [Member in keyof RowInput]: RowInput[Member] } = plain(first);
  const rows = batch.map((row) => {
    input.row = row;
    return rowOf(extractors, input);
  });
  return new LazyPage(rows, () => batch.map((row) => keyOf(plain(row))));
}

export function inputPage(inputs: readonly RowInput[], extractors: readonly Extractor[], keyOf: (input: RowInput) => string, seen: Set<string> | undefined): Page {
  const fresh = seen === undefined ? inputs : inputs.filter((input) => seen.size < seen.add(keyOf(input)).size);
  return new LazyPage(fresh.map((input) => rowOf(extractors, input)), () => fresh.map(keyOf));
}

class LazyPage implements Page {
  readonly rows: readonly (readonly SqlValue[])[];
  readonly #make: () => readonly string[];

  constructor(rows: readonly (readonly SqlValue[])[], make: () => readonly string[]) {
    this.rows = rows;
    this.#make = make;
  }

  get keys(): readonly string[] {
    return this.#make();
  }
}

function rowOf(extractors: readonly Extractor[], input: RowInput): readonly SqlValue[] {
  const row = new Array<SqlValue>(extractors.length);
  for (let i = 0; i < extractors.length; i++) row[i] = extractors[i]!(input);
  return row;
}

/** What tells a row from all others of its table; the mailbox belongs to it, since one item can be read under two names. */
export function keyMaker(declaration: TableDeclaration, shape: RowShape): (input: RowInput) => string {
  const names = identityOf(declaration);
  const mailbox = (row: EntityRow): string => (row.mailbox === undefined ? '' : `${row.mailbox}\n`);
  if (names.length === 1 && names[0] === 'id') {
    return ({ row }) => {
      const id = row.entity['id'];
      return mailbox(row) + (typeof id === 'string' ? id : JSON.stringify(row.entity));
    };
  }
  const extractors = compileRow(names, shape);
  return (input) => mailbox(input.row) + JSON.stringify(extractors.map((extract) => String(extract(input))));
}
