/**
 * Owns: CreateSchema: the declaration of a table for one folder, calendar or contact folder, for Location=.
 * Invariants: the table holds exactly the rows of that place, for reading; nothing in it can lead elsewhere.
 */
import type { Catalog } from '../../catalog/catalog.js';
import type { ColumnDeclaration, TableDeclaration } from '../../catalog/table.js';
import { ExchangeSqlError } from '../../errors.js';
import { emit, folderId, writeFile, type Script } from './effect.js';
import { encodeSegment } from '../literal.js';
import type { Inputs } from './inputs.js';

const PLACES: Readonly<Record<string, { readonly path: string; readonly folder?: 'mail' | 'contact'; readonly column: string }>> = {
  Messages: { path: '/mailFolders/{value}/messages', folder: 'mail', column: 'parentFolderId' },
  Contacts: { path: '/contactFolders/{value}/contacts', folder: 'contact', column: 'parentFolderId' },
  Events: { path: '/calendars/{value}/events', column: 'calendarId' },
};

export function* createSchema(inputs: Inputs, catalog: Catalog): Script {
  const of = inputs.text('Source') ?? 'Messages';
  const place = PLACES[of];
  const table = catalog.table(of);
  if (place === undefined || table === undefined) throw new ExchangeSqlError('INTERNAL', `CreateSchema knows no place for ${of}.`);
  const name = inputs.need('TableName');
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) inputs.refuse('TableName', 'has to be a name of letters, digits and _');
  if (catalog.table(name) !== undefined) inputs.refuse('TableName', `is taken by the table ${catalog.table(name)!.name}`, 'Choose another name.');
  const given = inputs.need('FolderId');
  const id = place.folder === undefined ? given : yield* folderId('FolderId', given, place.folder);
  const text = `${JSON.stringify(declare(table, name, inputs.text('Description') ?? `Rows of ${of} in one place: ${given}.`, place, id), undefined, 2)}\n`;
  const directory = inputs.text('LocalFolder');
  const path = directory === undefined ? null : yield* writeFile('LocalFolder', directory, `${name}.json`, Buffer.from(text, 'utf8'));
  yield* emit([name, path === null ? text : null, path, 'Success']);
}

function declare(table: TableDeclaration, name: string, description: string, { path, column }: { readonly path: string; readonly column: string }, id: string): object {
  const { aliases: _, aliasOf: __, write: ___, ...rest } = table;
  return {
    ...rest,
    name,
    description,
    shape: { ...table.shape, path: path.replace('{value}', encodeSegment(id)) },
    columns: table.columns.filter(({ pseudo }) => pseudo !== true).map((one) => (one.name === column ? withoutPlace(readOnly(one)) : readOnly(one))),
  };
}

/** Another place in WHERE must not lead the table there: the rows are compared instead. */
function withoutPlace({ filter: _, selector: __, ...column }: ColumnDeclaration): ColumnDeclaration {
  return column;
}

/** Rows are written through the general table. */
function readOnly({ write: _, ...column }: ColumnDeclaration): ColumnDeclaration {
  return column;
}
