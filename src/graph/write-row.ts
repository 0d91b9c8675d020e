/**
 * Owns: the values of one row to write by column: those the statement gives, and those that were read of the row.
 * Invariants: immutable; DEFAULT is absent on create and NULL on update.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import type { SqlValue } from '../scan/value.js';
import type { RowWrite, WriteShape } from '../scan/write.js';

const known = new WeakMap<TableDeclaration, ReadonlyMap<string, ColumnDeclaration>>();

/** Columns by name, made once a table: rows come by the thousand. */
function byName(declaration: TableDeclaration): ReadonlyMap<string, ColumnDeclaration> {
  let columns = known.get(declaration);
  if (columns === undefined) known.set(declaration, (columns = new Map(declaration.columns.map((column) => [column.name, column]))));
  return columns;
}

export class RowValues {
  readonly declaration: TableDeclaration;
  readonly row: number;
  readonly #given = new Map<string, SqlValue>();
  readonly #read = new Map<string, SqlValue>();

  constructor(declaration: TableDeclaration, shape: WriteShape, read: readonly string[], write: RowWrite) {
    this.declaration = declaration;
    this.row = write.row;
    shape.columns.forEach((name, index) => {
      const value = write.values[index];
      if (value !== undefined) this.#given.set(name, value);
      else if (shape.kind === 'update') this.#given.set(name, null);
    });
    read.forEach((name, index) => {
      this.#read.set(name, write.target[index] ?? null);
    });
  }

  /** True if the statement gives it a value, NULL included. */
  gives(name: string): boolean {
    return this.#given.has(name);
  }

  /** What the statement gives; undefined if it does not. */
  given(name: string): SqlValue | undefined {
    return this.#given.get(name);
  }

  /** What was read of the row; undefined if it was not. */
  read(name: string): SqlValue | undefined {
    return this.#read.get(name);
  }

  /** The value after the write, as far as it is known. */
  final(name: string): SqlValue | undefined {
    return this.#given.has(name) ? this.#given.get(name) : this.#read.get(name);
  }

  /** Text that is given or was read; undefined for NULL and for no text. */
  text(name: string): string | undefined {
    const value = this.final(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** In the statement's order. */
  givenColumns(): readonly ColumnDeclaration[] {
    const columns = byName(this.declaration);
    return [...this.#given.keys()].flatMap((name) => columns.get(name) ?? []);
  }
}
