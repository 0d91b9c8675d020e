/** What must hold for every declaration beyond its shape. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.js';
import type { Capability, ColumnDeclaration, TableDeclaration } from '../../src/catalog/table.js';

const SCHEMA = fileURLToPath(new URL('../../schema/', import.meta.url));
const read = (name: string): unknown => JSON.parse(readFileSync(SCHEMA + name, 'utf8'));
const files = readdirSync(`${SCHEMA}msgraph`).filter((name) => name.endsWith('.json'));

describe('schema files', () => {
  const validate = new Ajv({ allErrors: true }).compile(read('table.schema.json') as object);

  it.each(files)('%s validates and points at its schema', (name) => {
    const file = read(`msgraph/${name}`) as { $schema?: string; name: string };
    validate(file);
    expect(validate.errors ?? []).toEqual([]);
    expect(file.$schema).toBe('../table.schema.json');
    expect(`${file.name}.json`).toBe(name);
  });

  it('the schema refuses what the loader refuses', () => {
    const Messages = read('msgraph/Messages.json') as Record<string, unknown>;
    expect(validate({ ...Messages, shape: { kind: 'list' } })).toBe(false);
    expect(validate({ ...Messages, colour: 1 })).toBe(false);
    expect(validate({ ...Messages, columns: [{ name: 'id', type: 'string', description: 'x' }] })).toBe(false);
  });
});

const catalog = loadCatalog('msgraph');
const every: (readonly [string, TableDeclaration, ColumnDeclaration])[] = catalog.tables().flatMap((table) => table.columns.map((column) => [`${table.name}.${column.name}`, table, column] as const));
const capabilities: (readonly [string, string, Capability, ColumnDeclaration, TableDeclaration])[] = every.flatMap(([at, table, column]) =>
  Object.entries(column.filter ?? {}).map(([operator, capability]) => [at, operator, capability as Capability, column, table] as const),
);
const offenders = (list: readonly (readonly [string, ...unknown[]])[]): string[] => list.map(([at]) => at);

describe('columns', () => {
  it('say something useful', () => {
    expect(offenders(every.filter(([, , column]) => !/^[A-Z].{2,}[\w)]\.$/.test(column.description) || / x\b|\{[nN]\}/.test(column.description.replace('Name x', ''))))).toEqual([]);
  });

  it('are lower-cased uniquely across a table, and tables across the catalog', () => {
    for (const table of catalog.tables()) expect(new Set(table.columns.map((column) => column.name.toLowerCase())).size).toBe(table.columns.length);
    const names = [...catalog.tables(), ...catalog.notOffered()].map((table) => table.name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  it('carry userId on every mailbox table and on no other', () => {
    for (const table of catalog.tables()) {
      const column = table.columns.find((one) => one.name === 'userId');
      expect([table.name, column?.origin]).toEqual([table.name, table.scope === 'mailbox' ? 'mailbox' : undefined]);
      if (column !== undefined) expect(column.filter).toEqual({ eq: { push: 'exact', as: 'path' }, in: { push: 'exact', as: 'path' } });
    }
  });

  it('refer to columns of the same type', () => {
    for (const [at, , column] of every) {
      const [table = '', name = ''] = column.references?.split('.') ?? [];
      if (table !== '') expect([at, catalog.column(table, name)?.type]).toEqual([at, column.type]);
    }
  });

  it('of the key are never NULL', () => {
    expect(offenders(every.filter(([, table, column]) => table.key.includes(column.name) && column.nullable !== false))).toEqual([]);
  });

  it('that are inputs for WHERE can be compared', () => {
    expect(offenders(every.filter(([, , column]) => column.pseudo === true && column.write === undefined && column.filter?.eq === undefined))).toEqual([]);
  });

  it('name zones that are properties or columns of their table', () => {
    expect(offenders(every.filter(([, table, column]) => column.zonePath !== undefined && column.origin !== 'parent' && !table.columns.some((one) => one.path === column.zonePath)))).toEqual([]);
  });
});

describe('capabilities', () => {
  it('sort exactly only what is never NULL and not text', () => {
    expect(offenders(every.filter(([, , column]) => column.sort === 'exact' && (column.nullable !== false || column.type === 'text')))).toEqual([]);
    expect(every.filter(([, , column]) => column.sort === 'exact').map(([at]) => at)).toEqual(['Messages.receivedDateTime', 'Messages.sentDateTime']);
  });

  it('compare open text never exactly: the service folds case', () => {
    expect(offenders(capabilities.filter(([, , capability, column]) => capability.push === 'exact' && column.type === 'text' && column.values === undefined && !['key', 'path', 'window'].includes(capability.as)))).toEqual([]);
  });

  it('never push a negation of what may be NULL, nor of text', () => {
    expect(offenders(capabilities.filter(([, operator, , column]) => operator === 'ne' && (column.nullable !== false || column.type !== 'boolean')))).toEqual([]);
  });

  it('put a form only where it makes sense', () => {
    for (const [at, operator, capability, column, table] of capabilities) {
      const where = `${at} ${operator}`;
      if (capability.as === 'any') expect([where, operator, column.type]).toEqual([where, 'contains', 'json']);
      if (capability.as === 'startswith') expect([where, ['eq', 'prefix'].includes(operator), column.type]).toEqual([where, true, 'text']);
      if (capability.as === 'contains') expect([where, operator]).toEqual([where, 'contains']);
      if (capability.as === 'key' || capability.as === 'path') expect([where, ['eq', 'in'].includes(operator)]).toEqual([where, true]);
      if (capability.as === 'window') expect([where, table.shape.kind === 'window' || (table.shape.kind === 'children' && table.shape.window === true)]).toEqual([where, true]);
      if (capability.path !== undefined) expect([where, capability.as, capability.path.includes('{value}')]).toEqual([where, 'path', true]);
      if (capability.quoted !== undefined || capability.widen !== undefined || capability.closed !== undefined) expect([where, column.type]).toEqual([where, 'timestamp']);
      if (capability.widen !== undefined) expect([where, capability.push]).toEqual([where, 'inexact']);
      if (capability.member !== undefined) expect([where, capability.as]).toEqual([where, 'any']);
    }
  });

  it('keep to the rules of their collection', () => {
    for (const [at, operator, capability, , table] of capabilities) {
      const where = `${at} ${operator}`;
      const sent = !['key', 'path', 'window'].includes(capability.as);
      // Rows of elements are filtered through their parent.
      if (sent && table.shape.kind !== 'elements') expect([where, table.options?.rules]).not.toEqual([where, 'none']);
      if (table.shape.kind === 'elements') continue;
      if (capability.lenient === true || capability.notWithOrder === true) expect([where, table.options?.rules]).toEqual([where, 'messages']);
      if (capability.advanced === true || capability.closed === true) expect([where, table.options?.rules]).toEqual([where, 'directory']);
    }
    for (const [at, table, column] of every) if (column.sort !== undefined) expect([at, table.options?.orderby]).toEqual([at, true]);
  });

  it('let a key of one column be looked up where the path of an item is known from the key alone', () => {
    for (const table of catalog.tables()) {
      const { shape } = table;
      const item = 'item' in shape ? shape.item : undefined;
      const id = table.columns.find((column) => column.name === 'id');
      if (item === undefined || id === undefined) continue;
      const fromIdAlone = !item.includes('{parent}') && !item.includes('{grandparent}');
      expect([table.name, id.filter?.eq?.as === 'key']).toEqual([table.name, fromIdAlone]);
    }
  });

  it('stay within the facts: what messages never take', () => {
    const never = ['toRecipients', 'ccRecipients', 'bccRecipients', 'replyTo', 'body_content', 'bodyPreview', 'uniqueBody_content', 'webLink', 'internetMessageHeaders', 'createdDateTime', 'lastModifiedDateTime', 'flag_dueDateTime_dateTime'];
    for (const name of never) expect([name, catalog.column('Messages', name)?.filter]).toEqual([name, undefined]);
    expect(catalog.column('Messages', 'subject')?.filter?.contains).toBeUndefined();
    const lenient = catalog.table('Messages')!.columns.filter((column) => Object.values(column.filter ?? {}).some((capability) => (capability as Capability).lenient === true));
    expect(lenient.map((column) => column.name).sort()).toEqual(['categories', 'isDraft', 'isRead', 'receivedDateTime', 'sentDateTime']);
  });
});
