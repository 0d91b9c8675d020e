/**
 * Owns: values of an answer's JSON as columns of a procedure's result hold them.
 * Invariants: booleans are 1n/0n, whole numbers bigint, timestamps normal-form UTC text; a value of another type is NULL, never a guess.
 */
import type { ColumnType } from '../../catalog/table.js';
import type { SqlValue } from '../../scan/value.js';

export function columnValue(value: unknown, type: ColumnType): SqlValue {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? (value ? 1n : 0n) : null;
    case 'integer':
    case 'bigint':
      return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null;
    case 'double':
      return typeof value === 'number' ? value : null;
    case 'json':
      return JSON.stringify(value);
    case 'binary':
      return value instanceof Uint8Array ? value : typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : null;
    case 'timestamp':
      return typeof value === 'string' ? instantOf(value) : null;
    default:
      return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean);
  }
}

/** Graph writes seven digits without an offset where the zone stands beside; those are asked for in UTC. */
function instantOf(text: string): string | null {
  const time = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(time) ? null : `${new Date(time).toISOString().slice(0, 19)}Z`;
}
