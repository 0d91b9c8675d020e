/**
 * Owns: docs/permissions.md: which permission of Microsoft Graph each table and procedure needs, made of the declarations.
 * Does not own: what a statement needs (EXPLAIN and the error of a missing one tell that).
 */
import type { Catalog } from './catalog.js';

interface Permissions {
  readonly delegated: string;
  readonly application?: string;
}

/** Markdown. */
export function renderPermissionReference(catalog: Catalog): string {
  const tables = catalog.tables().filter((table) => table.shape.kind !== 'not-offered' && table.aliasOf === undefined);
  const rows = tables.map((table) => [table.name, cell(table.permissions), table.write === undefined || ![table.write.insert, table.write.update, table.write.delete].includes(true) ? '–' : cell(table.write.permissions)]);
  const procedures = catalog.procedures().map((procedure) => [procedure.name, procedure.kind, cell(procedure.permissions)]);
  return [
    '# Permissions',
    '',
    'The least permission of Microsoft Graph that each table and each procedure needs. *Delegated* is for a signed-in user, *application* for an application as itself; where one',
    'name stands, it is the same for both. A statement needs those of the tables and procedures it names, nothing else; where one is missing, the error says which. Other mailboxes of a',
    'signed-in user need the `.Shared` form (`Mail.Read.Shared`). This page is made by `npm run docs`.',
    '',
    '## For most uses',
    '',
    ...table(['use', 'permissions'], [
      ['read mail, calendar, contacts', '`Mail.Read`, `Calendars.Read`, `Contacts.Read`'],
      ['change them', '`Mail.ReadWrite`, `Calendars.ReadWrite`, `Contacts.ReadWrite`'],
      ['send, reply, forward', '`Mail.Send`'],
      ['everything that reads', code([...new Set(tables.flatMap(({ permissions }) => words(permissions)))].sort())],
    ]),
    '',
    '## Tables',
    '',
    ...table(['table', 'SELECT', 'INSERT, UPDATE, DELETE'], rows),
    '',
    '## Procedures',
    '',
    ...table(['procedure', 'kind', 'permission'], procedures),
    '',
  ].join('\n');
}

function cell(permissions: Permissions | undefined): string {
  if (permissions === undefined) return 'none';
  const { delegated, application } = permissions;
  if (application === undefined || application === delegated) return code([delegated]);
  return `${code([delegated])} (delegated), ${code([application])} (application)`;
}

const words = (permissions: Permissions | undefined): string[] => (permissions === undefined ? [] : [permissions.application ?? permissions.delegated]);

/** Names of permissions in a text as code, the words between them as they are. */
const code = (texts: readonly string[]): string => texts.map((text) => text.replace(/\b[A-Z]\w*(?:\.\w+)+/g, '`$&`')).join(', ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)];
}
