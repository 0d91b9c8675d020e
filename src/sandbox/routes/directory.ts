/**
 * Owns: users, groups, members, the organization.
 * Does not own: mailboxes' contents.
 * Invariants: the directory's own paging ($skiptoken, 100 by default, 999 at most) and default property set.
 */
import type { Context, Route } from '../context.js';
import { json, plainText, type GraphAnswer } from '../exchange.js';
import { directoryNotFound, expandNotSupported, GraphError } from '../graph-error.js';
import { textAt, type Entity } from '../json.js';
import { filterPredicate, foldText, orderComparer, propertiesOf } from '../odata/index.js';
import { shape } from '../present.js';
import { checkDirectory } from '../query/directory-rules.js';
import { pageSize } from '../query/options.js';
import { nextLink, offsetToken, pageAnswer, planPage, readOffsetToken } from '../query/page.js';
import { parseFor, type Parsed } from '../query/parsed.js';
import type { Mailbox } from '../store/mailboxes.js';
import { USER_DEFAULT } from '../store/templates.js';
import type { Json } from '../writer.js';

/** Only readable on one user, not on the collection (facts 1.4). */
const SINGLE_USER_ONLY = new Set(['aboutMe', 'birthday', 'hireDate', 'interests', 'mySite', 'pastProjects', 'preferredName', 'responsibilities', 'schools', 'skills', 'mailboxSettings']);
const USER_SET: ReadonlySet<string> = new Set(USER_DEFAULT);

const eventual = (context: Context): boolean => /^eventual$/i.test(context.request.headers.consistencylevel ?? '');

interface DirectoryList {
  readonly type: 'user' | 'group' | 'directoryObject';
  readonly metadata: string;
  readonly rows: readonly Mailbox[];
  readonly odataType?: string;
}

/** All members of the type are present, null where nobody set them. */
function whole(mailbox: Mailbox, type: 'user' | 'group', odataType: boolean): Entity {
  const entity: Entity = odataType ? { '@odata.type': `#microsoft.graph.${type}` } : {};
  if (type === 'user') for (const property of propertiesOf('user')) if (!property.navigation && !SINGLE_USER_ONLY.has(property.name)) entity[property.name] = property.type.collection ? [] : null;
  return { ...entity, ...mailbox.entity };
}

const typeOf = (mailbox: Mailbox): 'user' | 'group' => (mailbox.kind === 'group' ? 'group' : 'user');

function search(text: string, rows: readonly Entity[]): readonly Entity[] {
  const clauses = [...text.matchAll(/"(\w+):([^"]*)"|(AND|OR)/g)];
  if (clauses.length === 0) throw new GraphError(400, 'Request_BadRequest', 'The $search clause is not valid: write "property:value".');
  return rows.filter((row) => {
    let result: boolean | undefined;
    let operator = 'OR';
    for (const clause of clauses) {
      if (clause[3] !== undefined) {
        operator = clause[3];
        continue;
      }
      const value = foldText(clause[2]!);
      const hit = foldText(textAt(row, clause[1]!) ?? '').split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(value)) || foldText(textAt(row, clause[1]!) ?? '').startsWith(value);
      result = result === undefined ? hit : operator === 'AND' ? result && hit : result || hit;
    }
    return result ?? false;
  });
}

function resolve(context: Context, list: DirectoryList, parsed: Parsed): readonly Entity[] {
  checkDirectory(parsed, context.options, eventual(context));
  if (parsed.select !== undefined) {
    for (const name of parsed.select) if (list.type === 'user' && SINGLE_USER_ONLY.has(name)) throw new GraphError(501, 'NotImplemented', 'This operation target is not yet supported.');
  }
  let rows: readonly Entity[] = list.rows.map((mailbox) => whole(mailbox, typeOf(mailbox), list.type === 'directoryObject'));
  if (context.options.search !== undefined) rows = search(context.options.search, rows);
  if (parsed.filter !== undefined) rows = rows.filter(filterPredicate(parsed.filter));
  return parsed.orderBy.length > 0 ? [...rows].sort(orderComparer(parsed.orderBy)) : [...rows].sort(orderById);
}

// The directory promises no order; ids are as good as any and do not look sorted.
const orderById = (left: Entity, right: Entity): number => (String(left.id) < String(right.id) ? -1 : 1);

function serve(context: Context, list: DirectoryList): GraphAnswer {
  // Members carry the properties of users; unknown names are looked up there.
  const parsed = parseFor(list.type === 'directoryObject' ? 'user' : list.type, context.options);
  const rows = resolve(context, list, parsed);
  const size = pageSize(context.options, { standard: 100, maximum: 999, tooLarge: 'refuse' });
  const offset = readOffsetToken(context.options.skiptoken?.replace(/Z-empty$/, ''));
  const plan = planPage(context, size, offset);
  const page = rows.slice(plan.skip, plan.skip + plan.take).map((row) => show(row, parsed, context));
  const more = plan.empty || plan.skip + plan.take < rows.length;
  const count = context.options.count && eventual(context) && context.options.skiptoken === undefined ? rows.length : undefined;
  return pageAnswer(context, `${list.metadata}${parsed.select === undefined ? '' : `(${[...parsed.select].join(',')})`}`, page,
    more ? nextLink(context, { $skiptoken: plan.empty ? `${offsetToken(plan.skip)}Z-empty` : offsetToken(plan.next) }) : undefined, count);
}

function show(row: Entity, parsed: Parsed, context: Context): Entity {
  const isUser = 'userPrincipalName' in row;
  const shown = shape(row, 'directoryObject', parsed.select ?? (isUser ? USER_SET : undefined));
  if (parsed.select !== undefined && !parsed.select.has('id') && !context.request.path.includes('members')) {
    // Directory rows carry only what was selected, but the key stays.
    shown.id = row.id ?? null;
  }
  for (const item of parsed.expand) {
    if (item.name === 'members' || item.name === 'transitiveMembers') shown[item.name] = expandMembers(context, String(row.id));
    else if (['memberOf', 'owners', 'directReports', 'manager', 'transitiveMemberOf', 'ownedObjects'].includes(item.name)) shown[item.name] = item.type.collection ? [] : null;
    else throw expandNotSupported(item.name);
  }
  return shown;
}

/** At most 20 expanded entries per parent (facts 1.3). */
const expandMembers = (context: Context, group: string): Json => {
  const found = context.store.mailboxes.find(group);
  return found === undefined ? [] : context.store.mailboxes.members(found.mailbox).slice(0, 20).map((member) => shape(whole(member, typeOf(member), true), 'user', USER_SET));
};

function count(context: Context, list: DirectoryList): GraphAnswer {
  if (!eventual(context)) throw new GraphError(400, 'Request_BadRequest', '$count is not currently supported.');
  const parsed = parseFor(list.type === 'directoryObject' ? 'user' : list.type, context.options);
  return plainText(String(resolve({ ...context, options: { ...context.options, count: true } }, list, parsed).length));
}

function single(context: Context, mailbox: Mailbox, type: 'user' | 'group'): GraphAnswer {
  const parsed = parseFor(type, context.options, { filter: false, orderby: false });
  const row = whole(mailbox, type, false);
  if (parsed.select?.has('mailboxSettings') === true) row.mailboxSettings = mailbox.settings;
  if (type === 'user') for (const name of SINGLE_USER_ONLY) if (parsed.select?.has(name) === true && row[name] === undefined) row[name] = /s$/.test(name) && name !== 'mailboxSettings' ? [] : null;
  const metadata = `$metadata#${type}s${parsed.select === undefined ? '' : `(${[...parsed.select].join(',')})`}/$entity`;
  return json({ '@odata.context': `${context.request.root}/${metadata}`, ...show(row, parsed, context) });
}

/** A user or group as a write answers it: the default set of users, all of groups. */
export const showDirectory = (mailbox: Mailbox, context: Context): Entity =>
  show(whole(mailbox, typeOf(mailbox), false), parseFor(typeOf(mailbox), context.options, { filter: false, orderby: false }), context);

const users = (context: Context): DirectoryList => ({ type: 'user', metadata: 'users', rows: context.store.mailboxes.list().filter((mailbox) => mailbox.kind !== 'group') });
const groups = (context: Context): DirectoryList => ({ type: 'group', metadata: 'groups', rows: context.store.mailboxes.list().filter((mailbox) => mailbox.kind === 'group') });
const members = (context: Context, asUsers: boolean): DirectoryList => ({
  type: asUsers ? 'user' : 'directoryObject', metadata: asUsers ? 'users' : 'directoryObjects', rows: context.store.mailboxes.members(context.mailbox.mailbox),
});

/** Routes below the version root. */
export const DIRECTORY_ROUTES: readonly (readonly [string, Route])[] = [
  ['users', (context) => serve(context, users(context))],
  ['users/$count', (context) => count(context, users(context))],
  ['groups', (context) => serve(context, groups(context))],
  ['groups/$count', (context) => count(context, groups(context))],
  ['organization', (context) => {
    const rows = context.store.items.list(0, 'organization').map((item) => item.entity);
    const parsed = parseFor('organization', context.options, { filter: false, orderby: false });
    return pageAnswer(context, 'organization', rows.map((row) => shape(row, 'organization', parsed.select)), undefined, undefined);
  }],
  ['organization/:', (context, [id = '']) => {
    const found = context.store.items.list(0, 'organization').find(({ entity }) => entity.id === id);
    if (found === undefined) throw directoryNotFound(id);
    const parsed = parseFor('organization', context.options, { filter: false, orderby: false });
    return json({ '@odata.context': `${context.contextBase}organization/$entity`, ...shape(found.entity, 'organization', parsed.select) });
  }],
];

/** Routes below one user. */
export const USER_ROUTES: readonly (readonly [string, Route])[] = [['', (context) => single(context, context.mailbox, 'user')]];

/** Routes below one group. */
export const GROUP_DIRECTORY_ROUTES: readonly (readonly [string, Route])[] = [
  ['', (context) => single(context, context.mailbox, 'group')],
  ['members', (context) => serve(context, members(context, false))],
  ['members/$count', (context) => count(context, members(context, false))],
  ['members/microsoft.graph.user', (context) => serve(context, members(context, true))],
  ['transitiveMembers', (context) => serve(context, members(context, false))],
  ['owners', (context) => serve(context, { type: 'directoryObject', metadata: 'directoryObjects', rows: context.store.mailboxes.members(context.mailbox.mailbox).slice(0, 1) })],
];

/** The user or group a path names; refuses with the directory's text. */
export function directoryObject(context: Pick<Context, 'store'>, key: string, groupWanted: boolean): Mailbox {
  const found = context.store.mailboxes.find(key);
  if (found === undefined || (found.kind === 'group') !== groupWanted) throw directoryNotFound(key);
  return found;
}
