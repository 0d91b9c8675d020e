/**
 * Owns: when a mailbox is free and when not, from the events of its default calendar.
 * Does not own: the answers that show it (write/schedule.ts).
 * Invariants: cancelled meetings and hidden private details never count or show; of overlapping items the busiest counts.
 */
import { isObject, textAt } from '../json.js';
import type { Item } from '../store/items.js';
import type { Store } from '../store/store.js';
import type { Json } from '../writer.js';
import { viewOf } from './occurrence.js';

export type Status = 'free' | 'tentative' | 'busy' | 'oof' | 'workingElsewhere' | 'unknown';

export interface BusyItem {
  readonly event: Item;
  /** UTC milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly status: Status;
  readonly subject: string;
  readonly location: string;
  readonly isPrivate: boolean;
}

/** Digits of availabilityView. */
const DIGIT: Readonly<Record<Status, string>> = { free: '0', tentative: '1', busy: '2', oof: '3', workingElsewhere: '4', unknown: '0' };
const WEIGHT: Readonly<Record<Status, number>> = { unknown: 0, free: 1, workingElsewhere: 2, tentative: 3, busy: 4, oof: 5 };

const isStatus = (text: Json | undefined): text is Status => typeof text === 'string' && Object.hasOwn(DIGIT, text);

/** Items of the default calendar that overlap [from, to), by start. */
export function busyItems(store: Store, mailbox: number, from: number, to: number): BusyItem[] {
  const calendar = store.wellKnown(mailbox, 'calendar', 'calendar');
  if (calendar === undefined) return [];
  return viewOf(store.items.list(mailbox, 'event', calendar.n), from, to).flatMap((occurrence): BusyItem[] => {
    const entity = { ...occurrence.item.entity, ...occurrence.changed };
    if (entity.isCancelled === true) return [];
    const location = isObject(entity.location) ? textAt(entity.location, 'displayName') ?? '' : '';
    return [{
      event: occurrence.item, start: occurrence.start, end: occurrence.end, status: isStatus(entity.showAs) ? entity.showAs : 'busy', subject: textAt(entity, 'subject') ?? '', location,
      isPrivate: entity.sensitivity === 'private',
    }];
  });
}

export function statusIn(items: readonly BusyItem[], from: number, to: number): Status {
  let found: Status = 'free';
  for (const item of items) {
    if (item.start >= to || (item.end <= from && !(item.start === item.end && item.start >= from))) continue;
    if (WEIGHT[item.status] > WEIGHT[found]) found = item.status;
  }
  return found;
}

/** One digit per `minutes`, the last one for the rest. */
export function availabilityView(items: readonly BusyItem[], from: number, to: number, minutes: number): string {
  let view = '';
  for (let at = from; at < to; at += minutes * 60_000) view += DIGIT[statusIn(items, at, Math.min(to, at + minutes * 60_000))];
  return view;
}
