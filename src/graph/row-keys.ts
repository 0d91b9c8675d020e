/**
 * Owns: turning conditions on RowKey columns into conditions on the ids they stand for.
 * Does not own: the encoding (catalog/row-key.ts), how ids reach the service (access.ts, plan.ts).
 * Invariants: a condition and its translation hold for the same rows; a RowKey that stands for no id matches no row.
 */
import { decodeRowKey } from '../catalog/row-key.js';
import { ROW_KEY, sourceOf } from '../catalog/row-key-columns.js';
import type { TableDeclaration } from '../catalog/table.js';
import type { Conjunct, Predicate } from '../scan/predicate.js';
import type { Scan } from '../scan/scan.js';

/** The scan as it has to be planned: ids in place of RowKeys, in its conjuncts and in the columns that must be read. */
export function byIds(scan: Scan, declaration: TableDeclaration): Scan {
  const sources = new Map(declaration.columns.filter(({ compute }) => compute === ROW_KEY).map((column) => [column.name, sourceOf(column, declaration).name]));
  const touched = scan.columns.some((name) => sources.has(name)) || scan.conjuncts.some(({ predicate }) => mentions(predicate, sources));
  if (!touched) return scan;
  return {
    ...scan,
    columns: [...new Set(scan.columns.map((name) => sources.get(name) ?? name))],
    conjuncts: scan.conjuncts.map((conjunct): Conjunct => ({ ...conjunct, predicate: translated(conjunct.predicate, sources) })),
  };
}

type Sources = ReadonlyMap<string, string>;

function mentions(predicate: Predicate, sources: Sources): boolean {
  if (predicate.kind === 'any' || predicate.kind === 'all') return predicate.arms.some((arm) => mentions(arm, sources));
  return 'column' in predicate && sources.has(predicate.column);
}

function translated(predicate: Predicate, sources: Sources): Predicate {
  switch (predicate.kind) {
    case 'compare': {
      const column = sources.get(predicate.column);
      if (column === undefined || predicate.op !== 'eq' || typeof predicate.value !== 'string') return predicate;
      const value = decodeRowKey(predicate.value);
      return value === undefined ? { kind: 'never' } : { ...predicate, column, value };
    }
    case 'in': {
      const column = sources.get(predicate.column);
      const { values } = predicate;
      if (column === undefined || !values.every((value) => typeof value === 'string')) return predicate;
      const ids = values.map(decodeRowKey).filter((id) => id !== undefined);
      return ids.length === 0 ? { kind: 'never' } : { ...predicate, column, values: ids };
    }
    case 'any': {
      const arms = predicate.arms.map((arm) => translated(arm, sources)).filter(({ kind }) => kind !== 'never');
      return arms.length === 0 ? { kind: 'never' } : { ...predicate, arms };
    }
    case 'all': {
      const arms = predicate.arms.map((arm) => translated(arm, sources));
      return arms.some(({ kind }) => kind === 'never') ? { kind: 'never' } : { ...predicate, arms };
    }
    default:
      return predicate;
  }
}
