/**
 * Owns: which tables and views the system tables list, by `Tables` and `Views`.
 * Does not own: what can be read; a table that is not listed can.
 * Invariants: a name that is no such table is refused, as it would hide what was meant to be shown.
 */
import type { Catalog } from '../catalog/load.js';
import { similarNames } from '../catalog/similar.js';
import { isWritable } from '../catalog/system/index.js';
import { ExchangeSqlError } from '../errors.js';
import type { ConnectionOptions } from './connection-options.js';

/** The catalog that is listed; undefined where it is all of it. @throws ExchangeSqlError CONNECTION_STRING. */
export function listedCatalog(catalog: Catalog, { tables, views }: ConnectionOptions['listed']): Catalog | undefined {
  if (tables === undefined && views === undefined) return undefined;
  const ofTables = namesAmong(catalog, 'Tables', tables);
  const ofViews = namesAmong(catalog, 'Views', views);
  return catalog.listing((table) => (isWritable(table) ? ofTables : ofViews)?.has(table.name) ?? true);
}

function namesAmong(catalog: Catalog, property: 'Tables' | 'Views', names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (names === undefined) return undefined;
  const known = catalog.tables().filter((table) => isWritable(table) === (property === 'Tables')).map(({ name }) => name);
  return new Set(names.map((name) => {
    const found = known.find((one) => one.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    const [close] = similarNames(name, known, 1);
    throw new ExchangeSqlError('CONNECTION_STRING', `${property} names '${name.slice(0, 60)}', which is no ${property === 'Tables' ? 'table that can be written' : 'view'}.`, { hint: close === undefined ? 'SELECT TableName, TableType FROM sys_tables lists them.' : `Did you mean ${close}?` });
  }));
}
