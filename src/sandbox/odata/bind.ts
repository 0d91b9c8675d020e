/**
 * Owns: giving names and types to an expression: the tree as written becomes a FilterNode.
 * Does not own: the grammar, evaluation.
 * Invariants: what comes back is type-correct; every other expression throws the service's own refusal.
 */
import { enumMember, findProperty, isDerived, primitive, shortName, structuredType } from './edm.js';
import type { EdmType } from './edm.js';
import { badCast, badEnumValue, badLiteral, filterNotBoolean, incompatibleTypes, invalidNodes, notCollection, unknownProperty } from './error.js';
import { bindCall } from './functions.js';
import type { FilterNode, LiteralNode, Operator, PathNode, Scope, Syntax } from './tree.js';
import { readMoment } from './values.js';

export const BOOLEAN = primitive('Boolean');
const STRING = primitive('String');
const NUMBERS: ReadonlySet<string> = new Set(['Edm.Int16', 'Edm.Int32', 'Edm.Int64', 'Edm.Byte', 'Edm.SByte', 'Edm.Double', 'Edm.Single', 'Edm.Decimal']);
const MOMENTS: ReadonlySet<string> = new Set(['Edm.DateTimeOffset', 'Edm.Date']);

const OPERATOR_KINDS: Readonly<Record<Operator, string>> = {
  and: 'And', or: 'Or', eq: 'Equal', ne: 'NotEqual', gt: 'GreaterThan', ge: 'GreaterThanOrEqual', lt: 'LessThan', le: 'LessThanOrEqual',
  has: 'Has', add: 'Add', sub: 'Subtract', mul: 'Multiply', div: 'Divide', divby: 'Divide', mod: 'Modulo',
};

export const isNumber = (type: EdmType): boolean => NUMBERS.has(type.name) && !type.collection;
export const isMoment = (type: EdmType): boolean => MOMENTS.has(type.name) && !type.collection;
export const isText = (type: EdmType): boolean => type.name === 'Edm.String' && !type.collection;
export const typeName = (type: EdmType | undefined): string =>
  type === undefined ? '<null>' : type.collection ? `Collection(${type.name})` : type.name;

export function bindFilter(syntax: Syntax, scope: Scope): FilterNode {
  const node = bind(syntax, scope);
  requireBoolean(node);
  return node;
}

export function bind(syntax: Syntax, scope: Scope): FilterNode {
  switch (syntax.kind) {
    case 'literal':
      return bindLiteral(syntax, scope);
    case 'path':
      return bindPath(syntax, scope);
    case 'call':
      return bindCall(syntax, scope, bind);
    case 'not': {
      const operand = bind(syntax.operand, scope);
      requireBoolean(operand);
      return { kind: 'not', operand, type: BOOLEAN, position: syntax.position };
    }
    case 'negate': {
      const operand = bind(syntax.operand, scope);
      if (operand.type === undefined || !isNumber(operand.type)) throw incompatibleTypes(typeName(operand.type), typeName(operand.type), 'Negate');
      return { kind: 'negate', operand, type: operand.type, position: syntax.position };
    }
    case 'lambda':
      return bindLambda(syntax, scope);
    case 'in':
      return bindIn(syntax, scope);
    case 'binary':
      return bindBinary(syntax, scope);
  }
}

function requireBoolean(node: FilterNode): void {
  if (node.type !== undefined && (node.type.name !== 'Edm.Boolean' || node.type.collection)) throw filterNotBoolean();
}

function bindLiteral(syntax: Syntax & { readonly kind: 'literal' }, scope: Scope): LiteralNode {
  const { literal, text, position } = syntax;
  const make = (value: LiteralNode['value'], type: EdmType | undefined): LiteralNode => ({ kind: 'literal', value, type, text, position });
  switch (literal) {
    case 'null':
      return make(null, undefined);
    case 'boolean':
      return make(text === 'true', BOOLEAN);
    case 'string':
      return make(text, STRING);
    case 'integer': {
      const value = Number(text.replace(/l$/i, ''));
      return make(value, primitive(Math.abs(value) > 2147483647 || /l$/i.test(text) ? 'Int64' : 'Int32'));
    }
    case 'decimal':
      return make(Number(text.replace(/[mdf]$/i, '')), primitive(/m$/i.test(text) ? 'Decimal' : 'Double'));
    case 'date':
    case 'dateTime': {
      const name = literal === 'date' ? 'Date' : 'DateTimeOffset';
      const moment = readMoment(text);
      // A bare date-time without an offset is not a DateTimeOffset literal.
      if (moment === undefined || (literal === 'dateTime' && !moment.zoned)) throw badLiteral(`Edm.${name}`, text, position, scope.text);
      return make(moment.ms, primitive(name));
    }
    case 'time':
      return make(text, primitive('TimeOfDay'));
    case 'guid':
      return make(text.toLowerCase(), primitive('Guid'));
    case 'duration':
      return make(text, primitive('Duration'));
  }
}

function bindPath(syntax: Syntax & { readonly kind: 'path' }, scope: Scope): PathNode {
  const segments: string[] = [];
  const casts: string[] = [];
  let variable: string | undefined;
  let steps = syntax.steps;
  let type: EdmType = structuredType(scope.type) ?? { name: scope.type, kind: 'entity', collection: false };
  let owner = type;
  const head = steps[0]?.name ?? '';
  const ranged = scope.variables.get(head);
  if (ranged !== undefined || head.toLowerCase() === '$it') {
    type = owner = ranged ?? type;
    variable = ranged === undefined ? undefined : head;
    steps = steps.slice(1);
  }
  for (const step of steps) {
    if (step.name === '$count' && type.collection) {
      segments.push('$count');
      type = primitive('Int64');
      continue;
    }
    if (type.collection || type.kind === 'primitive' || type.kind === 'enum') throw unknownProperty(step.name, typeName(type));
    if (step.name.includes('.')) {
      const cast = structuredType(step.name);
      if (cast === undefined || !isDerived(cast.name, type.name)) throw badCast(step.name);
      casts.push(cast.name);
      type = cast;
      continue;
    }
    const property = findProperty(type.name, step.name);
    if (property === undefined) throw unknownProperty(step.name, type.name);
    segments.push(property.name);
    owner = type;
    type = property.type;
  }
  const moment = shortName(owner.name) === 'dateTimeTimeZone' && segments.at(-1) === 'dateTime';
  return { kind: 'path', segments, variable, casts, type, moment, position: syntax.position };
}

function bindLambda(syntax: Syntax & { readonly kind: 'lambda' }, scope: Scope): FilterNode {
  const source = bindPath(syntax.source, scope);
  if (!source.type.collection) throw notCollection();
  let body: FilterNode | undefined;
  if (syntax.body !== undefined && syntax.variable !== undefined) {
    const variables = new Map(scope.variables);
    variables.set(syntax.variable, { ...source.type, collection: false });
    body = bindFilter(syntax.body, { ...scope, variables });
  }
  return { kind: 'lambda', quantifier: syntax.quantifier, source, variable: syntax.variable, body, type: BOOLEAN, position: syntax.position };
}

function bindIn(syntax: Syntax & { readonly kind: 'in' }, scope: Scope): FilterNode {
  const operand = bind(syntax.operand, scope);
  const values = syntax.values.map((value) => {
    const [, literal] = comparable(operand, bind(value, scope), 'eq');
    if (literal.kind !== 'literal') throw invalidNodes();
    return literal;
  });
  return { kind: 'in', operand, values, type: BOOLEAN, position: syntax.position };
}

function bindBinary(syntax: Syntax & { readonly kind: 'binary' }, scope: Scope): FilterNode {
  const { operator, position } = syntax;
  let left = bind(syntax.left, scope);
  let right = bind(syntax.right, scope);
  const wrong = (): Error => incompatibleTypes(typeName(left.type), typeName(right.type), OPERATOR_KINDS[operator]);
  switch (operator) {
    case 'and':
    case 'or': {
      for (const side of [left, right]) if (side.type !== undefined && (side.type.name !== 'Edm.Boolean' || side.type.collection)) throw wrong();
      return { kind: 'binary', operator, left, right, type: BOOLEAN, position };
    }
    case 'has': {
      [left, right] = comparable(left, right, 'has');
      if (left.type?.kind !== 'enum') throw wrong();
      return { kind: 'binary', operator, left, right, type: BOOLEAN, position };
    }
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'divby':
    case 'mod': {
      for (const side of [left, right]) if (side.type !== undefined && !isNumber(side.type)) throw wrong();
      return { kind: 'binary', operator, left, right, type: arithmeticType(left.type, right.type, operator), position };
    }
    default: {
      [left, right] = comparable(left, right, operator);
      return { kind: 'binary', operator, left, right, type: BOOLEAN, position };
    }
  }
}

function arithmeticType(left: EdmType | undefined, right: EdmType | undefined, operator: Operator): EdmType {
  const whole = [left, right].every((type) => type === undefined || type.name.startsWith('Edm.Int'));
  return primitive(whole && operator !== 'divby' ? 'Int64' : 'Double');
}

/** Both sides, with literals turned into the other side's type; throws when the two cannot be compared. */
function comparable(left: FilterNode, right: FilterNode, operator: Operator): [FilterNode, FilterNode] {
  const adapted: [FilterNode, FilterNode] = [adapt(left, right.type), adapt(right, left.type)];
  const [a, b] = [adapted[0].type, adapted[1].type];
  if (!canCompare(a, b, operator)) throw incompatibleTypes(typeName(a), typeName(b), OPERATOR_KINDS[operator]);
  return adapted;
}

function adapt(node: FilterNode, target: EdmType | undefined): FilterNode {
  if (node.kind !== 'literal' || typeof node.value !== 'string' || node.type?.name !== 'Edm.String' || target === undefined) return node;
  if (target.kind === 'enum' && !target.collection) {
    const member = enumMember(target.name, node.value);
    if (member === undefined) throw badEnumValue(node.value);
    return { ...node, value: member, type: target };
  }
  if (target.name === 'Edm.Guid') return { ...node, value: node.value.toLowerCase(), type: target };
  return node;
}

function canCompare(a: EdmType | undefined, b: EdmType | undefined, operator: Operator): boolean {
  const equality = operator === 'eq' || operator === 'ne';
  // Anything single may be tested against null; so may complex values (`flag ne null`).
  if (a === undefined || b === undefined) return !(a?.collection ?? b?.collection ?? false);
  if (a.collection || b.collection) return false;
  if (a.kind === 'complex' || a.kind === 'entity' || b.kind === 'complex' || b.kind === 'entity') return false;
  if (isNumber(a) && isNumber(b)) return true;
  if (isMoment(a) && isMoment(b)) return true;
  if (a.name !== b.name) return false;
  return equality || operator === 'has' || (a.name !== 'Edm.Boolean' && a.name !== 'Edm.Binary');
}
