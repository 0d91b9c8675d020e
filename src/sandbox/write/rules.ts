/**
 * Owns: writing the inbox's message rules.
 * Does not own: carrying them out.
 * Invariants: a rule has a name, a positive sequence and at least one action; folders it names exist.
 */
import type { Context, Route } from '../context.js';
import { GraphError, itemNotFound } from '../graph-error.js';
import { isObject, textAt, type Entity } from '../json.js';
import { mailFolder } from '../routes/lookup.js';
import type { Item } from '../store/items.js';
import { MESSAGE_RULE } from '../store/templates.js';
import type { Json, JsonObject } from '../writer.js';
import { created, noContent, readEntity, transact, updated, type WriteRoute } from './index.js';

const METADATA = "/mailFolders('inbox')/messageRules";
const READ_ONLY: ReadonlySet<string> = new Set(['hasError']);
const RECIPIENTS = ['forwardTo', 'redirectTo', 'forwardAsAttachmentTo'];

const invalid = (message: string): GraphError => new GraphError(400, 'MessageRuleValidationError', message);

const idOf = (item: Item): string => `AQAAA${Buffer.from(String(item.n)).toString('base64url')}=`;
const shown = (context: Context, n: number): Entity => {
  const item = context.store.items.get(n)!;
  return { id: idOf(item), ...item.entity };
};

function inbox(context: Context, id: string): void {
  if (mailFolder(context, id).wellKnown !== 'inbox') throw new GraphError(400, 'ErrorInvalidRequest', 'Message rules belong to the inbox.');
}

function find(context: Context, folder: string, rule: string): Item {
  inbox(context, folder);
  const found = context.store.items.list(context.mailbox.mailbox, 'rule').find((item) => idOf(item) === rule);
  if (found === undefined) throw itemNotFound();
  return found;
}

const hasAddress = (value: Json): boolean => /^[^@\s]+@[^@\s]+$/.test(textAt(value, 'emailAddress', 'address') ?? '');

function checkActions(context: Context, actions: JsonObject): void {
  if (Object.values(actions).every((value) => value === null || value === false || (Array.isArray(value) && value.length === 0))) throw invalid('A rule must have at least one action.');
  for (const name of ['moveToFolder', 'copyToFolder']) {
    const folder = actions[name];
    if (typeof folder !== 'string') continue;
    try {
      mailFolder(context, folder);
    } catch {
      throw invalid(`The folder of the action '${name}' does not exist.`);
    }
  }
  for (const name of RECIPIENTS) {
    const list = actions[name];
    if (Array.isArray(list) && (list.length === 0 || !list.every(hasAddress))) throw invalid(`The action '${name}' needs recipients with an address.`);
  }
}

function check(context: Context, rule: Entity): void {
  if ((textAt(rule, 'displayName') ?? '').trim() === '') throw invalid("A rule must have a 'displayName'.");
  if (typeof rule.sequence !== 'number' || rule.sequence < 1) throw invalid("The 'sequence' of a rule must be a positive number.");
  if (!isObject(rule.actions)) throw invalid('A rule must have at least one action.');
  checkActions(context, rule.actions);
  for (const name of ['conditions', 'exceptions']) {
    const range = isObject(rule[name]) ? rule[name].withinSizeRange : undefined;
    if (isObject(range) && typeof range.minimumSize === 'number' && typeof range.maximumSize === 'number' && range.maximumSize !== 0 && range.minimumSize > range.maximumSize) {
      throw invalid("The 'withinSizeRange' of a rule is empty.");
    }
  }
}

const add: Route = (context, [folder = '']) => {
  const given = readEntity(context, 'messageRule', { readOnly: READ_ONLY });
  inbox(context, folder);
  const rule: Entity = { ...MESSAGE_RULE, sequence: null, ...given, isEnabled: given.isEnabled ?? true, isReadOnly: given.isReadOnly ?? false };
  check(context, rule);
  return transact(context, () => {
    const n = context.store.items.add({ kind: 'rule', mailbox: context.mailbox.mailbox, parent: 0, entity: rule }, context.store.clock.now());
    return created(context, METADATA, shown(context, n));
  });
};

const patch: Route = (context, [folder = '', id = '']) => {
  const given = readEntity(context, 'messageRule', { readOnly: READ_ONLY });
  const item = find(context, folder, id);
  if (item.entity.isReadOnly === true) throw new GraphError(400, 'ErrorInvalidRequest', 'The rule is read-only.');
  check(context, { ...item.entity, ...given });
  return transact(context, () => {
    context.store.items.patch(item.n, given, context.store.clock.now());
    return updated(context, METADATA, shown(context, item.n));
  });
};

const remove: Route = (context, [folder = '', id = '']) => {
  const item = find(context, folder, id);
  return transact(context, () => {
    context.store.items.remove(item.n);
    return noContent();
  });
};

export const RULE_WRITES: readonly WriteRoute[] = [
  ['POST', 'mailFolders/:/messageRules', add], ['PATCH', 'mailFolders/:/messageRules/:', patch], ['DELETE', 'mailFolders/:/messageRules/:', remove],
];
