/**
 * Owns: finding what an id (or a well-known name) in a URL stands for, within one mailbox.
 * Does not own: showing it.
 * Invariants: ids of either space are taken, compared exactly; an id of a former place or of another mailbox is not found.
 */
import type { Context } from '../context.js';
import { idMalformed, itemNotFound } from '../graph-error.js';
import { mailboxOf, type ItemRef, type Kind } from '../ids.js';
import type { Item, ItemKind } from '../store/items.js';
import type { Heavy, MessageRow } from '../store/messages.js';

export function readId(context: Context, text: string, kinds: readonly Kind[]): ItemRef & { readonly immutable: boolean } {
  const ref = context.store.ids.read(text);
  if (ref === undefined) throw idMalformed();
  if (ref.row < 0 || !kinds.includes(ref.kind) || mailboxOf(ref.row) !== context.mailbox.mailbox) throw itemNotFound();
  return ref;
}

export function messageRow(context: Context, text: string, heavy: Heavy): MessageRow {
  const ref = readId(context, text, ['message']);
  const row = context.store.messages.row(ref.row, heavy);
  if (row === undefined || (!ref.immutable && row.moves !== ref.moves)) throw itemNotFound();
  return row;
}

export function mailFolder(context: Context, text: string): Item {
  const name = text.toLowerCase();
  const known = context.store.wellKnown(context.mailbox.mailbox, 'mailFolder', name);
  if (known !== undefined) return known;
  return folderItem(context, text, 'mailFolder');
}

/** Folder, calendar, calendar group or to-do list by id. */
export function folderItem(context: Context, text: string, kind: ItemKind & Kind): Item {
  const ref = readId(context, text, [kind]);
  const item = context.store.items.get(ref.row);
  if (item?.kind !== kind) throw itemNotFound();
  return item;
}

export function contactFolder(context: Context, text: string): Item {
  if (text.toLowerCase() === 'contacts') return defaultContactFolder(context);
  return folderItem(context, text, 'contactFolder');
}

export function defaultContactFolder(context: Context): Item {
  const item = context.store.wellKnown(context.mailbox.mailbox, 'contactFolder', 'contacts');
  if (item === undefined) throw itemNotFound();
  return item;
}

/** An empty text is the default calendar. */
export function calendarItem(context: Context, text: string): Item {
  if (text !== '') return folderItem(context, text, 'calendar');
  const item = context.store.wellKnown(context.mailbox.mailbox, 'calendar', 'calendar');
  if (item === undefined) throw itemNotFound();
  return item;
}

export function itemById(context: Context, text: string, kind: ItemKind & Kind): Item {
  const ref = readId(context, text, [kind]);
  const item = context.store.items.get(ref.row);
  if (item?.kind !== kind || (!ref.immutable && item.moves !== ref.moves)) throw itemNotFound();
  return item;
}
