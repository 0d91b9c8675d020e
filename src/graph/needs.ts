/**
 * Owns: what must be asked for so that a set of columns can be filled.
 * Invariants: $select holds exactly the top-level properties the columns need, and the id that every answer has anyway.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';

export interface Needs {
  readonly select: readonly string[];
  readonly expand: readonly string[];
  readonly singles: readonly string[];
  /** Names of computations. */
  readonly computed: ReadonlySet<string>;
  /** Properties of the parent's JSON, and columns of the parent's row. */
  readonly parentProperties: readonly string[];
  readonly parentColumns: readonly string[];
}

/** The top-level properties of a column; annotations come unasked. */
export function propertiesOf(column: ColumnDeclaration): readonly string[] {
  const asked = column.select ?? (column.path === undefined ? [] : [column.path.split('/')[0]!]);
  return asked.filter((property) => property !== '' && !property.startsWith('@'));
}

export function needsOf(declaration: TableDeclaration, columns: Iterable<string>): Needs {
  const select = new Set<string>();
  const expand = new Set<string>();
  const singles = new Set<string>();
  const computed = new Set<string>();
  const parentProperties = new Set<string>();
  const parentColumns = new Set<string>();
  const byName = new Map(declaration.columns.map((column) => [column.name, column]));
  for (const name of columns) {
    const column = byName.get(name);
    if (column === undefined || column.pseudo === true) continue;
    if (column.expand !== undefined) expand.add(column.expand);
    switch (column.origin ?? 'entity') {
      case 'entity':
      case 'computed':
        if (column.compute !== undefined) computed.add(column.compute);
        for (const property of propertiesOf(column)) (column.single === true ? singles : select).add(property);
        break;
      case 'parent':
        if (column.column === undefined) for (const property of propertiesOf(column)) parentProperties.add(property);
        else parentColumns.add(column.column);
        break;
      default:
        break;
    }
  }
  return { select: [...select], expand: [...expand], singles: [...singles], computed, parentProperties: [...parentProperties], parentColumns: [...parentColumns] };
}
