/**
 * Owns: what a filter and a sort mean over plain JSON entities.
 * Does not own: types and names (bind.ts has settled them).
 * Invariants: texts compare without case; moments compare as instants; a comparison with null is false, but `ne` of null and a
 * value is true (OData 4.01 5.1.1.1.2); a function of null is null, and a row whose filter is null is not in the result.
 */
import type { Json, JsonObject } from '../writer.js';
import { toUtc } from '../zones/index.js';
import { callValue, castValue } from './compute.js';
import type { Value } from './compute.js';
import { enumRank, isDerived } from './edm.js';
import type { FilterNode, LiteralNode, OrderByItem, PathNode } from './tree.js';
import { foldText, readMoment } from './values.js';

export interface EvaluateOptions {
  /** A stored value in place of the JSON's: milliseconds for moments. Undefined: read the JSON. Asked for the entity's own paths only (`receivedDateTime`, `start/dateTime`). */
  readonly read?: (entity: JsonObject, path: string) => Json | undefined;
  /** `contains` matches only where a word begins, as an index does. */
  readonly words?: boolean;
  /** The moment of `now()`, milliseconds since 1970. */
  readonly now?: number;
}

type Scope = { readonly entity: JsonObject; readonly variables: Readonly<Record<string, Json>> };
type Read = (scope: Scope) => Value;

const NO_VARIABLES: Readonly<Record<string, Json>> = {};

/** True if the entity is in the result. For many rows take `filterPredicate`. */
export function evaluateFilter(node: FilterNode, entity: JsonObject, options: EvaluateOptions = {}): boolean {
  return filterPredicate(node, options)(entity);
}

/** The filter as a function of the entity. */
export function filterPredicate(node: FilterNode, options: EvaluateOptions = {}): (entity: JsonObject) => boolean {
  const read = reader(node, options);
  return (entity) => read({ entity, variables: NO_VARIABLES }) === true;
}

/** Compares two entities by the sort keys: nulls before everything, as the service sorts them. */
export function orderComparer(items: readonly OrderByItem[], options: EvaluateOptions = {}): (a: JsonObject, b: JsonObject) => number {
  const keys = items.map((item) => {
    const read = reader(item.node, options);
    const moment = isMomentNode(item.node);
    const { type } = item.node;
    const rank = type?.kind === 'enum' ? (value: Value): Value => (typeof value === 'string' ? enumRank(type.name, value) : value) : undefined;
    return {
      sign: item.descending ? -1 : 1,
      of: (entity: JsonObject): Value => {
        const value = read({ entity, variables: NO_VARIABLES });
        if (rank !== undefined) return rank(value);
        return moment && typeof value === 'string' ? (readMoment(value)?.ms ?? null) : typeof value === 'string' ? foldText(value) : value;
      },
    };
  });
  return (a, b) => {
    for (const key of keys) {
      const order = compareValues(key.of(a), key.of(b));
      if (order !== 0) return order * key.sign;
    }
    return 0;
  };
}

function compareValues(a: Value, b: Value): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (a === b) return 0;
  return (a as number | string) < (b as number | string) ? -1 : 1;
}

function isMomentNode(node: FilterNode): boolean {
  return node.kind === 'path' && node.moment;
}

function reader(node: FilterNode, options: EvaluateOptions): Read {
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'path':
      return pathReader(node, options);
    case 'not': {
      const operand = reader(node.operand, options);
      return (scope) => {
        const value = operand(scope);
        return value === null ? null : value !== true;
      };
    }
    case 'negate': {
      const operand = reader(node.operand, options);
      return (scope) => {
        const value = operand(scope);
        return typeof value === 'number' ? -value : null;
      };
    }
    case 'binary':
      return binaryReader(node, options);
    case 'in': {
      const tests = node.values.map((value) => comparison('eq', node.operand, value, options));
      return (scope) => tests.some((test) => test(scope) === true);
    }
    case 'lambda':
      return lambdaReader(node, options);
    case 'call': {
      const list = node.arguments.map((argument) => reader(argument, options));
      const call = callValue(node.name, { words: options.words === true, now: options.now ?? Date.now() });
      return (scope) => call(list.map((argument) => argument(scope)));
    }
    case 'cast': {
      const operand = reader(node.operand, options);
      return (scope) => castValue(operand(scope), node.type.name);
    }
    case 'isof': {
      const operand = node.operand === undefined ? undefined : rawReader(node.operand, options);
      return (scope) => {
        const value = operand === undefined ? scope.entity : operand(scope);
        return typeOfEntity(value, node.target);
      };
    }
  }
}

function typeOfEntity(value: Json | undefined, target: string): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const named = (value as JsonObject)['@odata.type'];
  return typeof named === 'string' && isDerived(named.replace(/^#/, ''), target);
}

/** The JSON under a path, without turning it into a comparable value. */
function rawReader(node: FilterNode, options: EvaluateOptions): (scope: Scope) => Json | undefined {
  if (node.kind !== 'path') return reader(node, options);
  const { segments, variable, casts } = node;
  const joined = segments.join('/');
  const { read } = options;
  return (scope) => {
    if (variable === undefined && read !== undefined) {
      const stored = read(scope.entity, joined);
      if (stored !== undefined) return stored;
    }
    let current: Json | undefined = variable === undefined ? scope.entity : scope.variables[variable];
    // A property of a derived type does not exist on a row of another type.
    if (casts.length > 0 && !casts.every((cast) => typeOfEntity(scope.entity, cast))) return null;
    for (const segment of segments) {
      if (segment === '$count') return Array.isArray(current) ? current.length : 0;
      if (typeof current !== 'object' || current === null || Array.isArray(current)) return null;
      current = (current as JsonObject)[segment];
    }
    return current;
  };
}

function pathReader(node: PathNode, options: EvaluateOptions): Read {
  const raw = rawReader(node, options);
  const { name, kind } = node.type;
  if (name === 'Edm.DateTimeOffset' || name === 'Edm.Date') {
    return (scope) => {
      const value = raw(scope);
      return typeof value === 'number' ? value : typeof value === 'string' ? (readMoment(value)?.ms ?? null) : null;
    };
  }
  // A complex value can only be tested against null.
  if (kind === 'complex' || kind === 'entity') return (scope) => (raw(scope) === null || raw(scope) === undefined ? null : true);
  return (scope) => {
    const value = raw(scope);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  };
}

function lambdaReader(node: FilterNode & { readonly kind: 'lambda' }, options: EvaluateOptions): Read {
  const source = rawReader(node.source, options);
  const { quantifier, variable, body } = node;
  if (body === undefined || variable === undefined) {
    return (scope) => {
      const list = source(scope);
      return Array.isArray(list) && list.length > 0;
    };
  }
  const test = reader(body, options);
  return (scope) => {
    const list = source(scope);
    const elements: readonly Json[] = Array.isArray(list) ? (list as readonly Json[]) : [];
    const holds = (element: Json): boolean => test({ entity: scope.entity, variables: { ...scope.variables, [variable]: element } }) === true;
    return quantifier === 'any' ? elements.some(holds) : elements.every(holds);
  };
}

function binaryReader(node: FilterNode & { readonly kind: 'binary' }, options: EvaluateOptions): Read {
  const { operator } = node;
  switch (operator) {
    case 'and':
    case 'or': {
      const left = reader(node.left, options);
      const right = reader(node.right, options);
      const decisive = operator === 'or';
      return (scope) => {
        const a = left(scope);
        if (a === decisive) return decisive;
        const b = right(scope);
        if (b === decisive) return decisive;
        return a === null || b === null ? null : !decisive;
      };
    }
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'divby':
    case 'mod': {
      const left = reader(node.left, options);
      const right = reader(node.right, options);
      const whole = node.type.name === 'Edm.Int64';
      return (scope) => {
        const [a, b] = [left(scope), right(scope)];
        if (typeof a !== 'number' || typeof b !== 'number') return null;
        switch (operator) {
          case 'add':
            return a + b;
          case 'sub':
            return a - b;
          case 'mul':
            return a * b;
          case 'mod':
            return b === 0 ? null : a % b;
          default:
            return b === 0 ? null : whole ? Math.trunc(a / b) : a / b;
        }
      };
    }
    default:
      return comparison(operator, node.left, node.right, options);
  }
}

type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'has';

function comparison(operator: Comparison, left: FilterNode, right: FilterNode, options: EvaluateOptions): Read {
  const [a, b] = [operand(left, right, options), operand(right, left, options)];
  return (scope) => {
    const [x, y] = [a(scope), b(scope)];
    if (x === null || y === null) return operator === 'eq' ? x === y : operator === 'ne' ? x !== y : false;
    switch (operator) {
      case 'eq':
      case 'has':
        return x === y;
      case 'ne':
        return x !== y;
      case 'gt':
        return x > y;
      case 'ge':
        return x >= y;
      case 'lt':
        return x < y;
      case 'le':
        return x <= y;
    }
  };
}

/** A side of a comparison, brought to what is compared: folded text, milliseconds, the rank of an enumeration member. */
function operand(node: FilterNode, other: FilterNode, options: EvaluateOptions): Read {
  const enumType = node.type?.kind === 'enum' ? node.type.name : undefined;
  if (isMomentNode(node)) return momentReader(node as PathNode, options);
  if (node.kind === 'literal') {
    const value = literalValue(node, other, enumType);
    return () => value;
  }
  const read = reader(node, options);
  if (enumType !== undefined) {
    return (scope) => {
      const value = read(scope);
      return typeof value === 'string' ? enumRank(enumType, value) : value;
    };
  }
  return (scope) => {
    const value = read(scope);
    return typeof value === 'string' ? foldText(value) : value;
  };
}

function literalValue(node: LiteralNode, other: FilterNode, enumType: string | undefined): Value {
  if (typeof node.value !== 'string') return node.value;
  if (enumType !== undefined) return enumRank(enumType, node.value);
  // Quoted moments compared with start/dateTime; a text that is none is before every moment, so that nothing equals it.
  if (isMomentNode(other)) return readMoment(node.value)?.ms ?? Number.NaN;
  return foldText(node.value);
}

/** `dateTime` of a dateTimeTimeZone: the instant, by the zone that stands beside it. */
function momentReader(node: PathNode, options: EvaluateOptions): Read {
  const raw = rawReader(node, options);
  const zone = rawReader({ ...node, segments: [...node.segments.slice(0, -1), 'timeZone'] }, options);
  return (scope) => {
    const value = raw(scope);
    if (typeof value === 'number') return value;
    if (typeof value !== 'string') return null;
    const moment = readMoment(value);
    if (moment === undefined) return null;
    const name = zone(scope);
    if (moment.zoned || typeof name !== 'string' || name === 'UTC') return moment.ms;
    return toUtc(value, name) ?? moment.ms;
  };
}
