/**
 * Owns: creating, changing and deleting groups, and their members.
 * Does not own: their mail (group-mail.ts).
 * Invariants: only Microsoft 365 and security groups can be made here; a member is in a group once.
 */
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { directoryNotFound } from '../graph-error.js';
import { isObject, iso, textAt, type Entity } from '../json.js';
import { showDirectory } from '../routes/directory.js';
import { StoreWriter } from '../store/store-writer.js';
import type { Mailbox } from '../store/mailboxes.js';
import type { Json } from '../writer.js';
import { readDirectory, referenced, refused, require, taken, type DirectoryBody } from './directory-body.js';
import { noContent, readJson, transact, type WriteRoute } from './index.js';

const PATCHABLE = new Set([
  'allowExternalSenders', 'autoSubscribeNewMembers', 'classification', 'description', 'displayName', 'hideFromAddressLists', 'hideFromOutlookClients', 'mailNickname', 'membershipRule',
  'membershipRuleProcessingState', 'preferredDataLocation', 'preferredLanguage', 'theme', 'visibility', 'securityEnabled', 'mailEnabled', 'groupTypes',
]);
const CREATABLE = new Set([...PATCHABLE, 'isAssignableToRole', 'resourceBehaviorOptions', 'resourceProvisioningOptions']);
const MOST_BOUND = 20;

const alreadyThere = (property: string): Error => refused(`One or more added object references already exist for the following modified properties: '${property}'.`);

function bound(context: Context, body: DirectoryBody, property: 'members' | 'owners'): readonly Mailbox[] {
  const list = body.whole[`${property}@odata.bind`];
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw refused(`The value of '${property}@odata.bind' must be a list.`);
  if (list.length > MOST_BOUND) throw refused(`The number of references in '${property}@odata.bind' exceeds the limit of ${String(MOST_BOUND)}.`);
  return (list as readonly Json[]).map((reference) => referenced(context, reference));
}

function checkVisibility(given: Entity): void {
  if (given.visibility !== undefined && given.visibility !== null && !['Private', 'Public', 'HiddenMembership'].includes(String(given.visibility))) throw refused("Invalid value specified for property 'visibility' of resource 'Group'.");
}

const nicknameTaken = (context: Context, nickname: string, self?: number): boolean =>
  context.store.mailboxes.list().some((other) => other.kind === 'group' && other.mailbox !== self && textAt(other.entity, 'mailNickname')?.toLowerCase() === nickname.toLowerCase());

const add: Route = (context) => {
  const body = readDirectory(context, 'group', CREATABLE);
  const { given } = body;
  require(given, 'Group', ['displayName', 'mailEnabled', 'mailNickname', 'securityEnabled']);
  const types = Array.isArray(given.groupTypes) ? given.groupTypes.map(String) : [];
  const unified = types.includes('Unified');
  if (unified !== given.mailEnabled) throw refused('The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.');
  if (!unified && given.securityEnabled !== true) throw refused('A group must be security-enabled or a Microsoft 365 group.');
  const nickname = String(given.mailNickname);
  if (!/^[\x21\x23-\x27\x2a-\x2b\x2d-\x39\x3d\x3f\x41-\x5a\x5e-\x7e]{1,64}$/.test(nickname)) throw refused("Invalid value specified for property 'mailNickname' of resource 'Group'.");
  checkVisibility(given);
  const members = [...bound(context, body, 'members'), ...bound(context, body, 'owners')];
  return transact(context, () => {
    if (unified && nicknameTaken(context, nickname)) throw taken('mailNickname');
    const domain = context.signedIn.upn.split('@')[1] ?? 'contoso.example';
    const mail = `${nickname}@${domain}`;
    // Security groups have no address; the store keeps one by which nobody finds them.
    const key = unified ? mail : `${nickname}.${String(context.store.mailboxes.list().length)}@groups.invalid`;
    new StoreWriter(context.store).addGroup({
      ...given, mail: key, groupTypes: types, createdDateTime: `${iso(context.store.clock.now()).slice(0, 19)}Z`, renewedDateTime: `${iso(context.store.clock.now()).slice(0, 19)}Z`,
      visibility: given.visibility ?? (unified ? 'Public' : null),
    }, []);
    const group = context.store.mailboxes.find(key)!;
    if (!unified) context.store.mailboxes.patch(group.mailbox, { mail: null, proxyAddresses: [] });
    for (const member of members) context.store.mailboxes.addMember(group.mailbox, member.mailbox);
    const answer = json({ '@odata.context': `${context.request.root}/$metadata#groups/$entity`, ...showDirectory(context.store.mailboxes.byNumber(group.mailbox)!, context) });
    return { ...answer, status: 201, headers: { ...answer.headers, location: `${context.request.root}/directoryObjects/${group.guid}/Microsoft.DirectoryServices.Group` } };
  });
};

const patch: Route = (context) => {
  const body = readDirectory(context, 'group', PATCHABLE);
  const { given } = body;
  for (const name of ['displayName', 'mailNickname']) if (given[name] === null || given[name] === '') throw refused(`Invalid value specified for property '${name}' of resource 'Group'.`);
  checkVisibility(given);
  const group = context.mailbox;
  for (const name of ['mailEnabled', 'groupTypes']) if (given[name] !== undefined && JSON.stringify(given[name]) !== JSON.stringify(group.entity[name])) throw refused(`Property '${name}' cannot be changed.`);
  const members = bound(context, body, 'members');
  return transact(context, () => {
    if (typeof given.mailNickname === 'string' && nicknameTaken(context, given.mailNickname, group.mailbox)) throw taken('mailNickname');
    context.store.mailboxes.patch(group.mailbox, given);
    for (const member of members) addOne(context, member);
    return noContent();
  });
};

function addOne(context: Context, member: Mailbox): void {
  const group = context.mailbox.mailbox;
  if (member.mailbox === group) throw refused('A group cannot be a member of itself.');
  if (context.store.mailboxes.isMember(group, member.mailbox)) throw alreadyThere('members');
  context.store.mailboxes.addMember(group, member.mailbox);
}

const addMember: Route = (context) => {
  const body = readJson(context);
  const member = referenced(context, isObject(body) ? body['@odata.id'] : undefined);
  return transact(context, () => {
    addOne(context, member);
    return noContent();
  });
};

const removeMember: Route = (context, [id = '']) => {
  const member = context.store.mailboxes.find(id);
  if (member === undefined || !context.store.mailboxes.isMember(context.mailbox.mailbox, member.mailbox)) throw directoryNotFound(id);
  return transact(context, () => {
    context.store.mailboxes.removeMember(context.mailbox.mailbox, member.mailbox);
    return noContent();
  });
};

const remove: Route = (context) => transact(context, () => {
  context.store.mailboxes.remove(context.mailbox.mailbox);
  return noContent();
});

/** Below one group; the empty pattern is the group itself. */
export const GROUP_DIRECTORY_WRITES: readonly WriteRoute[] = [
  ['PATCH', '', patch], ['DELETE', '', remove], ['POST', 'members/$ref', addMember], ['DELETE', 'members/:/$ref', removeMember],
];
export const DIRECTORY_GROUP_WRITES: readonly WriteRoute[] = [['POST', 'groups', add]];
