/**
 * Owns: where a page starts and ends, its nextLink, and the bad day's short, empty and repeating pages.
 * Does not own: which rows there are.
 * Invariants: links are absolute, built from the request's own origin; following them always ends.
 */
import type { Context } from '../context.js';
import { badRequest } from '../graph-error.js';
import { mix } from '../random.js';
import type { Entity } from '../json.js';
import { json, type GraphAnswer } from '../exchange.js';
import { linkQuery } from './options.js';

/** Marks a link that follows an empty page, so that the next page is not empty again. */
const AFTER_EMPTY = 'Z-empty';

export interface PagePlan {
  readonly skip: number;
  /** Rows to read at most. */
  readonly take: number;
  /** What `$skip` the next link has, when there are more rows. */
  readonly next: number;
  readonly empty: boolean;
}

export function planPage(context: Context, size: number, skip: number): PagePlan {
  const faults = context.service.faults.get();
  const { seed } = context.store;
  if (faults.emptyPages && !(context.options.skiptoken ?? '').endsWith(AFTER_EMPTY) && mix(seed, skip, size, 5) % 3 === 0) return { skip, take: 0, next: skip, empty: true };
  const take = faults.shortPages ? Math.max(1, Math.floor((size * (50 + (mix(seed, skip, 6) % 51))) / 100)) : size;
  return { skip, take, next: faults.repeatRows && take > 1 ? skip + take - 1 : skip + take, empty: false };
}

export function nextLink(context: Context, changes: Readonly<Record<string, string | undefined>>): string {
  return `${context.request.root}${context.request.path}?${linkQuery(context.options, changes)}`;
}

/** A page of an Outlook collection: `$skip` in the link. `more`: whether rows follow. */
export function skipPage(context: Context, metadata: string, rows: readonly Entity[], plan: PagePlan, more: boolean, count: number | undefined): GraphAnswer {
  const link = plan.empty
    ? nextLink(context, { $skip: String(plan.skip), $skiptoken: AFTER_EMPTY })
    : more ? nextLink(context, { $skip: String(plan.next), $skiptoken: undefined }) : undefined;
  return pageAnswer(context, metadata, rows, link, count);
}

export function pageAnswer(context: Context, metadata: string, rows: readonly Entity[], link: string | undefined, count: number | undefined): GraphAnswer {
  return json({
    '@odata.context': context.contextBase + metadata,
    ...(count === undefined ? {} : { '@odata.count': count }),
    value: rows,
    ...(link === undefined ? {} : { '@odata.nextLink': link }),
  }, rows.length);
}

/** Offsets that clients are not meant to read. */
export function offsetToken(offset: number): string {
  return `RFNwdAoAAQAAAAAAAAAAFAAAA${Buffer.from(`o${String(offset)}`).toString('base64url')}`;
}

export function readOffsetToken(token: string | undefined): number {
  if (token === undefined) return 0;
  const match = /^RFNwdAoAAQAAAAAAAAAAFAAAA(.+)$/.exec(token);
  const text = match === null ? '' : Buffer.from(match[1]!, 'base64url').toString();
  if (!/^o\d+$/.test(text)) throw badRequest('The value of the $skiptoken query option is not valid.');
  return Number(text.slice(1));
}
