/**
 * Owns: tables of array elements (recipients, headers, attendees): planning through their parent, exploding its rows.
 * Invariants: a parent is read only as far as the element table's columns need it.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { Conjunct } from '../scan/predicate.js';
import type { ConjunctOutcome, Scan } from '../scan/scan.js';
import { accessOf, columnsOf } from './access.js';
import type { EntityRow, Explosion } from './entity-plan.js';
import { needsOf } from './needs.js';
import { planEntities } from './plan.js';
import type { Planned, PlanSettings } from './planning.js';
import { reader } from './row.js';
import type { RowInput } from './row.js';

export interface PlannedElements extends Planned {
  readonly explosion: Explosion;
}

export function planElements(scan: Scan, declaration: TableDeclaration, settings: PlanSettings): PlannedElements {
  const { shape } = declaration;
  const parent = shape.kind === 'elements' ? settings.table(shape.parent) : undefined;
  if (shape.kind !== 'elements' || parent === undefined) throw new ExchangeSqlError('INTERNAL', `The table ${declaration.name} has no parent.`);
  const columnOf = columnsOf(declaration);
  const accesses = scan.conjuncts.map((conjunct) => accessOf(conjunct, declaration, columnOf, { pushdown: settings.pushdown, parent }));
  const outcomes: (ConjunctOutcome | undefined)[] = [];
  const passed: { readonly index: number; readonly conjunct: Conjunct }[] = [];
  let arrays = shape.arrays;
  accesses.forEach((access, index) => {
    const conjunct = scan.conjuncts[index]!;
    switch (access.kind) {
      case 'parent':
        passed.push({ index, conjunct: { ...conjunct, predicate: { kind: 'in', column: 'id', values: access.values } } });
        return;
      case 'onParent':
        passed.push({ index, conjunct: { ...conjunct, predicate: access.predicate } });
        return;
      case 'mailbox':
        passed.push({ index, conjunct });
        return;
      case 'arrays': {
        arrays = arrays.filter(({ kind }) => kind !== undefined && access.values.includes(kind));
        const paths = arrays.map(({ path }) => path).join(', ');
        outcomes[index] = conjunct.complete ? { conjunct, handled: 'exact', how: `only ${paths}` } : { conjunct, handled: 'inexact', how: `only ${paths}`, reason: 'partial' };
        return;
      }
      case 'search':
        throw new ExchangeSqlError('NOT_SUPPORTED', `SEARCH cannot be used on ${declaration.name}.`, { hint: `Join ${declaration.name} with ${parent.name} and search there.` });
      case 'filter':
        if (access.outcome.kind === 'never') {
          passed.push({ index, conjunct: { ...conjunct, predicate: { kind: 'never' } } });
          return;
        }
        outcomes[index] = access.outcome.kind === 'always' ? { conjunct, handled: 'exact', how: 'true for every row' } : { conjunct, handled: 'none', reason: access.outcome.kind === 'none' ? access.outcome.reason : 'not-filterable' };
        return;
      case 'local':
        outcomes[index] = { conjunct, handled: 'none', reason: access.reason };
        return;
      default:
        outcomes[index] = { conjunct, handled: 'none', reason: 'not-filterable' };
    }
  });
  // The id comes with every answer; it need not be asked for.
  const needs = needsOf(declaration, scan.columns);
  const planned = planEntities(
    {
      declaration: parent,
      columns: needs.parentColumns,
      conjuncts: passed.map(({ conjunct }) => conjunct),
      order: undefined,
      limit: undefined,
      limitable: false,
      properties: [...needs.parentProperties, ...arrays.map(({ path }) => path.split('/')[0]!)],
    },
    settings,
  );
  passed.forEach(({ index }, at) => {
    outcomes[index] = { ...planned.outcomes[at]!, conjunct: scan.conjuncts[index]! };
  });
  return {
    ...planned,
    entities: arrays.length === 0 ? { kind: 'empty', declaration: parent } : planned.entities,
    outcomes: outcomes.map((outcome, index) => outcome ?? { conjunct: scan.conjuncts[index]!, handled: 'none', reason: 'not-filterable' }),
    order: scan.order === undefined ? 'none' : 'local',
    ...(scan.order === undefined ? {} : { orderReason: 'order-not-offered' as const }),
    limitHonoured: false,
    explosion: { arrays, kindColumn: shape.kindColumn, ordinalColumn: shape.ordinalColumn },
  };
}

/** A function that gives the elements of an entity, ordinals from 0 in each array. */
export function exploder({ arrays }: Explosion): (row: EntityRow) => RowInput[] {
  const read = arrays.map(({ path, kind }) => ({ kind, array: reader(path) }));
  return (row) =>
    read.flatMap(({ kind, array }) => {
      const elements = array(row.entity);
      return Array.isArray(elements) ? elements.map((element: unknown, index): RowInput => ({ row, element, ordinal: BigInt(index), arrayKind: kind })) : [];
    });
}
