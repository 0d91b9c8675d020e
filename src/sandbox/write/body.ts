/**
 * Owns: reading a JSON body against the service's types: entities for POST and PATCH, parameters of actions.
 * Does not own: rules between members (each route), MIME, upload parts.
 * Invariants: what the type does not have, or has with another type, is refused with OData's texts before anything is looked up;
 * what comes back is spelled as the type spells it (enumeration members too).
 */
import type { Context } from '../context.js';
import { badRequest, checkLength, GraphError } from '../graph-error.js';
import { isObject, type Entity } from '../json.js';
import { enumMember, findProperty, isDerived, propertiesOf, shortName, structuredType, typeNamed, type EdmType } from '../odata/edm.js';
import { readMoment } from '../odata/values.js';
import type { Json, JsonObject } from '../writer.js';

export interface BodyRules {
  /** Properties nobody can write: 400 ErrorInvalidPropertySet. `id` and annotations are ignored, as the service does. */
  readonly readOnly?: ReadonlySet<string>;
  /** Navigation properties that may be written along: attachments, singleValueExtendedProperties … */
  readonly deep?: ReadonlySet<string>;
}

const unreadable = (message: string): GraphError => new GraphError(400, 'RequestBodyRead', message);
const wrongNode = (found: string, expected: string): GraphError =>
  unreadable(`An unexpected '${found}' node was found when reading from the JSON reader. A '${expected}' node was expected.`);

export const invalidSet = (message = 'Set action is invalid for property.'): GraphError => new GraphError(400, 'ErrorInvalidPropertySet', message);

const nodeOf = (value: Json): string => (Array.isArray(value) ? 'StartArray' : isObject(value) ? 'StartObject' : 'PrimitiveValue');

/** The body as a JSON object. Throws 413 when too large, 400 when empty, of another type, or no JSON object. */
export function readJson(context: Pick<Context, 'request'>): JsonObject {
  const { request } = context;
  checkLength(request.bytes);
  if (request.body.trim() === '') throw badRequest('Empty Payload. JSON content expected.');
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) throw notJson();
  let value: Json;
  try {
    value = JSON.parse(request.body) as Json;
  } catch {
    throw notJson();
  }
  if (!isObject(value)) throw wrongNode(nodeOf(value), 'StartObject');
  return value;
}

const notJson = (): GraphError => badRequest('Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.');

/** The body as an entity of `type` (short name: `message`). */
export function readEntity(context: Pick<Context, 'request'>, type: string, rules: BodyRules = {}): Entity {
  return readNested(readJson(context), type, rules);
}

/** An entity inside another body (`message` of sendMail, an attachment of a message). A derived `@odata.type` is checked and kept. */
export function readNested(value: Json, type: string, rules: BodyRules = {}): Entity {
  if (!isObject(value)) throw wrongNode(nodeOf(value), 'StartObject');
  const entity: Entity = {};
  const named = value['@odata.type'];
  let actual = type;
  if (named !== undefined && named !== null) {
    const name = typeof named === 'string' ? named.replace(/^#/, '') : '';
    if (!name.startsWith('microsoft.graph.') || structuredType(name) === undefined) {
      throw unreadable(`A type named '${name}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.`);
    }
    if (!isDerived(name, type)) throw unreadable(`A resource with type '${name}' was found, but it is not assignable to the expected type 'microsoft.graph.${type}'.`);
    actual = shortName(name);
    entity['@odata.type'] = `#microsoft.graph.${actual}`;
  }
  for (const [name, given] of Object.entries(value)) {
    if (name.includes('@')) continue;
    const property = findProperty(actual, name);
    // The service tells 'Subject' and 'subject' apart in a body.
    if (property?.name !== name) throw noSuchMember(name, `microsoft.graph.${actual}`);
    if (name === 'id') continue;
    if (rules.readOnly?.has(name) === true) throw invalidSet();
    if (property.navigation) {
      if (rules.deep?.has(name) !== true) throw badRequest(`The navigation property '${name}' cannot be written together with its owner.`);
      if (given === null) continue;
      entity[name] = deepValue(given, property.type);
    } else entity[name] = convert(given, property.type, name);
  }
  return entity;
}

const noSuchMember = (name: string, type: string): GraphError =>
  unreadable(`The property '${name}' does not exist on type '${type}'. Make sure to only use property names that are defined by the type or mark the type as open type.`);

/** What attachments may carry in their turn. */
const NESTED: BodyRules = { deep: new Set(['item', 'posts']) };

/** Extended properties are told by their id, so it is kept here. */
function deepValue(value: Json, type: EdmType): Json {
  const one = (item: Json): Json => {
    const entity = readNested(item, shortName(type.name), NESTED);
    return isObject(item) && typeof item.id === 'string' ? { id: item.id, ...entity } : entity;
  };
  if (!type.collection) return one(value);
  if (!Array.isArray(value)) throw wrongNode(nodeOf(value), 'StartArray');
  return (value as readonly Json[]).map(one);
}

/** A value of the given type, as the service would read it. Throws 400. */
export function convert(value: Json, type: EdmType, name: string): Json {
  if (value === null) return null;
  if (type.collection) {
    if (!Array.isArray(value)) throw wrongNode(nodeOf(value), 'StartArray');
    return (value as readonly Json[]).map((item) => {
      if (item === null && type.kind !== 'primitive') throw unreadable(`A null value was found for an item of the collection '${name}', which does not allow null values.`);
      return convert(item, { ...type, collection: false }, name);
    });
  }
  switch (type.kind) {
    case 'enum': {
      if (typeof value !== 'string') throw wrongNode(nodeOf(value), 'PrimitiveValue');
      const member = enumMember(type.name, value);
      if (member === undefined) throw unreadable(`Cannot convert the literal '${value}' to the expected type '${type.name}'.`);
      return member;
    }
    case 'complex': {
      if (!isObject(value)) throw wrongNode(nodeOf(value), 'StartObject');
      const shown: Entity = {};
      for (const [member, given] of Object.entries(value)) {
        if (member.includes('@')) continue;
        const property = findProperty(type.name, member);
        if (property?.name !== member) throw noSuchMember(member, type.name);
        shown[member] = convert(given, property.type, `${name}/${member}`);
      }
      return shown;
    }
    case 'entity':
      return readNested(value, shortName(type.name));
    default:
      return primitiveValue(value, type.name);
  }
}

const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

function primitiveValue(value: Json, type: string): Json {
  if (typeof value === 'object') throw wrongNode(nodeOf(value), 'PrimitiveValue');
  const wrong = (): GraphError => unreadable(`Cannot convert the literal '${String(value)}' to the expected type '${type}'.`);
  const wholeBetween = (low: number, high: number): number => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) throw wrong();
    return value;
  };
  const textual = (pattern: RegExp): string => {
    if (typeof value !== 'string' || !pattern.test(value)) throw wrong();
    return value;
  };
  switch (type) {
    case 'Edm.String': if (typeof value !== 'string') throw wrong(); return value;
    case 'Edm.Boolean': if (typeof value !== 'boolean') throw wrong(); return value;
    case 'Edm.Int16': return wholeBetween(-32_768, 32_767);
    case 'Edm.Int32': return wholeBetween(-2_147_483_648, 2_147_483_647);
    case 'Edm.Int64': return wholeBetween(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    case 'Edm.Double': case 'Edm.Single': case 'Edm.Decimal': if (typeof value !== 'number') throw wrong(); return value;
    case 'Edm.DateTimeOffset': {
      const moment = typeof value === 'string' ? readMoment(value) : undefined;
      // Without an offset it is no DateTimeOffset.
      if (moment?.zoned !== true) throw wrong();
      return new Date(Math.floor(moment.ms)).toISOString();
    }
    case 'Edm.Date': return readMoment(textual(/^\d{4}-\d{2}-\d{2}$/)) === undefined ? raise(wrong()) : value;
    case 'Edm.TimeOfDay': return textual(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,7})?)?$/);
    case 'Edm.Binary': case 'Edm.Stream': return textual(/^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$/);
    case 'Edm.Guid': return textual(GUID);
    default: return value;
  }
}

function raise(error: GraphError): never {
  throw error;
}

export type Parameters = Readonly<Record<string, Json | undefined>>;

/**
 * The parameters of an action. `types` by camelCase name in the type table's notation (`String`, `[recipient]`, `message`); the service takes
 * PascalCase names too (facts section 7). `rules`: of entities among them. An empty body is an empty set. Throws 400 for a parameter the action does not have.
 */
export function readParameters(context: Pick<Context, 'request'>, action: string, types: Readonly<Record<string, string>>, rules: BodyRules = {}): Parameters {
  if (context.request.bytes.byteLength === 0) return {};
  const given = readJson(context);
  const read: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name.includes('@')) continue;
    const known = name.charAt(0).toLowerCase() + name.slice(1);
    const text = Object.hasOwn(types, known) ? types[known] : undefined;
    if (text === undefined) throw badRequest(`The parameter '${name}' in the request payload is not a valid parameter for the operation '${action}'.`);
    if (value === null) continue;
    const type = typeNamed(text);
    read[known] = type.kind === 'entity' && !type.collection ? readNested(value, shortName(type.name), rules) : convert(value, type, known);
  }
  return read;
}

/** Actions without parameters: a body that has any is refused. */
export function rejectParameters(context: Pick<Context, 'request'>, action: string): void {
  readParameters(context, action, {});
}

/** All structural properties of a type but the given ones: for read-only lists that name what may be written. */
export function allBut(type: string, writable: Iterable<string>): ReadonlySet<string> {
  const kept = new Set(writable);
  return new Set(propertiesOf(type).filter((property) => !property.navigation && !kept.has(property.name)).map((property) => property.name));
}
