/**
 * Owns: looking up properties, base types and enumeration members in the type tables.
 * Does not own: the tables (entity-types.ts, complex-types.ts), what a collection allows.
 * Invariants: names are found in any letter case, as the service's resolver does; the spelling of the type table is what comes back.
 */
import { COMPLEX_TYPES, ENUM_TYPES } from './complex-types.js';
import type { TypeRow } from './complex-types.js';
import { ENTITY_TYPES } from './entity-types.js';

export interface EdmType {
  /** Full name: `Edm.String`, `microsoft.graph.recipient`. */
  readonly name: string;
  readonly kind: 'primitive' | 'enum' | 'complex' | 'entity';
  readonly collection: boolean;
}

export interface Property {
  readonly name: string;
  readonly type: EdmType;
  readonly navigation: boolean;
}

interface Resolved {
  readonly properties: ReadonlyMap<string, Property>;
}

const NAMESPACE = 'microsoft.graph.';
const cache = new Map<string, Resolved>();
const enums = new Map<string, ReadonlyMap<string, string>>();

const rowOf = (name: string): TypeRow | undefined =>
  Object.hasOwn(ENTITY_TYPES, name) ? ENTITY_TYPES[name] : Object.hasOwn(COMPLEX_TYPES, name) ? COMPLEX_TYPES[name] : undefined;

/** `message` or `microsoft.graph.message` to `message`. */
export function shortName(name: string): string {
  return name.startsWith(NAMESPACE) ? name.slice(NAMESPACE.length) : name;
}

export function primitive(name: string): EdmType {
  return { name: `Edm.${name}`, kind: 'primitive', collection: false };
}

/** A type in the tables' own notation: `String`, `[recipient]`, `message`. */
export function typeNamed(text: string): EdmType {
  return typeOf(text);
}

function typeOf(text: string): EdmType {
  const collection = text.startsWith('[');
  const name = collection ? text.slice(1, -1) : text;
  if (/^[A-Z]/.test(name) && rowOf(name) === undefined) return { name: `Edm.${name}`, kind: 'primitive', collection };
  const kind = Object.hasOwn(ENUM_TYPES, name) ? 'enum' : Object.hasOwn(ENTITY_TYPES, name) ? 'entity' : 'complex';
  return { name: NAMESPACE + name, kind, collection };
}

function resolve(name: string): Resolved | undefined {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const row = rowOf(name);
  if (row === undefined) return undefined;
  const properties = new Map<string, Property>(row.base === '' ? [] : resolve(row.base)?.properties);
  for (const member of row.members === '' ? [] : row.members.split(' ')) {
    const navigation = member.startsWith('>');
    const [key = '', type = ''] = (navigation ? member.slice(1) : member).split(':');
    properties.set(key.toLowerCase(), { name: key, type: typeOf(type), navigation });
  }
  const resolved = { properties };
  cache.set(name, resolved);
  return resolved;
}

/** True for the structured types the tables hold. */
export function isKnownType(name: string): boolean {
  return rowOf(shortName(name)) !== undefined;
}

/** The structured type of that name; undefined if the tables do not hold it. */
export function structuredType(name: string): EdmType | undefined {
  const short = shortName(name);
  return rowOf(short) === undefined ? undefined : typeOf(short);
}

export function findProperty(type: string, name: string): Property | undefined {
  return resolve(shortName(type))?.properties.get(name.toLowerCase());
}

/** All properties of a type, base types first. */
export function propertiesOf(type: string): readonly Property[] {
  return [...(resolve(shortName(type))?.properties.values() ?? [])];
}

/** True if `type` is `base` or derived from it. */
export function isDerived(type: string, base: string): boolean {
  for (let name = shortName(type); name !== ''; name = rowOf(name)?.base ?? '') if (name === shortName(base)) return true;
  return false;
}

/** The member as the table spells it; undefined if the enumeration has no such member. */
export function enumMember(type: string, text: string): string | undefined {
  const short = shortName(type);
  let members = enums.get(short);
  if (members === undefined) {
    const row = Object.hasOwn(ENUM_TYPES, short) ? ENUM_TYPES[short] : '';
    members = new Map((row ?? '').split(' ').map((member) => [member.toLowerCase(), member]));
    enums.set(short, members);
  }
  return members.get(text.toLowerCase());
}

/** The number a member stands for in order comparisons: its place in the type table. */
export function enumRank(type: string, member: string): number {
  const row = ENUM_TYPES[shortName(type)] ?? '';
  return row.split(' ').indexOf(member);
}
