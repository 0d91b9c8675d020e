/**
 * Owns: the Source of Microsoft Graph: plan, run, count, estimate, look-up costs, folders.
 * Does not own: each of them in detail (plan.ts, run.ts, paging.ts, notes.ts), SQL, HTTP.
 * Invariants: plan does no I/O; rows are a superset of the scan's, each once; the promises of a plan hold or PlanWeakened is
 * thrown before the first row.
 */
import { sourceOf } from '../catalog/row-key-columns.js';
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { ConjunctOutcome, Scan, ScanPlan } from '../scan/scan.js';
import { PlanWeakened } from '../scan/source.js';
import type { FolderKind, Page, RunContext, Source } from '../scan/source.js';
import { BATCH_SIZE } from './batch.js';
import { unneeded } from '../http/abort.js';
import type { GraphClient } from './client.js';
import { describe } from './describe.js';
import { exploder, planElements } from './elements.js';
import type { PlannedElements } from './elements.js';
import type { EntityPlan, GraphDetail, ListPlan } from './entity-plan.js';
import { isItemNotFound, isMailboxError, isMalformedId, isNoMailbox } from './errors.js';
import { extendedRows, planExtended } from './extended.js';
import type { PlannedExtended } from './extended.js';
import type { Planned } from './planning.js';
import { countingTerms, listUrl } from './list-query.js';
import { IdWatch } from './id-watch.js';
import { MailboxFacts } from './notes.js';
import { Refusals } from './order-rules.js';
import { Refused } from './fetcher.js';
import { planEntities } from './plan.js';
import type { PlanSettings } from './planning.js';
import { inputPage, keyMaker, plain, plainPage } from './row-page.js';
import { compileRow } from './row.js';
import { byIds } from './row-keys.js';
import type { RowShape } from './row.js';
import { SeenIds } from './seen-ids.js';
import { runEntities } from './run.js';
import { listingOf } from './run-list.js';
import type { Running } from './running.js';
import { permissionOf } from './wire.js';
import type { BodyType, IdType, Wire } from './wire.js';

export interface GraphSourceOptions {
  /** The connection's mailbox; undefined for the signed-in user's. */
  readonly userId?: string | undefined;
  /** Which of an item's two ids is shown. Default Immutable. */
  readonly idType?: IdType;
  /** Rows per page; undefined lets the driver choose. */
  readonly pageSize?: number | undefined;
  readonly bodyType?: BodyType;
  /** Levels of folders that are read; undefined for all. */
  readonly folderDepth?: number | undefined;
  readonly disableServerSideFiltering?: boolean;
  readonly onMailboxError?: 'fail' | 'warn';
  /** A folder is read with the folders below it. */
  readonly includeSubfolders?: boolean;
}

export interface GraphSourceSettings {
  readonly client: GraphClient;
  readonly catalog: { table(name: string): TableDeclaration | undefined };
  readonly options?: GraphSourceOptions;
}

/**
 * The Source of one connection. What the service refuses and the ids of folders are remembered in it.
 *
 * @example
 * const source = createGraphSource({ client, catalog: loadCatalog('msgraph'), options: { idType: 'Immutable' } });
 * for await (const page of source.run(source.plan(scan), context)) console.log(page.rows);
 */
export function createGraphSource(settings: GraphSourceSettings): Source {
  return new GraphSource(settings);
}

class GraphSource implements Source {
  readonly #client: GraphClient;
  readonly #options: GraphSourceOptions;
  readonly #facts = new MailboxFacts();
  readonly #refusals = new Refusals();
  readonly #seenIds = new SeenIds();
  readonly #settings: PlanSettings;
  /** Sizes of sets counted on this connection. They only choose between look-up and scan, where an old one does no harm. */
  readonly #sizes = new Map<string, number>();

  constructor({ client, catalog, options = {} }: GraphSourceSettings) {
    this.#client = client;
    this.#options = options;
    this.#settings = {
      table: (name) => catalog.table(name),
      mailbox: options.userId === '' ? undefined : options.userId,
      pageSize: options.pageSize,
      pushdown: options.disableServerSideFiltering !== true,
      includeSubfolders: options.includeSubfolders === true,
      refusals: this.#refusals,
    };
  }

  plan(scan: Scan): ScanPlan<GraphDetail> {
    const declaration = this.#declaration(scan.table);
    const planned = this.#planned(byIds(scan, declaration), declaration);
    const outcomes = planned.outcomes.map((outcome, index): ConjunctOutcome => ({ ...outcome, conjunct: scan.conjuncts[index]! }));
    const entities = planned.entities;
    const exact = scan.residuals.length === 0 && outcomes.every(({ handled, conjunct }) => handled === 'exact' && conjunct.complete);
    const counted = scan.countOnly === true && exact && this.#settings.pushdown && isCountable(entities, planned);
    const detail: GraphDetail = {
      entities,
      declaration,
      explosion: 'explosion' in planned ? planned.explosion : undefined,
      extended: 'ids' in planned ? planned.ids : undefined,
      fixed: planned.inputs,
    };
    const limit = scan.limit === undefined ? 'none' : planned.limitHonoured ? 'honoured' : 'local';
    return {
      scan,
      requests: describe(entities, { columns: scan.columns, idType: this.#idType, bodyType: this.#options.bodyType, counting: counted }),
      outcomes,
      order: planned.order,
      ...(planned.order === 'local' ? { orderReason: planned.orderReason ?? 'order-not-offered' } : {}),
      limit,
      ...(limit === 'local' ? { limitReason: !exact ? ('not-all-exact' as const) : planned.order === 'local' ? ('order-is-local' as const) : ('statement-shape' as const) } : {}),
      ...(scan.countOnly === true ? { count: counted ? ('service' as const) : ('rows' as const) } : {}),
      detail,
    };
  }

  async *run(plan: ScanPlan, context: RunContext): AsyncGenerator<Page, void, void> {
    const stop = new AbortController();
    const abort = (): void => {
      stop.abort(context.signal.reason);
    };
    if (context.signal.aborted) abort();
    context.signal.addEventListener('abort', abort, { once: true });
    try {
      yield* this.#pages(plan, context, stop);
    } finally {
      context.signal.removeEventListener('abort', abort);
      stop.abort(STOPPED);
    }
  }

  async count(plan: ScanPlan, context: RunContext): Promise<bigint | undefined> {
    const detail = detailOf(plan);
    const { entities } = detail;
    if (entities.kind === 'empty') return 0n;
    if (entities.kind !== 'list') return undefined;
    const running = this.#running(detail, context, context.signal);
    try {
      const count = await countList(entities, running);
      this.#remember(entities, count);
      return count;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (!this.#refusals.refuse(entities.wish, entities.arranged)) throw error.cause;
      const again = this.plan(plan.scan);
      if (again.count !== 'service') throw new PlanWeakened(again);
      return this.count(again, context);
    }
  }

  async estimate(plan: ScanPlan, context: RunContext): Promise<number | undefined> {
    const detail = detailOf(plan);
    const { entities } = detail;
    if (entities.kind === 'empty') return 0;
    if (entities.kind === 'keys') return entities.keys.length * entities.mailboxes.names.length;
    if (entities.kind !== 'list' || !isCountableList(entities) || entities.places.length * entities.mailboxes.names.length > 4) return undefined;
    const known = this.#sizes.get(sizeKey(entities));
    if (known !== undefined) return known;
    try {
      const count = await countList(entities, this.#running(detail, context, context.signal));
      this.#remember(entities, count);
      return count === undefined ? undefined : Number(count);
    } catch (error) {
      // An estimate that cannot be had is no failure of the statement.
      if (error instanceof Refused || (error instanceof ExchangeSqlError && error.status !== undefined)) return undefined;
      throw error;
    }
  }

  #remember(plan: ListPlan, count: bigint | undefined): void {
    if (count === undefined) return;
    if (this.#sizes.size >= MOST_SIZES) this.#sizes.clear();
    this.#sizes.set(sizeKey(plan), Number(count));
  }

  lookupCost(table: string, column: string, keys: number): number | undefined {
    const declaration = this.#settings.table(table);
    const named = declaration?.columns.find(({ name }) => name === column);
    if (declaration === undefined || named === undefined) return undefined;
    const found = sourceOf(named, declaration);
    // What chooses the place of the rows must be bound: without it they come from another place.
    if (found.selector === true || found.origin === 'mailbox' || found.pseudo === true) return 0;
    if (!this.#settings.pushdown) return undefined;
    const { shape } = declaration;
    const calls = keys <= 1 ? keys : Math.ceil(keys / BATCH_SIZE);
    if ((shape.kind === 'children' || shape.kind === 'elements') && found.name === shape.parentColumn) {
      return shape.kind === 'children' && shape.grandparentColumn !== undefined ? undefined : calls;
    }
    const capability = found.filter?.in ?? found.filter?.eq;
    if (capability?.as === 'key') return shape.kind === 'children' ? undefined : calls;
    return capability?.as === 'path' && capability.path !== undefined && shape.kind !== 'elements' ? keys : undefined;
  }

  async resolveFolder(kind: FolderKind, name: string, mailbox: string | undefined, context: RunContext): Promise<string | undefined> {
    const declaration = this.#settings.table(kind === 'mail' ? 'MailFolders' : 'ContactFolders');
    return this.#facts.folder(this.#wire(declaration, context, context.signal), kind, name, mailbox ?? this.#settings.mailbox);
  }

  get #idType(): IdType {
    return this.#options.idType ?? 'Immutable';
  }

  #declaration(table: string): TableDeclaration {
    const declaration = this.#settings.table(table);
    if (declaration === undefined) throw new ExchangeSqlError('UNKNOWN_TABLE', `There is no table ${table}.`);
    return declaration;
  }

  #planned(scan: Scan, declaration: TableDeclaration): AnyPlanned {
    if (declaration.shape.kind === 'elements') return planElements(scan, declaration, this.#settings);
    if (declaration.shape.kind === 'extended-properties') return planExtended(scan, declaration, this.#settings);
    return planEntities(
      {
        declaration,
        columns: scan.columns,
        conjuncts: scan.conjuncts,
        order: scan.order,
        limit: scan.limit,
        limitable: scan.residuals.length === 0 && scan.conjuncts.every(({ complete }) => complete),
      },
      this.#settings,
    );
  }

  #wire(declaration: TableDeclaration | undefined, context: RunContext, signal: AbortSignal): Wire {
    return {
      client: this.#client,
      context,
      signal,
      idType: this.#idType,
      bodyType: this.#options.bodyType,
      folderDepth: this.#options.folderDepth,
      onMailboxError: this.#options.onMailboxError ?? 'fail',
      permission: declaration === undefined ? undefined : permissionOf(declaration),
    };
  }

  #running(detail: GraphDetail, context: RunContext, signal: AbortSignal): Running {
    return { wire: this.#wire(detail.declaration, context, signal), facts: this.#facts, table: this.#settings.table };
  }

  async *#pages(first: ScanPlan, context: RunContext, stop: AbortController): AsyncGenerator<Page, void, void> {
    let plan = first;
    let delivered = false;
    for (;;) {
      const detail = detailOf(plan);
      try {
        for await (const page of this.#rows(plan, detail, this.#running(detail, context, stop.signal))) {
          delivered = true;
          let resumed = false;
          try {
            yield page;
            resumed = true;
          } finally {
            // Returned, not resumed: requests under way must not be waited for.
            if (!resumed) stop.abort(STOPPED);
          }
        }
        return;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const listing = listingIn(detail.entities);
        if (listing === undefined || !this.#refusals.refuse(listing.wish, listing.arranged)) throw error.cause;
        if (delivered) {
          throw new ExchangeSqlError('SERVICE', 'The service refused a filter or sort for one mailbox that it took for another.', {
            hint: 'Run the statement again: the driver will ask in a simpler way.',
            retryable: true,
            cause: error.cause,
          });
        }
        const again = this.plan(plan.scan);
        if (isWeaker(again, plan)) throw new PlanWeakened(again);
        plan = again;
      }
    }
  }

  async *#rows(plan: ScanPlan, detail: GraphDetail, running: Running): AsyncGenerator<Page, void, void> {
    const { declaration } = detail;
    const { shape } = declaration;
    const parent = shape.kind === 'children' || shape.kind === 'elements' ? this.#settings.table(shape.parent) : undefined;
    const entities = detail.entities;
    const subfolders = entities.kind === 'list' && entities.subfolders;
    const rowShape: RowShape = {
      declaration,
      parent,
      fixed: detail.fixed,
      ownMailbox: this.#settings.mailbox ?? 'me',
      shownFolder: subfolders ? 'parentFolderId' : undefined,
    };
    const extractors = compileRow(plan.scan.columns, rowShape);
    const keyOf = keyMaker(declaration, rowShape);
    const explode = detail.explosion === undefined ? undefined : exploder(detail.explosion);
    const { extended } = detail;
    // A keyset listing drops repetitions itself and remembers one page; everything else needs all keys.
    const seen = entities.kind === 'list' && entities.stability === 'keyset' && entities.places.length * entities.mailboxes.names.length === 1 && !subfolders ? undefined : new Set<string>();
    const kind = detail.fixed['entity'];
    const watch = IdWatch.of(plan.scan, rowShape, this.#settings.table);
    for await (const batch of runEntities(entities, running)) {
      for (const { entity } of batch) if (typeof entity['id'] === 'string') this.#seenIds.note(entity['id']);
      watch?.see(batch);
      const page = explode === undefined && extended === undefined && seen === undefined
        ? plainPage(batch, extractors, keyOf)
        : inputPage(
            batch.flatMap((entity) => (explode !== undefined ? explode(entity) : extended === undefined ? plain(entity) : extendedRows(entity, extended, typeof kind === 'string' ? kind : null).map(plain))),
            extractors,
            keyOf,
            seen,
          );
      if (page.rows.length > 0) yield page;
    }
    watch?.finish(this.#seenIds, (warning) => {
      running.wire.context.warn(warning);
    });
  }
}

/** One reason for all: without one, every scan would pay for a DOMException with its stack. */
const STOPPED = unneeded('The rows are no longer wanted.');

type AnyPlanned = PlannedElements | PlannedExtended | (Planned & { readonly explosion?: undefined; readonly ids?: undefined });

function detailOf(plan: ScanPlan): GraphDetail {
  return plan.detail as GraphDetail;
}

/** The listing that was refused: the plan's own or that of the parents it walks. */
function listingIn(plan: EntityPlan): ListPlan | undefined {
  if (plan.kind === 'list') return plan;
  return plan.kind === 'children' && plan.parents.kind !== 'given' ? listingIn(plan.parents) : undefined;
}

function isWeaker(now: ScanPlan, before: ScanPlan): boolean {
  if (before.order === 'honoured' && now.order !== 'honoured') return true;
  if (before.limit === 'honoured' && now.limit !== 'honoured') return true;
  return before.outcomes.some(({ handled }, index) => handled === 'exact' && now.outcomes[index]?.handled !== 'exact');
}

function isCountable(plan: EntityPlan, planned: AnyPlanned): boolean {
  if (planned.entities !== plan || 'explosion' in planned || 'ids' in planned) return false;
  return plan.kind === 'empty' || (plan.kind === 'list' && isCountableList(plan));
}

function isCountableList({ declaration, search, subfolders }: ListPlan): boolean {
  return declaration.options?.count === true && declaration.options.top > 0 && search === undefined && !subfolders;
}

const MOST_SIZES = 1000;

const sizeKey = ({ declaration, mailboxes, places, wish }: ListPlan): string =>
  JSON.stringify([declaration.name, mailboxes.names, places.map(({ path }) => path), wish.terms.map(({ text }) => text)]);

/** Sum of @odata.count over all places; undefined where the service does not tell it (facts 1.5: -1 or none). */
async function countList(plan: ListPlan, running: Running): Promise<bigint | undefined> {
  let sum = 0n;
  for (const mailbox of plan.mailboxes.names) {
    for (const place of plan.places) {
      const count = await countPlace(plan, mailbox, place, running);
      if (count === undefined) return undefined;
      sum += count;
    }
  }
  return sum;
}

async function countPlace(plan: ListPlan, mailbox: string | undefined, place: ListPlan['places'][number], running: Running): Promise<bigint | undefined> {
  const { wire } = running;
  const { call, path, parts } = listingOf(plan, mailbox, place, running);
  const directory = plan.wish.rules === 'directory' ? { ...call.headers, ConsistencyLevel: 'eventual' } : call.headers;
  const arranged = countingTerms(parts.arranged);
  try {
    const page = await wire.client.getPage(listUrl(path, { ...parts, select: ['id'], expand: [], arranged, top: 1, count: true }), { ...call, ...(directory === undefined ? {} : { headers: directory }) });
    return page.count === undefined || page.count < 0 || !Number.isInteger(page.count) ? undefined : BigInt(page.count);
  } catch (error) {
    if (Object.keys(place.bound).length > 0 && (isItemNotFound(error) || isMalformedId(error))) return 0n;
    if (isMailboxError(error) && plan.declaration.scope === 'mailbox' && ((isNoMailbox(error) && plan.mailboxes.tolerant) || wire.onMailboxError === 'warn')) {
      wire.context.warn({ code: error.code, message: error.message });
      return 0n;
    }
    if (error instanceof ExchangeSqlError && error.status === 400) throw new Refused(error);
    throw error;
  }
}
