/**
 * Owns: extended properties in bodies (facts 6.4): their ids, splitting them off an entity, merging them into stored ones.
 * Does not own: showing and filtering them.
 * Invariants: an id that is none is 400; a property with a null value is removed; single and multi values are stored in one list.
 */
import { GraphError } from '../graph-error.js';
import type { Entity } from '../json.js';
import { sameProperty } from '../present.js';
import type { ExtendedProperty } from '../store/items.js';
import type { Json } from '../writer.js';

/** Navigation properties that may be written along with items and folders. */
export const EXTENDED: ReadonlySet<string> = new Set(['singleValueExtendedProperties', 'multiValueExtendedProperties']);

const TYPE = '(Integer|String|Boolean|SystemTime|Double|Long|Short|Binary|Guid|Currency|Float|CLSID|ApplicationTime)(Array)?';
const GUID = '\\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\\}?';
const ID = new RegExp(`^${TYPE}\\s+(?:${GUID}\\s+(?:Name\\s+\\S.*|Id\\s+0x[0-9a-fA-F]{1,8})|0x[0-9a-fA-F]{1,4})$`, 'i');

/** Throws 400 unless `id` is one of the three forms, and an array type exactly for multi-value properties. */
export function checkPropertyId(id: Json | undefined, multi: boolean): string {
  const match = typeof id === 'string' ? ID.exec(id) : null;
  if (match === null || (match[2] !== undefined) !== multi) throw new GraphError(400, 'ErrorInvalidExtendedProperty', 'The extended property attribute combination is invalid.');
  return id as string;
}

/** An entity's extended properties (nulls for those to remove) and the rest of it. */
export function splitExtended(entity: Entity): { readonly extended: readonly { readonly id: string; readonly value: ExtendedProperty['value'] | null }[]; readonly members: Entity } {
  const { singleValueExtendedProperties: single, multiValueExtendedProperties: multi, ...members } = entity;
  const read = (list: Json | undefined, isMulti: boolean): { id: string; value: ExtendedProperty['value'] | null }[] =>
    (Array.isArray(list) ? list as readonly Entity[] : []).map((property) => ({ id: checkPropertyId(property.id, isMulti), value: (property.value ?? null) as ExtendedProperty['value'] | null }));
  return { extended: [...read(single, false), ...read(multi, true)], members };
}

/** Stored properties with the written ones in their place. */
export function mergeExtended(stored: readonly ExtendedProperty[], written: readonly { readonly id: string; readonly value: ExtendedProperty['value'] | null }[]): readonly ExtendedProperty[] {
  const merged = stored.filter((property) => !written.some((other) => sameProperty(other.id, property.id)));
  for (const { id, value } of written) if (value !== null) merged.push({ id, value });
  return merged;
}
