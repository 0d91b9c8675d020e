/**
 * Owns: writing master categories.
 * Does not own: the categories items carry: those are free text.
 * Invariants: a name is unique without case and never changes.
 */
import type { Context, Route } from '../context.js';
import { GraphError, itemNotFound } from '../graph-error.js';
import { textAt, type Entity } from '../json.js';
import { guid } from '../random.js';
import type { Item } from '../store/items.js';
import { created, noContent, readEntity, transact, updated, type WriteRoute } from './index.js';

const METADATA = '/outlook/masterCategories';

const idOf = (context: Context, item: Item): string => guid(context.store.seed, item.n, 62);
const shown = (context: Context, item: Item): Entity => ({ id: idOf(context, item), ...item.entity });
const all = (context: Context): readonly Item[] => context.store.items.list(context.mailbox.mailbox, 'category');

function find(context: Context, id: string): Item {
  const found = all(context).find((item) => idOf(context, item) === id);
  if (found === undefined) throw itemNotFound();
  return found;
}

const add: Route = (context) => {
  const given = readEntity(context, 'outlookCategory');
  const displayName = textAt(given, 'displayName') ?? '';
  if (displayName.trim() === '') throw new GraphError(400, 'ErrorInvalidRequest', "The property 'displayName' must have a value.");
  if (displayName.length > 255) throw new GraphError(400, 'ErrorInvalidRequest', "The property 'displayName' is longer than 255 characters.");
  return transact(context, () => {
    if (all(context).some((item) => item.name?.toLowerCase() === displayName.toLowerCase())) {
      throw new GraphError(409, 'CategoryNameDuplicate', `A category with the name '${displayName}' already exists.`);
    }
    const n = context.store.items.add({
      kind: 'category', mailbox: context.mailbox.mailbox, parent: 0, name: displayName, entity: { displayName, color: given.color ?? 'none' },
    }, context.store.clock.now());
    return created(context, METADATA, shown(context, context.store.items.get(n)!));
  });
};

const patch: Route = (context, [id = '']) => {
  const given = readEntity(context, 'outlookCategory');
  const item = find(context, id);
  // Also refused when it is the name it has (facts 6.3).
  if (given.displayName !== undefined) throw new GraphError(400, 'ErrorInvalidPropertySet', "The property 'displayName' cannot be changed after the category was created.");
  return transact(context, () => {
    if (given.color !== undefined) context.store.items.patch(item.n, { color: given.color ?? 'none' }, context.store.clock.now());
    return updated(context, METADATA, shown(context, context.store.items.get(item.n)!));
  });
};

const remove: Route = (context, [id = '']) => {
  const item = find(context, id);
  return transact(context, () => {
    context.store.items.remove(item.n);
    return noContent();
  });
};

/** `outlook/` is taken off before (routes/path.ts). */
export const CATEGORY_WRITES: readonly WriteRoute[] = [['POST', 'masterCategories', add], ['PATCH', 'masterCategories/:', patch], ['DELETE', 'masterCategories/:', remove]];
