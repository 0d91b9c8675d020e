/**
 * Owns: creating, changing, deleting and licensing users.
 * Does not own: groups, what is in mailboxes.
 * Invariants: a new user has no mailbox until a licence is assigned; passwords are checked, never kept or shown.
 */
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { isObject, iso, textAt, type Entity } from '../json.js';
import { showDirectory } from '../routes/directory.js';
import type { Mailbox } from '../store/mailboxes.js';
import { StoreWriter } from '../store/store-writer.js';
import type { Json, JsonObject } from '../writer.js';
import { readDirectory, refused, require, taken } from './directory-body.js';
import { noContent, readParameters, transact, type WriteRoute } from './index.js';

/** Kept elsewhere than the rest: a change of these comes alone. */
const APART = ['aboutMe', 'birthday', 'hireDate', 'interests', 'mySite', 'pastProjects', 'preferredName', 'responsibilities', 'schools', 'skills'];
const WRITABLE = new Set([
  'accountEnabled', 'ageGroup', 'businessPhones', 'city', 'companyName', 'consentProvidedForMinor', 'country', 'department', 'displayName', 'employeeHireDate', 'employeeId', 'employeeOrgData', 'employeeType',
  'faxNumber', 'givenName', 'identities', 'jobTitle', 'mail', 'mailNickname', 'mobilePhone', 'officeLocation', 'onPremisesImmutableId', 'otherMails', 'passwordPolicies', 'passwordProfile', 'postalCode',
  'preferredLanguage', 'showInAddressList', 'state', 'streetAddress', 'surname', 'usageLocation', 'userPrincipalName', 'userType', ...APART,
]);

function checkName(context: Context, given: Entity, self?: number): void {
  const upn = textAt(given, 'userPrincipalName');
  if (upn === undefined) return;
  if (!/^[^@\s]+@[^@\s]+$/.test(upn)) throw refused("Property userPrincipalName is invalid.");
  const domains = context.store.items.list(0, 'organization').flatMap((item) => (Array.isArray(item.entity.verifiedDomains) ? item.entity.verifiedDomains as readonly Json[] : [])).map((domain) => textAt(domain, 'name')?.toLowerCase());
  if (domains.length > 0 && !domains.includes(upn.split('@')[1]!.toLowerCase())) {
    throw refused('The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.');
  }
  const other = context.store.mailboxes.find(upn);
  if (other !== undefined && other.mailbox !== self) throw taken('userPrincipalName');
}

/** What is stored: without the password, one business phone at most. */
function stored(given: Entity): Entity {
  const { passwordProfile, ...members } = given;
  if (isObject(passwordProfile) && (textAt(passwordProfile, 'password') ?? '').length < 8) {
    throw refused('The specified password does not comply with password complexity requirements. Please provide a different password.');
  }
  if (Array.isArray(members.businessPhones) && members.businessPhones.length > 1) throw refused("Invalid value specified for property 'businessPhones' of resource 'User'.");
  const location = members.usageLocation;
  if (typeof location === 'string' && !/^[A-Z]{2}$/.test(location)) throw refused("Invalid value specified for property 'usageLocation' of resource 'User'.");
  return members;
}

const add: Route = (context) => {
  const { given } = readDirectory(context, 'user', WRITABLE);
  require(given, 'User', ['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName', 'passwordProfile']);
  if (textAt(given.passwordProfile, 'password') === undefined) throw refused("A value is required for property 'password' of resource 'User'.");
  checkName(context, given);
  const entity = stored(given);
  return transact(context, () => {
    const upn = String(given.userPrincipalName);
    new StoreWriter(context.store).addMailbox({ userPrincipalName: upn, displayName: String(given.displayName), kind: 'none', entity: { ...entity, createdDateTime: `${iso(context.store.clock.now()).slice(0, 19)}Z` } });
    return shown(context, context.store.mailboxes.find(upn)!, 201);
  });
};

function shown(context: Context, user: Mailbox, status: 200 | 201): ReturnType<typeof json> {
  const answer = json({ '@odata.context': `${context.request.root}/$metadata#users/$entity`, ...showDirectory(user, context) });
  return status === 200 ? answer : { ...answer, status, headers: { ...answer.headers, location: `${context.request.root}/directoryObjects/${user.guid}/Microsoft.DirectoryServices.User` } };
}

const patch: Route = (context) => {
  const { given } = readDirectory(context, 'user', WRITABLE);
  const names = Object.keys(given);
  if (names.some((name) => APART.includes(name)) && !names.every((name) => APART.includes(name))) throw refused('The request contains properties that must be updated in a request of their own.');
  const user = context.mailbox;
  for (const name of ['displayName', 'userPrincipalName', 'mailNickname', 'accountEnabled']) if (given[name] === null || given[name] === '') throw refused(`Invalid value specified for property '${name}' of resource 'User'.`);
  checkName(context, given, user.mailbox);
  const entity = stored(given);
  return transact(context, () => {
    const renamed = textAt(entity, 'userPrincipalName');
    const mail: Entity = renamed !== undefined && user.entity.mail === user.upn ? { mail: renamed, proxyAddresses: [`SMTP:${renamed}`, `smtp:${user.upn}`] } : {};
    context.store.mailboxes.patch(user.mailbox, { ...mail, ...entity });
    return noContent();
  });
};

const remove: Route = (context) => transact(context, () => {
  context.store.mailboxes.remove(context.mailbox.mailbox);
  return noContent();
});

const isGuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

const assignLicense: Route = (context) => {
  const given = readParameters(context, 'assignLicense', { addLicenses: '[assignedLicense]', removeLicenses: '[Guid]' });
  if (!Array.isArray(given.addLicenses) || !Array.isArray(given.removeLicenses)) throw refused("One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: addLicenses, removeLicenses.");
  const user = context.mailbox;
  const adds = given.addLicenses as readonly JsonObject[];
  const removes = given.removeLicenses.map((id) => String(id).toLowerCase());
  const held = (Array.isArray(user.entity.assignedLicenses) ? user.entity.assignedLicenses as readonly JsonObject[] : []);
  const idOf = (licence: JsonObject): string => (textAt(licence, 'skuId') ?? '').toLowerCase();
  if (adds.some((licence) => !isGuid(idOf(licence)))) throw refused("Invalid value specified for property 'skuId'.");
  if (adds.length > 0 && typeof user.entity.usageLocation !== 'string') throw refused('License assignment cannot be done for user with invalid usage location.');
  for (const id of removes) if (!held.some((licence) => idOf(licence) === id)) throw refused('User does not have a corresponding license.');
  return transact(context, () => {
    const kept = held.filter((licence) => !removes.includes(idOf(licence)) && !adds.some((other) => idOf(other) === idOf(licence)));
    const added = adds.map((licence): Json => ({ disabledPlans: licence.disabledPlans ?? [], skuId: idOf(licence) }));
    context.store.mailboxes.patch(user.mailbox, { assignedLicenses: [...kept, ...added] });
    if (added.length > 0) new StoreWriter(context.store).provision(context.store.mailboxes.byNumber(user.mailbox)!);
    return shown(context, context.store.mailboxes.byNumber(user.mailbox)!, 200);
  });
};

const memberGroups: Route = (context) => {
  const given = readParameters(context, 'getMemberGroups', { securityEnabledOnly: 'Boolean' });
  const rows = context.store.mailboxes.groupsOf(context.mailbox.mailbox).filter((group) => given.securityEnabledOnly !== true || group.entity.securityEnabled === true).map((group) => group.guid);
  return json({ '@odata.context': `${context.request.root}/$metadata#Collection(Edm.String)`, value: rows }, rows.length);
};

/** Below one user; the empty pattern is the user himself. */
export const USER_WRITES: readonly WriteRoute[] = [
  ['PATCH', '', patch], ['DELETE', '', remove], ['POST', 'assignLicense', assignLicense], ['POST', 'getMemberGroups', memberGroups],
];
export const DIRECTORY_USER_WRITES: readonly WriteRoute[] = [['POST', 'users', add]];
