/** The `write` members of schema/msgraph against what the documentation and the CSDL say of each property and collection. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.js';
import type { ColumnDeclaration, TableDeclaration } from '../../src/catalog/table.js';
import { readCsdl } from './support/csdl.js';

const FACTS = fileURLToPath(new URL('../../../shared/reference/graph/facts.md', import.meta.url));
const csdl = readCsdl();
const there = existsSync(FACTS) && csdl !== undefined;
if (!there) console.warn('SKIPPED: the comparison of what can be written with the reference, because ../shared/reference/graph is absent');

const catalog = loadCatalog('msgraph');
const writable = catalog.tables().filter(({ aliasOf, write }) => aliasOf === undefined && write !== undefined && (write.insert === true || write.update === true));

/** Marks of section 9 by entity and property: `c` create, `u` update, `d` update of a draft, `r` read only, `?` unproven. */
function marks(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const text = readFileSync(FACTS, 'utf8');
  const entities = text.slice(text.indexOf('## 9. Entities'), text.indexOf('## 10.'));
  return new Map(
    [...entities.matchAll(/^\*\*(\w+)\*\* — (.*)$/gm)].map(([, entity = '', line = '']) => [entity, new Map([...line.matchAll(/(\w+) `[^`]+`!? ([cudr?]+)\*?(?=[;.])/g)].map(([, name = '', mark = '']) => [name, mark]))]),
  );
}

/** What differs from the marks, with why. */
const REASONS: Readonly<Record<string, string>> = {
  'Messages.parentFolderId': 'chooses the folder on create; an update moves by the action',
  'MailFolders.parentFolderId': 'chooses the folder on create; an update moves by the action',
  'Contacts.parentFolderId': 'chooses the folder on create; that a PATCH moves is unproven (section 13)',
  'ContactFolders.parentFolderId': 'chooses the folder on create; that a PATCH moves is unproven (section 13)',
  'Files.parentReference_id': 'chooses the folder on create',
};

const ofEntity = ({ origin, path, pseudo }: ColumnDeclaration): boolean => (origin ?? 'entity') === 'entity' && path !== undefined && pseudo !== true;

describe.skipIf(!there)('write members', () => {
  const known = there ? marks() : new Map<string, ReadonlyMap<string, string>>();
  const compared = writable.filter(({ entity, shape }) => entity !== undefined && known.has(entity) && shape.kind !== 'elements' && shape.kind !== 'extended-properties');

  it('are compared for the tables of the mailbox', () => {
    expect(compared.length).toBeGreaterThan(12);
  });

  it.each(compared.map((table) => [table.name, table] as const))('of %s are what the documentation says', (_, table: TableDeclaration) => {
    const properties = known.get(table.entity!)!;
    for (const column of table.columns.filter(ofEntity)) {
      const name = `${table.name}.${column.name}`;
      const mark = properties.get(column.path!.split('/')[0]!);
      if (mark === undefined || mark.includes('?') || name in REASONS) continue;
      // Members of a folder or a file that the service makes.
      if (table.name === 'Files' && /^(?:file|folder|parentReference)\//.test(column.path!)) continue;
      const create = table.write!.insert === true && (column.write?.create ?? false) !== false;
      const update = column.write?.update ?? false;
      expect([name, 'create', create], mark).toEqual([name, 'create', table.write!.insert === true && mark.includes('c')]);
      // Occurrences do not have the pattern of their series.
      if (table.write!.update === true && !(table.name !== 'Events' && column.path!.startsWith('recurrence/') && table.entity === 'event')) {
        expect([name, 'update', update], mark).toEqual([name, 'update', mark.includes('u') ? true : mark.includes('d') ? 'draft' : false]);
      }
    }
  });

  it('name what the elements of lists are', () => {
    const kinds: Readonly<Record<string, string>> = { 'Edm.String': 'text', dayOfWeek: 'text', recipient: 'recipient', attendee: 'attendee', emailAddress: 'address', internetMessageHeader: 'header' };
    for (const table of writable.filter(({ entity, shape }) => entity !== undefined && shape.kind !== 'elements')) {
      for (const column of table.columns.filter((one) => one.type === 'json' && ofEntity(one) && ((one.write?.create ?? false) !== false || (one.write?.update ?? false) !== false))) {
        let type = table.entity!;
        for (const member of column.path!.split('/')) type = csdl!.properties(type)?.find(({ name }) => name === member)?.type ?? '';
        const element = /^Collection\((.+)\)$/.exec(type)?.[1] ?? '';
        expect([table.name, column.name, column.items]).toEqual([table.name, column.name, kinds[element] ?? 'object']);
        expect(column.itemValues).toEqual(csdl!.enumeration(element));
      }
    }
  });
});

describe('tables that can be written', () => {
  it.each(writable.map((table) => [table.name, table] as const))('%s has columns to write and says its permission', (_, { write, columns }) => {
    if (write!.insert === true) expect(columns.some((column) => (column.write?.create ?? false) !== false)).toBe(true);
    if (write!.update === true) expect(columns.some((column) => (column.write?.update ?? false) !== false)).toBe(true);
    expect(write!.permissions.delegated).toMatch(/Write/);
  });

  it('say why where they take no such statement, in a sentence that a full stop can end', () => {
    for (const { name, write } of catalog.tables()) {
      for (const reason of [write?.insert, write?.update, write?.delete]) if (typeof reason === 'string') expect([name, reason]).toEqual([name, expect.stringMatching(/[^.]$/)]);
    }
  });
});
