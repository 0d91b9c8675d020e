/**
 * Owns: deciding, without I/O, how the entities of a table are fetched and what of the conjuncts, order and limit is kept.
 * Does not own: rows and explosion (scan.ts), words for EXPLAIN (describe.ts), sending (run.ts).
 * Invariants: what is fetched is a superset of what the conjuncts let pass; `exact` outcomes need no re-check.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { Conjunct } from '../scan/predicate.js';
import type { Reason } from '../scan/reason.js';
import type { ConjunctOutcome, OrderTerm } from '../scan/scan.js';
import { asPageSize } from '../scan/value.js';
import type { PageSize, RowLimit, SqlValue } from '../scan/value.js';
import { accessOf, canBe, columnsOf, isWindowed, windowColumns } from './access.js';
import type { Access, WindowBound } from './access.js';
import type { ChildrenPlan, EntityPlan, KeysPlan, ListPlan, Mailboxes, Place, Stability, TreePlan } from './entity-plan.js';
import type { FilterTerm } from './filter.js';
import { pathOf } from './filter.js';
import { encodeSegment } from './literal.js';
import type { QueryOption } from './literal.js';
import { needsOf } from './needs.js';
import { arrange, fitting, RECEIVED } from './order-rules.js';
import type { Refusals, Wish } from './order-rules.js';

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

type Handled = Pick<ConjunctOutcome, 'handled'> & { readonly how?: string; readonly reason?: Reason };

/** The largest page with bodies in it: whole pages of 1000 run into 504 (Graph warns of it). */
const HEAVY_PAGE = 200;
const HEAVY = new Set(['body', 'uniqueBody', 'contentBytes', 'internetMessageHeaders']);

export function planEntities(wish: EntityWish, settings: PlanSettings): Planned {
  const { declaration, conjuncts } = wish;
  const columnOf = columnsOf(declaration);
  const { shape } = declaration;
  const parent = shape.kind === 'children' || shape.kind === 'elements' ? settings.table(shape.parent) : undefined;
  const accesses = conjuncts.map((conjunct) => accessOf(conjunct, declaration, columnOf, { pushdown: settings.pushdown, parent }));
  const state = new Planning(wish, settings, accesses);
  return state.run(parent);
}

/** One planning: gathers what each conjunct came to. */
class Planning {
  readonly #wish: EntityWish;
  readonly #settings: PlanSettings;
  readonly #accesses: readonly Access[];
  readonly #handled: (Handled | undefined)[];
  readonly #inputs: Record<string, SqlValue> = {};
  #never = false;

  constructor(wish: EntityWish, settings: PlanSettings, accesses: readonly Access[]) {
    this.#wish = wish;
    this.#settings = settings;
    this.#accesses = accesses;
    this.#handled = accesses.map(() => undefined);
  }

  run(parent: TableDeclaration | undefined): Planned {
    const { declaration } = this.#wish;
    for (const column of declaration.columns) if (column.pseudo === true) this.#inputs[column.name] = null;
    const mailboxes = this.#mailboxes();
    this.#each('input', (access, index) => {
      this.#inputs[access.column.name] = access.value;
      this.#done(index, { handled: 'exact', how: `${access.column.name} as given` });
    });
    this.#each('local', (access, index) => {
      this.#done(index, { handled: 'none', reason: access.reason });
    });
    // Conditions no row can meet: no request at all.
    this.#each('filter', (access, index) => {
      if (access.outcome.kind === 'never') this.#nothing(index);
    });
    const { shape } = declaration;
    switch (shape.kind) {
      case 'not-offered':
        throw new ExchangeSqlError('NOT_SUPPORTED', `The table ${declaration.name} is not offered: ${shape.reason}`);
      case 'elements':
      case 'extended-properties':
        throw new ExchangeSqlError('INTERNAL', `The table ${declaration.name} has no entities of its own.`);
      case 'collection':
      case 'window':
        return this.#collection(mailboxes);
      case 'tree':
        return this.#tree(mailboxes);
      case 'singleton':
        return this.#finish(
          { kind: 'singleton', ...this.#common(mailboxes), path: shape.path },
          this.#localOrder(),
        );
      case 'children':
        if (parent === undefined) throw new ExchangeSqlError('INTERNAL', `The table ${shape.parent} is missing.`);
        return this.#children(mailboxes, parent);
    }
  }

  // ── conjuncts ────────────────────────────────────────────────────────────────────────────────────────────────────

  #each<K extends Access['kind']>(kind: K, visit: (access: Extract<Access, { kind: K }>, index: number) => void): void {
    this.#accesses.forEach((access, index) => {
      if (access.kind === kind && this.#handled[index] === undefined) visit(access as Extract<Access, { kind: K }>, index);
    });
  }

  #done(index: number, handled: Handled): void {
    // A predicate that says only part of the SQL is never exact.
    const complete = this.#wish.conjuncts[index]?.complete === true;
    this.#handled[index] = handled.handled === 'exact' && !complete ? { ...handled, handled: 'inexact', reason: 'partial' } : handled;
  }

  #nothing(index: number): void {
    this.#never = true;
    this.#done(index, { handled: 'exact', how: 'no row can match: nothing is sent' });
  }

  #rest(reason: Reason): void {
    this.#accesses.forEach((access, index) => {
      if (this.#handled[index] !== undefined) return;
      const local = access.kind === 'filter' && access.outcome.kind === 'none' ? access.outcome.reason : reason;
      if (access.kind === 'filter' && access.outcome.kind === 'always') this.#done(index, { handled: 'exact', how: 'true for every row' });
      else this.#done(index, { handled: 'none', reason: local });
    });
  }

  /** Values that all conjuncts of a kind agree on; undefined if there is none of that kind. */
  #agreed(kind: 'key' | 'parent' | 'mailbox' | 'arrays', how: (count: number) => string): readonly string[] | undefined {
    let values: readonly string[] | undefined;
    this.#each(kind, (access, index) => {
      const before: readonly string[] | undefined = values;
      values = before === undefined ? access.values : before.filter((value) => access.values.includes(value));
      if (values.length === 0) this.#nothing(index);
      else this.#done(index, { handled: 'exact', how: how(values.length) });
    });
    return values;
  }

  #mailboxes(): Mailboxes {
    const { declaration } = this.#wish;
    if (declaration.scope === 'tenant') return { names: [undefined], tolerant: false };
    const tolerant = this.#accesses.some((access) => access.kind === 'mailbox' && access.many);
    const names = this.#agreed('mailbox', (count) => (count === 1 ? 'mailbox in the path' : `${count} mailboxes`));
    return names === undefined ? { names: [this.#settings.mailbox], tolerant: false } : { names, tolerant };
  }

  /** At most one place can be read; the others are re-checked. */
  #places(path: string): Place[] {
    let chosen: { column: ColumnDeclaration; values: readonly string[]; path: string } | undefined;
    this.#each('place', (access, index) => {
      if (chosen === undefined || chosen.column === access.column) {
        const values = chosen === undefined ? access.values : chosen.values.filter((value) => access.values.includes(value));
        chosen = { column: access.column, path: access.path, values };
        if (values.length === 0) this.#nothing(index);
        const exact = (access.column.filter?.eq ?? access.column.filter?.in)?.push === 'exact';
        const how = `path ${access.path}${values.length > 1 ? `, ${values.length} times` : ''}`;
        this.#done(index, exact ? { handled: 'exact', how } : { handled: 'inexact', how, reason: 'widened' });
      } else {
        this.#done(index, { handled: 'none', reason: 'partial' });
      }
    });
    if (chosen === undefined) return [{ path, bound: {} }];
    const { column, values, path: template } = chosen;
    return values.map((value) => ({ path: template.replace('{value}', encodeSegment(value)), bound: { [column.name]: value } }));
  }

  #terms(): FilterTerm[] {
    const found: { index: number; term: FilterTerm; handled: Handled }[] = [];
    this.#each('filter', ({ outcome }, index) => {
      if (outcome.kind !== 'term') return;
      const handled: Handled = outcome.exact ? { handled: 'exact', how: outcome.term.text } : { handled: 'inexact', how: outcome.term.text, reason: outcome.reason };
      found.push({ index, term: outcome.term, handled });
    });
    const kept = new Set(fitting(found.map(({ term }) => term)));
    for (const { index, term, handled } of found) this.#done(index, kept.has(term) ? handled : { handled: 'none', reason: 'too-complex' });
    return [...kept];
  }

  #window(): QueryOption[] {
    const { declaration } = this.#wish;
    if (!isWindowed(declaration)) return [];
    let start: string | undefined;
    let end: string | undefined;
    const narrow = ({ side, at }: WindowBound): void => {
      // Normal-form texts of one length: their order is the order of time.
      if (side === 'start') start = start === undefined || at > start ? at : start;
      else end = end === undefined || at < end ? at : end;
    };
    this.#each('window', ({ bounds, exact }, index) => {
      bounds.forEach(narrow);
      const how = bounds.map(({ side, at }) => `${side}DateTime=${at}`).join(', ');
      this.#done(index, exact ? { handled: 'exact', how } : { handled: 'inexact', how, reason: 'widened' });
    });
    for (const access of this.#accesses) if (access.kind === 'input' && access.window !== undefined) narrow(access.window);
    if (start === undefined || end === undefined) throw windowRequired(declaration, start === undefined, end === undefined);
    // Graph refuses an empty window; nothing can lie in it.
    if (start >= end) this.#never = true;
    return [
      { name: 'startDateTime', value: start },
      { name: 'endDateTime', value: end },
    ];
  }

  // ── shapes ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #collection(mailboxes: Mailboxes): Planned {
    const { declaration } = this.#wish;
    const { shape } = declaration;
    if (shape.kind !== 'collection' && shape.kind !== 'window') throw new ExchangeSqlError('INTERNAL', 'not a collection');
    // A GET of the item does not say in which calendar it is: where that is asked, the calendar is listed.
    const placed = this.#accesses.some((access) => access.kind === 'place' && access.column.origin === 'computed');
    const keyed = !placed && shape.kind === 'collection' && shape.item !== undefined && this.#accesses.some(({ kind }) => kind === 'key');
    if (keyed && shape.kind === 'collection' && shape.item !== undefined) {
      const keys = this.#agreed('key', (count) => (count === 1 ? `GET ${shape.item!}` : `$batch, ${count} keys`)) ?? [];
      this.#rest('not-filterable');
      const plan: KeysPlan = { kind: 'keys', ...this.#common(mailboxes), keys, item: shape.item, bound: {} };
      return this.#finish(plan, keys.length === 1 && mailboxes.names.length === 1 ? this.#trivialOrder() : this.#localOrder());
    }
    const options = this.#window();
    const search = this.#search();
    const places = this.#places(shape.path);
    const below = this.#inputs['IncludeSubfolders'] ?? (this.#settings.includeSubfolders ? 1n : 0n);
    const subfolders = below === 1n && 'IncludeSubfolders' in this.#inputs && places.some(({ bound }) => Object.keys(bound).length > 0);
    if (search !== undefined) {
      this.#rest('not-with-search');
      return this.#list(mailboxes, places, options, [], undefined, search, subfolders);
    }
    const extra = this.#wish.extraFilter;
    const terms = this.#terms();
    if (extra !== undefined) terms.push(rawTerm(extra));
    this.#rest('not-filterable');
    return this.#list(mailboxes, places, options, terms, this.#wish.order, undefined, subfolders);
  }

  #list(
    mailboxes: Mailboxes,
    places: readonly Place[],
    options: readonly QueryOption[],
    terms: readonly FilterTerm[],
    order: readonly OrderTerm[] | undefined,
    search: string | undefined,
    subfolders: boolean,
  ): Planned {
    const { declaration, limit } = this.#wish;
    const offered = declaration.options;
    const rules = offered?.rules ?? 'none';
    const series = mailboxes.names.length * places.length;
    const sort = this.#sort(order, series > 1 || subfolders || search !== undefined);
    let wish: Wish = { rules, terms, sort: sort.request };
    const { refusals } = this.#settings;
    let arranged = arrange(wish, refusals.rung(wish), refusals.strict);
    // Messages in order of receipt are paged by key; a set that could need more than one page gets that order unasked.
    const single = limit !== undefined && this.#limitHolds({ order: 'none' }) && order === undefined && limit <= (offered?.top ?? 0);
    if (rules === 'messages' && wish.sort === undefined && search === undefined && !single && offered?.orderby === true) {
      const stable: Wish = { rules, terms, sort: { path: RECEIVED, descending: true, promised: false } };
      const tried = arrange(stable, refusals.rung(stable), refusals.strict);
      if (tried.sort !== undefined && tried.terms.filter(isAsked(terms)).length === terms.length) [wish, arranged] = [stable, tried];
    }
    this.#dropRefused(terms, arranged.terms);
    const orderOutcome: OrderOutcome =
      order === undefined ? { order: 'none' } : sort.request === undefined ? { order: 'local', reason: sort.reason } : arranged.sort === undefined ? { order: 'local', reason: arranged.sortReason ?? 'not-with-order' } : { order: 'honoured' };
    const limitHonoured = this.#limitHolds(orderOutcome) && search === undefined && (series === 1 || order === undefined);
    const keyset = rules === 'messages' && wish.sort?.path === RECEIVED && arranged.sort !== undefined;
    const stability: Stability = search !== undefined ? 'links' : keyset ? 'keyset' : rules !== 'directory' && offered?.count === true && offered.skip ? 'count' : 'links';
    const common = this.#common(mailboxes, keyset ? [RECEIVED] : []);
    const plan: ListPlan = {
      kind: 'list',
      ...common,
      places,
      subfolders,
      wish,
      arranged,
      search,
      options,
      stability,
      pageSize: this.#pageSize(common.select, limitHonoured ? limit : undefined),
      limit: limitHonoured ? limit : undefined,
    };
    return this.#finish(plan, orderOutcome, limitHonoured);
  }

  /** A term the ladder has dropped on this connection is not handled. */
  #dropRefused(terms: readonly FilterTerm[], sent: readonly FilterTerm[]): void {
    const lost = terms.filter((term) => !sent.includes(term));
    if (lost.length === 0) return;
    this.#accesses.forEach((access, index) => {
      if (access.kind === 'filter' && access.outcome.kind === 'term' && lost.includes(access.outcome.term)) this.#handled[index] = { handled: 'none', reason: 'too-complex' };
    });
  }

  #sort(order: readonly OrderTerm[] | undefined, several: boolean): { request: Wish['sort']; reason: Reason } {
    const columnOf = columnsOf(this.#wish.declaration);
    const term = order?.[0];
    const column = term === undefined ? undefined : columnOf(term.column);
    if (order === undefined || term === undefined || column === undefined) return { request: undefined, reason: 'order-not-offered' };
    const offered = this.#settings.pushdown && this.#wish.declaration.options?.orderby === true && column.sort !== undefined;
    if (!this.#settings.pushdown) return { request: undefined, reason: 'pushdown-off' };
    if (!offered || order.length > 1 || several) return { request: undefined, reason: 'order-not-offered' };
    if (column.sort !== 'exact') return { request: undefined, reason: column.type === 'text' ? 'text-order' : 'null-order' };
    return { request: { path: pathOf(column), descending: term.descending, promised: true }, reason: 'order-not-offered' };
  }

  #search(): string | undefined {
    let text: string | undefined;
    this.#each('search', (access, index) => {
      if (this.#wish.declaration.options?.search !== true) {
        throw new ExchangeSqlError('NOT_SUPPORTED', `SEARCH cannot be used on ${this.#wish.declaration.name}.`, { hint: 'SEARCH works on Messages.' });
      }
      if (access.text.includes('"')) {
        // Graph drops a search with a quote inside without a word, which would be a full listing.
        throw new ExchangeSqlError('BAD_VALUE', 'A double quote cannot be used in SEARCH: the service would ignore the search.', { hint: 'Leave the quotes out; words beside each other must all occur.' });
      }
      if (access.text.trim() === '') throw new ExchangeSqlError('BAD_VALUE', 'SEARCH needs a text to search for.');
      text = text === undefined ? access.text : `(${text}) AND (${access.text})`;
      this.#done(index, { handled: 'exact', how: `$search="${access.text}"` });
    });
    return text;
  }

  #tree(mailboxes: Mailboxes): Planned {
    const { declaration, columns } = this.#wish;
    const { shape } = declaration;
    if (shape.kind !== 'tree') throw new ExchangeSqlError('INTERNAL', 'not a tree');
    const { computed } = needsOf(declaration, columns);
    const walk = computed.has('folderPath') || computed.has('folderDepth');
    const options = Object.entries(shape.query ?? {}).map(([name, value]) => ({ name, value }));
    if (!walk && this.#accesses.some(({ kind }) => kind === 'key')) {
      const keys = this.#agreed('key', (count) => (count === 1 ? `GET ${shape.item}` : `$batch, ${count} keys`)) ?? [];
      this.#rest('not-filterable');
      return this.#finish({ kind: 'keys', ...this.#common(mailboxes), keys, item: shape.item, bound: {} }, this.#localOrder());
    }
    const common = this.#common(mailboxes, [...(shape.childCount === undefined ? [] : [shape.childCount.split('/')[0]!])]);
    if (!walk && this.#accesses.some(({ kind }) => kind === 'place')) {
      const places = this.#places(shape.path);
      this.#rest('not-filterable');
      const plan: ListPlan = {
        kind: 'list',
        ...common,
        places,
        subfolders: false,
        wish: { rules: 'none', terms: [], sort: undefined },
        arranged: { terms: [], sort: undefined },
        search: undefined,
        options,
        stability: 'count',
        pageSize: this.#pageSize(common.select, undefined),
        limit: undefined,
      };
      return this.#finish(plan, this.#localOrder());
    }
    this.#rest('walked');
    const plan: TreePlan = { kind: 'tree', ...common, path: shape.path, children: shape.children, childCount: shape.childCount, options, pageSize: this.#pageSize(common.select, undefined) };
    return this.#finish(plan, this.#localOrder());
  }

  #children(mailboxes: Mailboxes, parent: TableDeclaration): Planned {
    const { declaration } = this.#wish;
    const { shape } = declaration;
    if (shape.kind !== 'children') throw new ExchangeSqlError('INTERNAL', 'not children');
    const options = this.#window();
    // The keys of parent and grandparent are known from the path itself.
    const needs = needsOf(declaration, this.#wish.columns.filter((name) => name !== shape.parentColumn && name !== shape.grandparentColumn));
    const parentKeyColumn = shape.parentKey ?? 'id';
    const fromParent = needs.parentProperties.length > 0 || needs.parentColumns.length > 0;
    const grandparents = this.#grandparents(shape.grandparentColumn);
    const direct = !fromParent && this.#accesses.some(({ kind }) => kind === 'parent') && (shape.grandparentColumn === undefined || grandparents !== undefined);
    const common = this.#common(mailboxes);
    const hinted = shape.parentUnless === undefined || this.#isFalse(shape.parentUnless);
    const parentFlag = hinted ? shape.parentFlag : undefined;
    const base = {
      kind: 'children' as const,
      ...common,
      path: shape.path,
      parentKey: columnsOf(parent)(parentKeyColumn)?.path ?? parentKeyColumn,
      parentColumn: shape.parentColumn,
      grandparentColumn: shape.grandparentColumn,
      parentFlag,
      options,
      pageSize: this.#pageSize(common.select, undefined),
      item: shape.item,
    };
    if (direct) {
      const keys = this.#agreed('parent', (count) => `path ${shape.path}${count > 1 ? `, ${count} parents` : ''}`) ?? [];
      const items = shape.item === undefined ? undefined : this.#agreed('key', (count) => (count === 1 ? `GET ${shape.item!}` : `$batch, ${count} keys`));
      this.#rest('not-filterable');
      const plan: ChildrenPlan = { ...base, parents: { kind: 'given', keys, grandparents: grandparents ?? [''] }, keys: items };
      return this.#finish(plan, this.#localOrder());
    }
    // Walk the parents; what restricts them goes to their own plan.
    const passed: { index: number; conjunct: Conjunct }[] = [];
    this.#accesses.forEach((access, index) => {
      const conjunct = this.#wish.conjuncts[index]!;
      if (access.kind === 'onParent') passed.push({ index, conjunct: { ...conjunct, predicate: access.predicate } });
      if (access.kind === 'parent' || access.kind === 'mailbox') passed.push({ index, conjunct: access.kind === 'parent' ? { ...conjunct, predicate: inPredicate(parentKeyColumn, access.values) } : conjunct });
    });
    const onGrandparent = this.#grandparentConjuncts(shape.grandparentColumn);
    passed.push(...onGrandparent);
    const extra = [...new Set([...needs.parentColumns, ...(shape.grandparentColumn === undefined ? [] : [shape.grandparentColumn]), parentKeyColumn])];
    const planned = planEntities(
      {
        declaration: parent,
        columns: extra,
        conjuncts: passed.map(({ conjunct }) => conjunct),
        order: undefined,
        limit: undefined,
        limitable: false,
        properties: [...needs.parentProperties, ...(parentFlag === undefined ? [] : [parentFlag.split('/')[0]!])],
        // Graph refuses the instances of an event that is no series, so that filter is no pushdown of the user's.
        extraFilter: hinted && (this.#settings.pushdown || shape.window === true) ? shape.parentFilter : undefined,
      },
      this.#settings,
    );
    passed.forEach(({ index }, at) => {
      const { conjunct: _, ...outcome } = planned.outcomes[at]!;
      if (this.#handled[index] === undefined) this.#done(index, outcome);
    });
    this.#rest('walked');
    if (planned.entities.kind === 'empty') this.#never = true;
    return this.#finish({ ...base, parents: planned.entities, keys: undefined }, this.#localOrder());
  }

  /** True if only rows where this boolean column is false are asked for. */
  #isFalse(name: string): boolean {
    return this.#wish.conjuncts.some(({ predicate }) => predicate.kind === 'compare' && predicate.column === name && predicate.op === 'eq' && predicate.value === 0n);
  }

  /** Values of the child's column that names the grandparent, where it has one of that name. */
  #grandparents(column: string | undefined): readonly string[] | undefined {
    if (column === undefined) return undefined;
    for (const [index, access] of this.#accesses.entries()) {
      const predicate = this.#wish.conjuncts[index]!.predicate;
      if (access.kind !== 'onParent' && access.kind !== 'place') continue;
      if (predicate.kind === 'compare' && predicate.column === column && predicate.op === 'eq' && typeof predicate.value === 'string') {
        const declared = columnsOf(this.#wish.declaration)(column);
        if (declared !== undefined && !canBe(declared, predicate.value)) this.#nothing(index);
        this.#done(index, { handled: 'exact', how: `path, ${column}` });
        return [predicate.value];
      }
    }
    return undefined;
  }

  #grandparentConjuncts(column: string | undefined): { index: number; conjunct: Conjunct }[] {
    if (column === undefined) return [];
    const found: { index: number; conjunct: Conjunct }[] = [];
    this.#accesses.forEach((access, index) => {
      const conjunct = this.#wish.conjuncts[index]!;
      if (access.kind === 'place' && access.column.name === column) found.push({ index, conjunct });
    });
    return found;
  }

  // ── common ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #common(mailboxes: Mailboxes, more: readonly string[] = []): Pick<ListPlan, 'declaration' | 'mailboxes' | 'select' | 'expand' | 'singles' | 'wellKnown' | 'defaultCalendar'> {
    const { declaration, columns, properties = [] } = this.#wish;
    const needs = needsOf(declaration, [...columns, ...(declaration.identity ?? [])]);
    const select = declaration.options === undefined || declaration.options.select ? ['id', ...needs.select, ...properties, ...more] : [];
    return {
      declaration,
      mailboxes,
      select: [...new Set(select)],
      expand: needs.expand,
      singles: needs.singles,
      wellKnown: needs.computed.has('wellKnownName'),
      defaultCalendar: needs.computed.has('calendarId') && !this.#accesses.some((access) => access.kind === 'place'),
    };
  }

  #pageSize(select: readonly string[], limit: RowLimit | undefined): PageSize | undefined {
    const top = this.#wish.declaration.options?.top ?? 0;
    if (top === 0) return undefined;
    const heavy = select.some((property) => HEAVY.has(property));
    const wanted = Math.min(this.#settings.pageSize ?? (heavy ? HEAVY_PAGE : top), top);
    return asPageSize(Math.max(1, limit === undefined ? wanted : Math.min(wanted, limit)));
  }

  #limitHolds(order: OrderOutcome): boolean {
    return this.#wish.limit !== undefined && this.#wish.limitable && order.order !== 'local' && this.#handled.every((handled) => handled?.handled === 'exact');
  }

  #localOrder(): OrderOutcome {
    return this.#wish.order === undefined ? { order: 'none' } : { order: 'local', reason: 'order-not-offered' };
  }

  /** At most one row is in every order. */
  #trivialOrder(): OrderOutcome {
    return this.#wish.order === undefined ? { order: 'none' } : { order: 'honoured' };
  }

  #finish(entities: EntityPlan, order: OrderOutcome, limitHonoured = false): Planned {
    const outcomes = this.#wish.conjuncts.map((conjunct, index): ConjunctOutcome => ({ conjunct, ...(this.#handled[index] ?? { handled: 'none', reason: 'not-filterable' as const }) }));
    let arrays: readonly string[] | undefined;
    for (const access of this.#accesses) if (access.kind === 'arrays') arrays = access.values;
    const empty = this.#never;
    return {
      entities: empty ? { kind: 'empty', declaration: this.#wish.declaration } : entities,
      outcomes,
      order: order.order,
      ...(order.reason === undefined ? {} : { orderReason: order.reason }),
      limitHonoured: limitHonoured || (empty && this.#limitHolds(order)),
      inputs: this.#inputs,
      arrays,
    };
  }
}

interface OrderOutcome {
  readonly order: 'none' | 'honoured' | 'local';
  readonly reason?: Reason;
}

const isAsked =
  (terms: readonly FilterTerm[]) =>
  (term: FilterTerm): boolean =>
    terms.includes(term);

function inPredicate(column: string, values: readonly string[]): Conjunct['predicate'] {
  return { kind: 'in', column, values };
}

/** A declared $filter, e.g. `hasAttachments eq true`. */
function rawTerm(text: string): FilterTerm {
  return { text, paths: [text.split(' ')[0] ?? ''], lenient: false, notWithOrder: false, functions: false, dates: false, advanced: false, nodes: 1 };
}

function windowRequired(declaration: TableDeclaration, start: boolean, end: boolean): ExchangeSqlError {
  const names = windowColumns(declaration);
  const missing = [...(start ? [names.start] : []), ...(end ? [names.end] : [])];
  const example = [...(start ? [`${names.start} = '2024-05-01'`] : []), ...(end ? [`${names.end} = '2024-06-01'`] : [])].join(' AND ');
  return new ExchangeSqlError('PREDICATE_REQUIRED', `${declaration.name} needs both ends of a time window; ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing.`, {
    hint: `Add to WHERE: ${example}, or conditions such as start_dateTime >= '2024-05-01' AND start_dateTime < '2024-06-01'.`,
  });
}
