/**
 * Owns: reading `Prefer` and echoing `Preference-Applied` (facts section 8).
 * Does not own: what the preferences do.
 * Invariants: unknown preferences are ignored, never refused.
 */
import { GraphError } from './graph-error.js';
import { isKnownZone } from './zones/index.js';

export interface Preferences {
  readonly immutableIds: boolean;
  readonly timeZone: string;
  readonly bodyType: 'html' | 'text' | undefined;
  readonly maxPageSize: number | undefined;
  /** `return=minimal`: a write answers without the entity; the write's answer echoes it (write/answer.ts). */
  readonly returnMinimal: boolean;
  /** Value of the `Preference-Applied` header; empty when nothing applied. */
  readonly applied: string;
}

export function readPreferences(header: string | undefined): Preferences {
  let immutableIds = false;
  let timeZone = 'UTC';
  let bodyType: 'html' | 'text' | undefined;
  let maxPageSize: number | undefined;
  let returnMinimal = false;
  const applied: string[] = [];
  for (const match of (header ?? '').matchAll(/([\w.-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;]+)))?/g)) {
    const name = match[1]!.toLowerCase();
    const value = match[2] ?? match[3] ?? '';
    if (name === 'idtype') {
      if (value.toLowerCase() !== 'immutableid') continue;
      immutableIds = true;
      applied.push('IdType="ImmutableId"');
    } else if (name === 'outlook.timezone') {
      if (!isKnownZone(value)) throw new GraphError(400, 'TimeZoneNotSupportedException', `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${value}'.`);
      timeZone = value;
      applied.push(`outlook.timezone="${value}"`);
    } else if (name === 'outlook.body-content-type') {
      const wanted = value.toLowerCase();
      if (wanted !== 'text' && wanted !== 'html') continue;
      bodyType = wanted;
      applied.push(`outlook.body-content-type="${wanted}"`);
    } else if (name === 'odata.maxpagesize') {
      const size = Number(value);
      if (!Number.isInteger(size) || size < 1) continue;
      maxPageSize = size;
      applied.push(`odata.maxpagesize=${String(size)}`);
    } else if (name === 'return') {
      returnMinimal = value.toLowerCase() === 'minimal';
    }
  }
  return { immutableIds, timeZone, bodyType, maxPageSize, returnMinimal, applied: applied.join(', ') };
}
