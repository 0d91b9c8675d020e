/**
 * Owns: what all table shapes share in planning: the wish, what each conjunct came to, mailboxes, places, windows, page sizes.
 * Does not own: one shape (plan-list.ts, plan-tree.ts, plan-children.ts).
 * Invariants: each conjunct gets one outcome; a predicate that says only part of the SQL is never exact.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { Conjunct } from '../scan/predicate.js';
import type { Reason } from '../scan/reason.js';
import type { ConjunctOutcome, OrderTerm } from '../scan/scan.js';
import { asPageSize } from '../scan/value.js';
import type { PageSize, RowLimit, SqlValue } from '../scan/value.js';
import { isWindowed, windowColumns } from './access.js';
import type { Access, WindowBound } from './access.js';
import type { EntityPlan, ListPlan, Mailboxes, Place } from './entity-plan.js';
import { encodeSegment } from './literal.js';
import type { QueryOption } from './literal.js';
import { needsOf } from './needs.js';
import type { Refusals } from './order-rules.js';

export interface PlanSettings {
  readonly table: (name: string) => TableDeclaration | undefined;
  /** Connection's mailbox; undefined for the signed-in user's. */
  readonly mailbox: string | undefined;
  /** Rows per page the user asked for. */
  readonly pageSize: number | undefined;
  readonly pushdown: boolean;
  /** Folders are read with those below them unless the statement says otherwise. */
  readonly includeSubfolders: boolean;
  readonly refusals: Refusals;
}

export interface EntityWish {
  readonly declaration: TableDeclaration;
  readonly columns: readonly string[];
  readonly conjuncts: readonly Conjunct[];
  readonly order: readonly OrderTerm[] | undefined;
  readonly limit: RowLimit | undefined;
  /** The limit may go down if all conjuncts turn out exact. */
  readonly limitable: boolean;
  /** Properties wanted beside those of the columns. */
  readonly properties?: readonly string[];
  /** $filter text beside the conjuncts'. */
  readonly extraFilter?: string | undefined;
}

export interface Planned {
  readonly entities: EntityPlan;
  /** One per conjunct, in order. */
  readonly outcomes: readonly ConjunctOutcome[];
  readonly order: 'none' | 'honoured' | 'local';
  readonly orderReason?: Reason;
  readonly limitHonoured: boolean;
  /** Values of pseudo-columns. */
  readonly inputs: Readonly<Record<string, SqlValue>>;
  /** Chosen element kinds; undefined for all. */
  readonly arrays: readonly string[] | undefined;
}

export type Handled = Pick<ConjunctOutcome, 'handled'> & { readonly how?: string; readonly reason?: Reason };

/** The largest page with bodies in it: whole pages of 1000 run into 504 (Graph warns of it). */
const HEAVY_PAGE = 200;
const HEAVY = new Set(['body', 'uniqueBody', 'contentBytes', 'internetMessageHeaders']);

/** One planning: gathers what each conjunct came to. */
export class Planning {
  readonly wish: EntityWish;
  readonly settings: PlanSettings;
  readonly accesses: readonly Access[];
  /** Values of pseudo-columns. */
  readonly inputs: Record<string, SqlValue> = {};
  readonly #handled: (Handled | undefined)[];
  #never = false;

  constructor(wish: EntityWish, settings: PlanSettings, accesses: readonly Access[]) {
    this.wish = wish;
    this.settings = settings;
    this.accesses = accesses;
    this.#handled = accesses.map(() => undefined);
  }

  each<K extends Access['kind']>(kind: K, visit: (access: Extract<Access, { kind: K }>, index: number) => void): void {
    this.accesses.forEach((access, index) => {
      if (access.kind === kind && this.#handled[index] === undefined) visit(access as Extract<Access, { kind: K }>, index);
    });
  }

  /** Says what a conjunct came to. */
  done(index: number, handled: Handled): void {
    // A predicate that says only part of the SQL is never exact.
    const complete = this.wish.conjuncts[index]?.complete === true;
    this.#handled[index] = handled.handled === 'exact' && !complete ? { ...handled, handled: 'inexact', reason: 'partial' } : handled;
  }

  /** The conjunct lets no row pass. */
  nothing(index: number): void {
    this.#never = true;
    this.done(index, { handled: 'exact', how: 'no row can match: nothing is sent' });
  }

  isDone(index: number): boolean {
    return this.#handled[index] !== undefined;
  }

  /** Takes back what was said of a conjunct: it is not handled after all. */
  undo(index: number, reason: Reason): void {
    this.#handled[index] = { handled: 'none', reason };
  }

  /** No row can match. */
  never(): void {
    this.#never = true;
  }

  /** What nobody has taken is re-checked, for this reason where it has none of its own. */
  rest(reason: Reason): void {
    this.accesses.forEach((access, index) => {
      if (this.#handled[index] !== undefined) return;
      const local = access.kind === 'filter' && access.outcome.kind === 'none' ? access.outcome.reason : reason;
      if (access.kind === 'filter' && access.outcome.kind === 'always') this.done(index, { handled: 'exact', how: 'true for every row' });
      else this.done(index, { handled: 'none', reason: local });
    });
  }

  /** Values that all conjuncts of a kind agree on; undefined if there is none of that kind. */
  agreed(kind: 'key' | 'parent' | 'mailbox' | 'arrays', how: (count: number) => string): readonly string[] | undefined {
    let values: readonly string[] | undefined;
    this.each(kind, (access, index) => {
      const before: readonly string[] | undefined = values;
      values = before === undefined ? access.values : before.filter((value) => access.values.includes(value));
      if (values.length === 0) this.nothing(index);
      else this.done(index, { handled: 'exact', how: how(values.length) });
    });
    return values;
  }

  mailboxes(): Mailboxes {
    const { declaration } = this.wish;
    if (declaration.scope === 'tenant') return { names: [undefined], tolerant: false };
    const tolerant = this.accesses.some((access) => access.kind === 'mailbox' && access.many);
    const names = this.agreed('mailbox', (count) => (count === 1 ? 'mailbox in the path' : `${count} mailboxes`));
    return names === undefined ? { names: [this.settings.mailbox], tolerant: false } : { names, tolerant };
  }

  /** At most one place can be read; the others are re-checked. */
  places(path: string): Place[] {
    let chosen: { column: ColumnDeclaration; values: readonly string[]; path: string } | undefined;
    this.each('place', (access, index) => {
      if (chosen === undefined || chosen.column === access.column) {
        const values = chosen === undefined ? access.values : chosen.values.filter((value) => access.values.includes(value));
        chosen = { column: access.column, path: access.path, values };
        if (values.length === 0) this.nothing(index);
        const exact = (access.column.filter?.eq ?? access.column.filter?.in)?.push === 'exact';
        const how = `path ${access.path}${values.length > 1 ? `, ${values.length} times` : ''}`;
        this.done(index, exact ? { handled: 'exact', how } : { handled: 'inexact', how, reason: 'widened' });
      } else {
        this.done(index, { handled: 'none', reason: 'partial' });
      }
    });
    if (chosen === undefined) return [{ path, bound: {} }];
    const { column, values, path: template } = chosen;
    return values.map((value) => ({ path: template.replace('{value}', encodeSegment(value)), bound: { [column.name]: value } }));
  }

  window(): QueryOption[] {
    const { declaration } = this.wish;
    if (!isWindowed(declaration)) return [];
    let start: string | undefined;
    let end: string | undefined;
    const narrow = ({ side, at }: WindowBound): void => {
      // Normal-form texts of one length: their order is the order of time.
      if (side === 'start') start = start === undefined || at > start ? at : start;
      else end = end === undefined || at < end ? at : end;
    };
    this.each('window', ({ bounds, exact }, index) => {
      bounds.forEach(narrow);
      const how = bounds.map(({ side, at }) => `${side}DateTime=${at}`).join(', ');
      this.done(index, exact ? { handled: 'exact', how } : { handled: 'inexact', how, reason: 'widened' });
    });
    for (const access of this.accesses) if (access.kind === 'input' && access.window !== undefined) narrow(access.window);
    if (start === undefined || end === undefined) throw windowRequired(declaration, start === undefined, end === undefined);
    // Graph refuses an empty window; nothing can lie in it.
    if (start >= end) this.#never = true;
    return [
      { name: 'startDateTime', value: start },
      { name: 'endDateTime', value: end },
    ];
  }

  common(mailboxes: Mailboxes, more: readonly string[] = []): Pick<ListPlan, 'declaration' | 'mailboxes' | 'select' | 'expand' | 'singles' | 'wellKnown' | 'defaultCalendar'> {
    const { declaration, columns, properties = [] } = this.wish;
    const needs = needsOf(declaration, [...columns, ...(declaration.identity ?? [])]);
    const select = declaration.options === undefined || declaration.options.select ? ['id', ...needs.select, ...properties, ...more] : [];
    return {
      declaration,
      mailboxes,
      select: [...new Set(select)],
      expand: needs.expand,
      singles: needs.singles,
      wellKnown: needs.computed.has('wellKnownName'),
      defaultCalendar: needs.computed.has('calendarId') && !this.accesses.some((access) => access.kind === 'place'),
    };
  }

  pageSize(select: readonly string[], limit: RowLimit | undefined): PageSize | undefined {
    const top = this.wish.declaration.options?.top ?? 0;
    if (top === 0) return undefined;
    const heavy = select.some((property) => HEAVY.has(property));
    const wanted = Math.min(this.settings.pageSize ?? (heavy ? HEAVY_PAGE : top), top);
    return asPageSize(Math.max(1, limit === undefined ? wanted : Math.min(wanted, limit)));
  }

  limitHolds(order: OrderOutcome): boolean {
    return this.wish.limit !== undefined && this.wish.limitable && order.order !== 'local' && this.#handled.every((handled) => handled?.handled === 'exact');
  }

  localOrder(): OrderOutcome {
    return this.wish.order === undefined ? { order: 'none' } : { order: 'local', reason: 'order-not-offered' };
  }

  /** At most one row is in every order. */
  trivialOrder(): OrderOutcome {
    return this.wish.order === undefined ? { order: 'none' } : { order: 'honoured' };
  }

  finish(entities: EntityPlan, order: OrderOutcome, limitHonoured = false): Planned {
    const outcomes = this.wish.conjuncts.map((conjunct, index): ConjunctOutcome => ({ conjunct, ...(this.#handled[index] ?? { handled: 'none', reason: 'not-filterable' as const }) }));
    let arrays: readonly string[] | undefined;
    for (const access of this.accesses) if (access.kind === 'arrays') arrays = access.values;
    const empty = this.#never;
    return {
      entities: empty ? { kind: 'empty', declaration: this.wish.declaration } : entities,
      outcomes,
      order: order.order,
      ...(order.reason === undefined ? {} : { orderReason: order.reason }),
      limitHonoured: limitHonoured || (empty && this.limitHolds(order)),
      inputs: this.inputs,
      arrays,
    };
  }
}

export interface OrderOutcome {
  readonly order: 'none' | 'honoured' | 'local';
  readonly reason?: Reason;
}

function windowRequired(declaration: TableDeclaration, start: boolean, end: boolean): ExchangeSqlError {
  const names = windowColumns(declaration);
  const missing = [...(start ? [names.start] : []), ...(end ? [names.end] : [])];
  const example = [...(start ? [`${names.start} = '2024-05-01'`] : []), ...(end ? [`${names.end} = '2024-06-01'`] : [])].join(' AND ');
  return new ExchangeSqlError('PREDICATE_REQUIRED', `${declaration.name} needs both ends of a time window; ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing.`, {
    hint: `Add to WHERE: ${example}, or conditions such as start_dateTime >= '2024-05-01' AND start_dateTime < '2024-06-01'.`,
  });
}
