/** What a reference needs so that both sides read the same rows, and how tables belong together. */
import type { Draw } from '../harness/draw.js';
import { isWindowed, placeColumns, quoted, type Known, type Oracle, type Scope } from '../harness/oracle.js';
import { MAIN, SECOND, SHARED, WINDOW } from '../harness/tenant.js';
import type { Ref } from './predicates.js';

export interface World {
  readonly oracle: Oracle;
  readonly scope: Scope;
  readonly tables: readonly Known[];
  /** Tables a join finds partners for. */
  readonly paths: readonly Path[];
  /** Calendar views are bound by their inputs; else by conditions on start and end. All of a statement, or none. */
  readonly inputs: boolean;
}

export interface Path {
  readonly left: Known;
  readonly right: Known;
  readonly columns: readonly (readonly [left: string, right: string])[];
}

/** Columns beyond the declared references that may meet. */
const MEETINGS: readonly (readonly [string, string])[] = [
  ['MessageRecipients.emailAddress_address', 'Users.mail'],
  ['Messages.from_emailAddress_address', 'Users.mail'],
  ['Messages.from_emailAddress_name', 'Contacts.displayName'],
  ['Events.subject', 'Messages.subject'],
  ['Messages.conversationId', 'Messages.conversationId'],
  ['CalendarView.iCalUId', 'Events.iCalUId'],
  ['GroupMembers.id', 'Users.id'],
  ['GroupMembers.displayName', 'Users.displayName'],
  ['Users.displayName', 'Groups.displayName'],
  ['Messages.receivedDateTime', 'MessageRecipients.receivedDateTime'],
  ['EventAttendees.emailAddress_address', 'MessageRecipients.emailAddress_address'],
];

export function worldOf(oracle: Oracle, scope: Scope): World {
  const all = [...oracle.tables[scope].values()];
  // What belongs to the rows of a place (attendees, say) is itself read from the default place only.
  const tables = all.filter(({ declaration }) => (scope === 'places' ? placeColumns(declaration).length > 0 || ['Calendars', 'ContactFolders'].includes(declaration.name) : scope === 'own' || declaration.scope === 'mailbox' || declaration.name === 'Users'));
  const byName = new Map(tables.map((table) => [table.declaration.name, table]));
  const paths: Path[] = [];
  const add = (from: string, to: string): void => {
    const [left, leftColumn] = from.split('.') as [string, string];
    const [right, rightColumn] = to.split('.') as [string, string];
    const [a, b] = [byName.get(left), byName.get(right)];
    if (a !== undefined && b !== undefined) paths.push({ left: a, right: b, columns: [[leftColumn, rightColumn]] });
  };
  for (const { declaration } of tables) {
    for (const { name, references, selector, pseudo } of declaration.columns) {
      if (pseudo === true) continue;
      // Joined on, a column that chooses where rows are read is bound.
      if (references !== undefined && (selector !== true || scope === 'places')) add(`${declaration.name}.${name}`, references);
    }
  }
  for (const [from, to] of MEETINGS) add(from, to);
  return { oracle, scope, tables, paths, inputs: false };
}

/** Conditions without which a reference would read other rows than the oracle has. */
export function required(draw: Draw, { scope, inputs }: World, { table, alias }: Ref): readonly string[] {
  const { declaration } = table;
  const conditions: string[] = [];
  if (isWindowed(declaration)) conditions.push(inputs ? `${alias}.StartDateTime = ${quoted(WINDOW.start)} AND ${alias}.EndDateTime = ${quoted(WINDOW.end)}` : windowOf(draw, alias));
  if (scope === 'mailboxes' && declaration.scope === 'mailbox') conditions.push(draw.pick([`${alias}.userId IN (${[MAIN, SECOND].map(quoted).join(', ')})`, `${alias}.userId = ${quoted(SECOND)}`, `${alias}."userId" IN (${[MAIN, SECOND, SHARED].map(quoted).join(', ')})`, `(${alias}.userId = ${quoted(MAIN)} OR ${alias}.userId = ${quoted(SHARED)})`]));
  for (const { name } of scope === 'places' ? placeColumns(declaration) : []) {
    const places = table.samples(name);
    conditions.push(draw.chance(1, 2) ? `${alias}.${name} = ${draw.pick(places)}` : `${alias}.${name} IN (${places.join(', ')})`);
  }
  return conditions;
}

const BOUNDS = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', '2026-03-29T01:00:00Z', '2026-04-15T12:30:00Z', '2026-07-01T00:00:00Z', '2026-12-31T00:00:00Z'].map(quoted);

function windowOf(draw: Draw, alias: string): string {
  const from = draw.below(BOUNDS.length - 1);
  const to = from + 1 + draw.below(BOUNDS.length - 1 - from);
  const [low, high] = [BOUNDS[from]!, BOUNDS[to]!];
  return draw.pick([
    `${alias}.start_dateTime >= ${low} AND ${alias}.start_dateTime < ${high}`,
    `${alias}.start_dateTime BETWEEN ${low} AND ${high}`,
    `${alias}.end_dateTime > ${low} AND ${alias}.start_dateTime <= ${high}`,
    `${alias}.end_dateTime >= ${low} AND ${alias}.end_dateTime < ${high}`,
  ]);
}

/** Columns that tell rows apart in this scope. */
export function uniqueColumns({ scope }: World, { declaration }: Known): readonly string[] {
  const key = [...declaration.key];
  if (scope === 'mailboxes' && declaration.scope === 'mailbox' && !key.includes('userId')) key.push('userId');
  return key;
}
