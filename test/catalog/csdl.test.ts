/**
 * Declared properties and types equal the published entity model, both ways. Exceptions are in the declarations'
 * `omitted` and in the two lists below, each with its reason.
 */
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.js';
import type { ColumnDeclaration, ColumnType, TableDeclaration } from '../../src/catalog/table.js';
import { readCsdl, type Csdl } from './support/csdl.js';

const csdl = readCsdl();
if (csdl === undefined) console.warn('SKIPPED: the comparison of schema/msgraph with the CSDL, because ../shared/reference/graph/metadata.csdl.xml is absent');

const PRIMITIVES: Readonly<Record<string, ColumnType>> = {
  'Edm.String': 'text',
  'Edm.Guid': 'text',
  'Edm.Boolean': 'boolean',
  'Edm.Int16': 'integer',
  'Edm.Int32': 'integer',
  'Edm.Int64': 'bigint',
  'Edm.Double': 'double',
  'Edm.Date': 'date',
  'Edm.TimeOfDay': 'time',
  'Edm.DateTimeOffset': 'timestamp',
  'Edm.Binary': 'binary',
};

/** Complex types kept as JSON text. */
const AS_JSON: Readonly<Record<string, string>> = {
  remoteItem: 'repeats the members of an item',
  customSecurityAttributeValue: 'open: its members are named by the tenant',
  root: 'has no members; present or absent is all it says',
};

/** Columns that promise more than the CSDL: never NULL by what the service does. */
const NEVER_NULL: Readonly<Record<string, string>> = {
  'Messages.hasAttachments': 'computed by the service',
  'Messages.importance': 'normal unless set',
  'Messages.isDraft': 'a message flag',
  'Messages.isRead': 'a message flag',
  'Messages.parentFolderId': 'every message is in a folder',
  'Messages.receivedDateTime': 'set on drafts too',
  'Messages.sentDateTime': 'set on drafts too',
  'Contacts.parentFolderId': 'every contact is in a folder',
  'Messages.changeKey': 'its version is sent with every one (facts 6.2)',
  'Events.changeKey': 'its version is sent with every one (facts 6.2)',
  'CalendarView.changeKey': 'its version is sent with every one (facts 6.2)',
  'EventInstances.changeKey': 'its version is sent with every one (facts 6.2)',
  'Contacts.changeKey': 'its version is sent with every one (facts 6.2)',
  'Calendars.changeKey': 'its version is sent with every one (facts 6.2)',
  'CalendarGroups.changeKey': 'its version is sent with every one (facts 6.2)',
  'Posts.changeKey': 'its version is sent with every one (facts 6.2)',
};

/** Properties of derived types that no table has, because the type has no members to flatten. */
const DERIVED: Readonly<Record<string, string>> = { print: 'a type without properties', mailboxSettings: 'a table of its own' };

interface Leaf {
  readonly path: string;
  readonly type: ColumnType;
  readonly values: readonly string[] | undefined;
  readonly nullable: boolean;
}

function leaves(model: Csdl, type: string, path: string, nullable: boolean): Leaf[] {
  if (type.startsWith('Collection(')) return [{ path, type: 'json', values: undefined, nullable }];
  if (type in AS_JSON) return [{ path, type: 'json', values: undefined, nullable }];
  const primitive = PRIMITIVES[type];
  if (primitive !== undefined) return [{ path, type: primitive, values: undefined, nullable }];
  const values = model.enumeration(type);
  if (values !== undefined) return [{ path, type: 'text', values, nullable }];
  return members(model, type, `${path}/`, path);
}

function members(model: Csdl, type: string, prefix: string, at: string, omitted: Readonly<Record<string, string>> = {}): Leaf[] {
  const properties = model.properties(type);
  if (properties === undefined) throw new Error(`${at}: the CSDL has no type ${type}`);
  return properties.filter((property) => prefix !== '' || !Object.hasOwn(omitted, property.name)).flatMap((property) => {
    // Edm.String by the model, but a point in time by its meaning.
    if (type === 'dateTimeTimeZone' && property.name === 'dateTime') return [{ path: `${prefix}dateTime`, type: 'timestamp' as const, values: undefined, nullable: true }];
    return leaves(model, property.type, prefix + property.name, property.nullable || prefix !== '');
  });
}

const ofEntity = (column: ColumnDeclaration): boolean =>
  column.path !== undefined && !column.path.startsWith('@') && (column.origin === undefined || column.origin === 'entity' || column.origin === 'element');
const withEntity = (): TableDeclaration[] =>
  loadCatalog('msgraph')
    .tables()
    .filter((table) => table.entity !== undefined && table.aliasOf === undefined);

describe.skipIf(csdl === undefined)('schema/msgraph against the CSDL', () => {
  const model = csdl!;

  it.each(withEntity().map((table) => [table.name, table] as const))('%s has every property, with its type', (_name, table) => {
    const wanted = members(model, table.entity!, '', table.name, table.omitted);
    const declared = new Map(table.columns.filter(ofEntity).map((column) => [column.path!, column]));
    for (const leaf of wanted) {
      const column = declared.get(leaf.path);
      expect(column, `${table.name} lacks ${leaf.path}`).toBeDefined();
      expect({ path: leaf.path, type: column!.type, values: column!.values }).toEqual({ path: leaf.path, type: leaf.type, values: leaf.values });
      expect(column!.name).toBe(leaf.path.replaceAll('/', '_'));
    }
  });

  it.each(withEntity().map((table) => [table.name, table] as const))('%s has no property that the model lacks', (_name, table) => {
    const known = new Map([table.entity!, ...(table.derived ?? [])].flatMap((type) => members(model, type, '', table.name, { ...table.omitted, ...DERIVED })).map((leaf) => [leaf.path, leaf]));
    for (const column of table.columns.filter(ofEntity)) {
      expect(known.get(column.path!)?.type, `${table.name}.${column.name}`).toBe(column.type);
    }
  });

  it('omits only properties that exist', () => {
    for (const table of withEntity()) {
      const names = (model.properties(table.entity!) ?? []).map((property) => property.name);
      expect(names).toEqual(expect.arrayContaining(Object.keys(table.omitted ?? {})));
    }
  });

  it('promises NOT NULL only where the model does, or with a reason', () => {
    const surplus = withEntity().flatMap((table) => {
      const known = new Map(members(model, table.entity!, '', table.name, table.omitted).map((leaf) => [leaf.path, leaf]));
      return table.columns.filter((column) => ofEntity(column) && column.nullable === false && known.get(column.path!)?.nullable !== false).map((column) => `${table.name}.${column.name}`);
    });
    expect(surplus.sort()).toEqual(Object.keys(NEVER_NULL).sort());
  });
});
