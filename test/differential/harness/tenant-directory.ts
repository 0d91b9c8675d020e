/** Values of users and groups, made from `schema/`, so that no column that can be filtered goes without. */
import { loadCatalog } from '../../../src/catalog/load.js';
import type { ColumnDeclaration } from '../../../src/catalog/table.js';
import type { Json, JsonObject } from '../../../src/sandbox/writer.js';
import { at } from './tenant-values.js';

/** Columns the sandbox or this file sets itself. */
const OWN = new Set(['id', 'userPrincipalName', 'displayName', 'mail', 'mailNickname', 'deletedDateTime']);
const SAMPLES = ['Sales Été', 'SALES ÉTÉ', 'sales été', "O'Neil & Söhne", 'a_b 100%', 'x', 'Sales', '', 'Zürich #1', '5'];

/** Values for every directory column that can be filtered, so that no capability goes untested. */
export function directory(table: 'Users' | 'Groups', index: number): JsonObject {
  const entity: Record<string, Json> = {};
  let salt = 0;
  for (const column of loadCatalog('msgraph').table(table)?.columns ?? []) {
    salt += 1;
    if (column.filter === undefined || column.path === undefined || OWN.has(column.name) || index % 5 === 4) continue;
    put(entity, column.path.split('/'), sample(column, index, salt));
  }
  return entity;
}

function sample(column: ColumnDeclaration, index: number, salt: number): Json {
  switch (column.type) {
    case 'boolean':
      return at([true, false, null, true], index + salt);
    case 'timestamp':
      return at(['2024-02-29T10:00:00Z', '2025-12-31T23:59:59Z', null, '2021-03-01T08:00:00Z'], index + salt);
    case 'json':
      return at([['One@contoso.example'], ['ONE@contoso.example', 'two'], [], ['É']], index + salt);
    default:
      return column.values === undefined ? at(SAMPLES, index) : at(column.values, index);
  }
}

function put(entity: Record<string, Json>, path: readonly string[], value: Json): void {
  const [first, ...more] = path;
  if (first === undefined) return;
  if (more.length === 0) entity[first] = value;
  else {
    const inner = { ...(entity[first] as Record<string, Json> | undefined) };
    put(inner, more, value);
    entity[first] = inner;
  }
}
