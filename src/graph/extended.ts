/**
 * Owns: the ExtendedProperties table: named and MAPI properties of items, by $expand.
 * Invariants: kind of item, item and property must be named; a property the item lacks is no row.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { Conjunct, Predicate } from '../scan/predicate.js';
import type { ConjunctOutcome, Scan } from '../scan/scan.js';
import type { EntityRow, KeysPlan } from './entity-plan.js';
import { quote, sendable } from './literal.js';
import { planEntities } from './plan.js';
import type { Planned, PlanSettings } from './planning.js';

/** The table of each kind of item that has extended properties. */
export const OWNERS: Readonly<Record<string, string>> = {
  Message: 'Messages',
  Event: 'Events',
  Calendar: 'Calendars',
  Contact: 'Contacts',
  MailFolder: 'MailFolders',
  ContactFolder: 'ContactFolders',
};

export interface PlannedExtended extends Planned {
  readonly ids: readonly string[];
}

export function planExtended(scan: Scan, declaration: TableDeclaration, settings: PlanSettings): PlannedExtended {
  const found = new Map<string, readonly string[]>();
  const outcomes: (ConjunctOutcome | undefined)[] = [];
  const mailboxes: { readonly index: number; readonly conjunct: Conjunct }[] = [];
  scan.conjuncts.forEach((conjunct, index) => {
    const { predicate } = conjunct;
    const column = 'column' in predicate ? predicate.column : undefined;
    const values = textsOf(predicate);
    if (predicate.kind === 'never' || column === 'userId') mailboxes.push({ index, conjunct });
    else if (column !== undefined && ['entity', 'entityId', 'id'].includes(column) && values !== undefined) {
      const before = found.get(column);
      found.set(column, before === undefined ? values : before.filter((value) => values.includes(value)));
      outcomes[index] = conjunct.complete ? { conjunct, handled: 'exact', how: 'path and $expand' } : { conjunct, handled: 'inexact', how: 'path and $expand', reason: 'partial' };
    } else outcomes[index] = { conjunct, handled: 'none', reason: 'not-filterable' };
  });
  const kinds = found.get('entity');
  const items = found.get('entityId');
  const ids = found.get('id');
  if (kinds === undefined || items === undefined || ids === undefined) {
    throw new ExchangeSqlError('PREDICATE_REQUIRED', `${declaration.name} needs to be told the kind of item, the item and the property.`, {
      hint: "Add to WHERE: entity = 'Message' AND entityId = 'the id' AND id = 'String 0x001A'.",
    });
  }
  const kind = kinds[0];
  if (kinds.length > 1) throw new ExchangeSqlError('PREDICATE_REQUIRED', `${declaration.name} reads one kind of item at a time.`, { hint: 'Use UNION ALL for several kinds.' });
  const table = kind === undefined ? undefined : settings.table(OWNERS[kind] ?? '');
  const asked = ids.filter((id) => id !== '' && sendable(id));
  const nothing = table === undefined || items.length === 0 || asked.length === 0;
  const parent = table ?? settings.table('Messages');
  if (parent === undefined) throw new ExchangeSqlError('INTERNAL', 'The table Messages is missing.');
  const planned = planEntities(
    {
      declaration: parent,
      columns: [],
      conjuncts: [
        { predicate: nothing ? { kind: 'never' } : { kind: 'in', column: 'id', values: items }, complete: true, sql: '' },
        ...mailboxes.map(({ conjunct }) => conjunct),
      ],
      order: undefined,
      limit: undefined,
      limitable: false,
    },
    { ...settings, pushdown: true },
  );
  mailboxes.forEach(({ index }, at) => {
    outcomes[index] = { ...planned.outcomes[at + 1]!, conjunct: scan.conjuncts[index]! };
  });
  const entities = planned.entities.kind === 'keys' ? withExpand(planned.entities, asked) : planned.entities;
  return {
    ...planned,
    entities,
    outcomes: outcomes.map((outcome, index) => outcome ?? { conjunct: scan.conjuncts[index]!, handled: 'none', reason: 'not-filterable' }),
    order: scan.order === undefined ? 'none' : 'local',
    ...(scan.order === undefined ? {} : { orderReason: 'order-not-offered' as const }),
    inputs: { entity: kind ?? null },
    ids: asked,
  };
}

const SINGLE = 'singleValueExtendedProperties';
const MULTI = 'multiValueExtendedProperties';
/** True for a property of several values. */
export const isArrayId = (id: string): boolean => /^\s*\w+Array\s/i.test(id);

function withExpand(plan: KeysPlan, ids: readonly string[]): KeysPlan {
  const expand = (name: string, list: readonly string[]): string[] => (list.length === 0 ? [] : [`${name}($filter=${list.map((id) => `id eq ${quote(id)}`).join(' or ')})`]);
  return { ...plan, expand: [...expand(SINGLE, ids.filter((id) => !isArrayId(id))), ...expand(MULTI, ids.filter(isArrayId))] };
}

/** Rows of the properties an item has. The service may write an id another way (0x1a, 0x001A); the row shows it as asked. */
export function extendedRows(row: EntityRow, ids: readonly string[], kind: string | null): EntityRow[] {
  return [SINGLE, MULTI].flatMap((name) => {
    const list = row.entity[name];
    if (!Array.isArray(list)) return [];
    return (list as readonly Readonly<Record<string, unknown>>[]).map((property) => {
      const given = typeof property['id'] === 'string' ? property['id'] : '';
      const id = ids.find((one) => one === given) ?? ids.find((one) => plain(one) === plain(given)) ?? given;
      return { ...row, entity: property, asked: undefined, bound: { entity: kind, entityId: row.asked ?? null, id } };
    });
  });
}

/** Type, GUID and hexadecimal digits are written in either case; leading zeros come and go. */
function plain(id: string): string {
  return id.toLowerCase().replace(/0x0*/g, '0x').replace(/\s+/g, ' ').trim();
}

function textsOf(predicate: Predicate): readonly string[] | undefined {
  if (predicate.kind === 'compare') return predicate.op === 'eq' && typeof predicate.value === 'string' ? [predicate.value] : undefined;
  if (predicate.kind === 'in') return predicate.values.filter((value) => typeof value === 'string');
  return undefined;
}
