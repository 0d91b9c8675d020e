/**
 * Owns: the options themselves: $filter, $orderby, $select, $expand with its inner options.
 * Does not own: $search (search.ts), which collection takes which option.
 * Invariants: the text is already percent-decoded; names come back as the type table spells them.
 */
import { bind, bindFilter } from './bind.js';
import { findProperty, isDerived, structuredType } from './edm.js';
import type { Property } from './edm.js';
import { OdataError, badCast, badNumber, notExpandable, orderByNotPrimitive, selectAndExpand, syntaxError, unknownProperty } from './error.js';
import { ExpressionParser } from './parse.js';
import type { ExpandItem, FilterNode, OrderByItem, Scope, SelectItem } from './tree.js';

const scopeOf = (type: string, text: string): Scope => ({ type, text, variables: new Map() });

/** Reads a `$filter` over entities of `type` (`message` or `microsoft.graph.message`). Throws OdataError. */
export function parseFilter(text: string, type: string): FilterNode {
  const parser = new ExpressionParser(text);
  const syntax = parser.expression();
  parser.requireEnd();
  return bindFilter(syntax, scopeOf(type, text));
}

export function parseOrderBy(text: string, type: string): readonly OrderByItem[] {
  const parser = new ExpressionParser(text);
  const items = orderByItems(parser, type);
  parser.requireEnd();
  return items;
}

function orderByItems(parser: ExpressionParser, type: string): readonly OrderByItem[] {
  const items: OrderByItem[] = [];
  do {
    const node = bind(parser.expression(), scopeOf(type, parser.text));
    const single = node.type === undefined || (!node.type.collection && (node.type.kind === 'primitive' || node.type.kind === 'enum'));
    if (!single || node.kind === 'literal') throw orderByNotPrimitive();
    let descending = false;
    const word = parser.peek();
    if (word.kind === 'name') {
      const direction = word.text.toLowerCase();
      if (direction !== 'asc' && direction !== 'desc') throw parser.unexpected();
      descending = direction === 'desc';
      parser.take();
    }
    items.push({ node, path: node.kind === 'path' ? node.segments.join('/') : '', descending });
  } while (parser.takeMark(','));
  return items;
}

/** Reads a `$select`. Errors carry the service's prefix "Parsing OData Select and Expand failed: ". */
export function parseSelect(text: string, type: string): readonly SelectItem[] {
  return prefixed(() => {
    const parser = new ExpressionParser(text);
    const items = selectItems(parser, type);
    parser.requireEnd();
    return items;
  });
}

/** Reads an `$expand` with its inner options. */
export function parseExpand(text: string, type: string): readonly ExpandItem[] {
  return prefixed(() => {
    const parser = new ExpressionParser(text);
    const items = expandItems(parser, type);
    parser.requireEnd();
    return items;
  });
}

function prefixed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof OdataError && error.code === 'BadRequest' && !error.message.startsWith('Parsing OData Select')) throw selectAndExpand(error.message);
    throw error;
  }
}

function selectItems(parser: ExpressionParser, type: string): readonly SelectItem[] {
  const items: SelectItem[] = [];
  do {
    if (parser.takeMark('*')) {
      items.push({ path: ['*'], cast: undefined });
      continue;
    }
    const { properties, cast } = propertyPath(parser, type);
    items.push({ path: properties.map((property) => property.name), cast });
  } while (parser.takeMark(','));
  return items;
}

function propertyPath(parser: ExpressionParser, type: string): { readonly properties: readonly Property[]; readonly cast: string | undefined } {
  const properties: Property[] = [];
  let cast: string | undefined;
  let current = structuredType(type)?.name ?? type;
  do {
    const token = parser.peek();
    if (token.kind !== 'name') throw parser.unexpected();
    parser.take();
    if (token.text.includes('.')) {
      const derived = structuredType(token.text);
      if (derived === undefined || !isDerived(derived.name, current)) throw badCast(token.text);
      cast = current = derived.name;
      continue;
    }
    const property = findProperty(current, token.text);
    if (property === undefined) throw unknownProperty(token.text, current);
    properties.push(property);
    current = property.type.name;
  } while (parser.takeMark('/'));
  if (properties.length === 0) throw parser.unexpected();
  return { properties, cast };
}

function expandItems(parser: ExpressionParser, type: string): readonly ExpandItem[] {
  const items: ExpandItem[] = [];
  do {
    const { properties, cast } = propertyPath(parser, type);
    const property = properties[0] as Property;
    if (properties.length > 1 || !property.navigation) throw notExpandable(property.name, cast ?? structuredType(type)?.name ?? type);
    items.push({ name: property.name, cast, type: property.type, ...innerOptions(parser, property) });
  } while (parser.takeMark(','));
  return items;
}

type Inner = { -readonly [K in Exclude<keyof ExpandItem, 'name' | 'cast' | 'type'>]: ExpandItem[K] };

function innerOptions(parser: ExpressionParser, property: Property): Inner {
  const inner: Inner = { filter: undefined, orderBy: [], select: [], expand: [], top: undefined, skip: undefined, count: undefined, levels: undefined };
  if (!parser.takeMark('(')) return inner;
  const type = property.type.name;
  do {
    const name = parser.take();
    if (name.kind !== 'name' || !parser.takeMark('=')) throw syntaxError(name.end, parser.text);
    switch (name.text.toLowerCase().replace(/^\$/, '')) {
      case 'filter':
        inner.filter = bindFilter(parser.expression(), scopeOf(type, parser.text));
        break;
      case 'orderby':
        inner.orderBy = orderByItems(parser, type);
        break;
      case 'select':
        inner.select = selectItems(parser, type);
        break;
      case 'expand':
        inner.expand = expandItems(parser, type);
        break;
      case 'top':
        inner.top = wholeNumber(parser, '$top');
        break;
      case 'skip':
        inner.skip = wholeNumber(parser, '$skip');
        break;
      case 'count': {
        const word = parser.take().text.toLowerCase();
        if (word !== 'true' && word !== 'false') throw syntaxError(name.end, parser.text);
        inner.count = word === 'true';
        break;
      }
      case 'levels':
        if (parser.peek().text.toLowerCase() === 'max') {
          parser.take();
          inner.levels = 'max';
        } else inner.levels = wholeNumber(parser, '$levels');
        break;
      default:
        throw syntaxError(name.end, parser.text);
    }
  } while (parser.takeMark(';') || parser.takeMark(','));
  parser.requireMark(')');
  return inner;
}

function wholeNumber(parser: ExpressionParser, option: string): number {
  const token = parser.take();
  if (token.kind !== 'integer' || !/^\d+$/.test(token.text)) throw badNumber(token.text, option);
  return Number(token.text);
}
