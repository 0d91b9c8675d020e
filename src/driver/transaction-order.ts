/**
 * Owns: the order in which the statements of a transaction are sent.
 * Invariants: statements keep the user's order but where one needs what another makes or removes: folders and their like are made
 * before what goes into them and deleted after what is in them.
 */
import type { TableDeclaration } from '../catalog/table.js';
import type { WriteKind } from '../scan/write.js';

interface Step {
  readonly kind: WriteKind;
  readonly table: string;
}

/** The steps in the order they are sent; `tables` are all declared ones. */
export function inDependencyOrder<T>(items: readonly T[], stepOf: (item: T) => Step, tables: readonly TableDeclaration[]): readonly T[] {
  const steps = items.map(stepOf);
  const holds = (holder: string, held: string): boolean => holder !== held && holdersOf(held, tables).has(holder);
  /** True if `b`, which comes later in the text, has to be sent before `a`. */
  const swapped = (a: Step, b: Step): boolean => (a.kind === 'delete' && holds(a.table, b.table)) || (b.kind === 'insert' && holds(b.table, a.table) && a.kind !== 'delete');
  const before = steps.map((step, index) => new Set(steps.flatMap((other, at) => {
    if (at === index) return [];
    const related = other.table === step.table || holds(other.table, step.table) || holds(step.table, other.table);
    if (!related) return [];
    return (at < index ? !swapped(other, step) : swapped(step, other)) ? [at] : [];
  })));
  const order: number[] = [];
  const left = new Set(steps.keys());
  while (left.size > 0) {
    const next = [...left].find((index) => [...before[index]!].every((other) => !left.has(other)));
    // Statements that want each other before themselves: the user's order is as good as any.
    if (next === undefined) return items;
    order.push(next);
    left.delete(next);
  }
  return order.map((index) => items[index]!);
}

/** Tables whose rows rows of this one lie in, directly or not. */
function holdersOf(name: string, tables: readonly TableDeclaration[], found = new Set<string>()): ReadonlySet<string> {
  const table = tables.find((one) => one.name === name);
  if (table === undefined) return found;
  const { shape } = table;
  const direct = [
    ...('parent' in shape && typeof shape.parent === 'string' ? [shape.parent] : []),
    ...table.columns.flatMap(({ references }) => (references === undefined ? [] : [references.slice(0, references.indexOf('.'))])),
  ];
  for (const holder of direct) {
    if (holder === name || found.has(holder)) continue;
    found.add(holder);
    holdersOf(holder, tables, found);
  }
  return found;
}
