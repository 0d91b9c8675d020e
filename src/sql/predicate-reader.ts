/**
 * Owns: reading a single predicate, by node-sql-parser where it reads it right, by the own reader where it does not.
 * Does not own: proving the reading (planner/guard.ts does, by bytecode).
 * Invariants: node-sql-parser only ever sees normalised text (literals, names and nested queries replaced), because it
 * misreads quotes, escapes and names; its AND/OR groups are regrouped; the tree is the own reader's, with positions, and where
 * node-sql-parser reads another one, `disagreed` says so: the planner then pushes nothing of it.
 */
import { createRequire } from 'node:module';
import type { Expression, Span } from './ast.js';
import { firstAt, readExpression } from './expression-reader.js';
import type { Token } from './tokenizer.js';

export interface ReadPredicate {
  readonly expression: Expression;
  /** Who confirmed it: both readers, or the own one alone. */
  readonly reader: 'node-sql-parser' | 'own';
  /** node-sql-parser read it, and differently. */
  readonly disagreed: boolean;
}

export function readPredicate(tokens: readonly Token[], span: Span): ReadPredicate | undefined {
  const expression = readExpression(tokens, span);
  return expression === undefined ? undefined : { expression, ...secondOpinion(expression, tokens, span) };
}

/** What node-sql-parser says of a reading of the own reader; what it has no words for it neither confirms nor denies. */
export function secondOpinion(expression: Expression, tokens: readonly Token[], span: Span): Pick<ReadPredicate, 'reader' | 'disagreed'> {
  const own = ownShape(expression);
  const shape = own === undefined ? undefined : foreignShape(normalised(tokens, span));
  return { reader: shape !== undefined && shape === own ? 'node-sql-parser' : 'own', disagreed: shape !== undefined && shape !== own };
}

/** Text node-sql-parser cannot misread: constants become 'Z7', names Q8, nested queries ('Z9'). */
function normalised(tokens: readonly Token[], span: Span): string {
  const parts: string[] = [];
  let at = firstAt(tokens, span.start);
  while (at < tokens.length && tokens[at]!.end <= span.end) {
    const token = tokens[at]!;
    const next = tokens[at + 1];
    if (token.key === '(' && next !== undefined && ['SELECT', 'WITH', 'VALUES'].includes(next.key)) {
      let depth = 0;
      do {
        if (tokens[at]!.key === '(') depth += 1;
        if (tokens[at]!.key === ')') depth -= 1;
        at += 1;
      } while (depth > 0 && at < tokens.length);
      parts.push("('Z9')");
      continue;
    }
    if (token.kind === 'string' || token.kind === 'number' || token.kind === 'blob' || token.kind === 'parameter') parts.push("'Z7'");
    else if (token.kind === 'quoted' || (token.kind === 'word' && !WORDS.has(token.key))) {
      // A qualified name is one name.
      while (tokens[at + 1]?.key === '.' && tokens[at + 2] !== undefined) at += 2;
      parts.push(tokens[at + 1]?.key === '(' ? 'f5' : 'Q8');
    } else if (token.key === '==') parts.push('=');
    else if (token.key === '!=') parts.push('<>');
    else if (token.key === 'ISNULL') parts.push('IS NULL');
    else if (token.key === 'NOTNULL') parts.push('IS NOT NULL');
    else parts.push(token.text);
    at += 1;
  }
  return parts.join(' ');
}

const WORDS = new Set(['AND', 'OR', 'NOT', 'IS', 'NULL', 'IN', 'LIKE', 'GLOB', 'BETWEEN', 'ESCAPE', 'COLLATE', 'TRUE', 'FALSE', 'CASE', 'WHEN', 'THEN', 'ELSE', 'END', 'CAST', 'AS', 'EXISTS', 'ISNULL', 'NOTNULL', 'DISTINCT', 'FROM', 'REGEXP', 'MATCH']);

interface ForeignNode {
  readonly type?: string;
  readonly operator?: string;
  readonly left?: ForeignNode;
  readonly right?: ForeignNode;
  readonly expr?: ForeignNode;
  readonly value?: unknown;
  readonly parentheses?: boolean;
  readonly escape?: unknown;
  readonly suffix?: unknown;
}

interface ForeignParser {
  astify(sql: string, options: { readonly database: string }): unknown;
}

let parser: ForeignParser | undefined;
const MOST_REMEMBERED = 500;
/** node-sql-parser needs 100 ms for an IN of 5,000 constants; beyond this length (UTF-16 units) the own reader stands alone. */
const LONGEST = 2_000;
/** Shapes by normalised text: few, because constants and names are gone from it. */
const remembered = new Map<string, string | undefined>();

function foreignShape(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  if (remembered.has(text)) return remembered.get(text);
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  const shape = parse(text);
  remembered.set(text, shape);
  return shape;
}

function parse(text: string): string | undefined {
  if (parser === undefined) {
    // The one dialect's build: 12 ms against 63 for the package root.
    const { Parser } = createRequire(import.meta.url)('node-sql-parser/build/sqlite.js') as { Parser: new () => ForeignParser };
    parser = new Parser();
  }
  try {
    const ast = parser.astify(`SELECT 1 FROM t WHERE ${text}`, { database: 'sqlite' }) as { where?: ForeignNode } | { where?: ForeignNode }[];
    const { where } = Array.isArray(ast) ? ast[0]! : ast;
    return where === undefined ? undefined : shapeOf(regroup(where));
  } catch {
    return undefined;
  }
}

/** AND binds tighter than OR, which the parser's tree does not honour without parentheses. */
function regroup(node: ForeignNode): ForeignNode {
  if (node.type !== 'binary_expr' || (node.operator !== 'AND' && node.operator !== 'OR')) return node;
  const terms: ForeignNode[] = [];
  const words: string[] = [];
  const flatten = (one: ForeignNode, root: boolean): void => {
    if (one.type === 'binary_expr' && (one.operator === 'AND' || one.operator === 'OR') && (root || one.parentheses !== true)) {
      flatten(one.left!, false);
      words.push(one.operator);
      flatten(one.right!, false);
    } else terms.push(one.parentheses === true ? { ...regroup({ ...one, parentheses: false }), parentheses: true } : one);
  };
  flatten(node, true);
  let group: ForeignNode = terms[0]!;
  const groups: ForeignNode[] = [];
  words.forEach((word, index) => {
    const right = terms[index + 1]!;
    if (word === 'AND') group = { type: 'binary_expr', operator: 'AND', left: group, right, parentheses: true };
    else {
      groups.push(group);
      group = right;
    }
  });
  groups.push(group);
  return groups.reduce((left, right) => ({ type: 'binary_expr', operator: 'OR', left, right, parentheses: true }));
}

/** Structure as text; undefined for anything this comparison does not know. */
function shapeOf(node: ForeignNode | undefined): string | undefined {
  if (node === undefined || node.suffix !== undefined && node.suffix !== null) return undefined;
  switch (node.type) {
    case 'column_ref':
      return 'c';
    case 'single_quote_string':
    case 'number':
    case 'bigint':
    case 'bool':
    case 'null':
      return 'k';
    case 'expr_list': {
      const items = Array.isArray(node.value) ? (node.value as ForeignNode[]).map(shapeOf) : [undefined];
      return items.includes(undefined) ? undefined : `[${items.join(',')}]`;
    }
    case 'unary_expr': {
      const inner = shapeOf(regroup(node.expr ?? {}));
      return inner === undefined || node.operator?.toUpperCase() !== 'NOT' ? undefined : `(not ${inner})`;
    }
    case 'binary_expr': {
      if ((node.right as { escape?: unknown } | undefined)?.escape !== undefined && (node.right as { escape?: unknown }).escape !== null) return undefined;
      const inner = regroup(node);
      const [left, right] = [shapeOf(inner.left), shapeOf(inner.right)];
      return left === undefined || right === undefined ? undefined : `(${left} ${inner.operator!.toUpperCase()} ${right})`;
    }
    default:
      return undefined;
  }
}

const COMPARED = new Set(['AND', 'OR', '=', '<>', '<', '<=', '>', '>=']);

function ownShape(node: Expression): string | undefined {
  const binary = (op: string, left: string | undefined, right: string | undefined): string | undefined => (left === undefined || right === undefined ? undefined : `(${left} ${op} ${right})`);
  switch (node.kind) {
    case 'column':
      return 'c';
    case 'literal':
    case 'parameter':
      return 'k';
    case 'unary':
      return node.op === 'NOT' && ownShape(node.operand) !== undefined ? `(not ${ownShape(node.operand)!})` : undefined;
    case 'binary':
      // node-sql-parser groups arithmetic wrongly (1 << 1 + 1): it has no say there.
      return COMPARED.has(node.op) ? binary(node.op, ownShape(node.left), ownShape(node.right)) : undefined;
    case 'is':
      return node.distinct ? undefined : binary(node.negated ? 'IS NOT' : 'IS', ownShape(node.left), ownShape(node.right));
    case 'like':
      return node.escape !== undefined ? undefined : binary(`${node.negated ? 'NOT ' : ''}${node.op}`, ownShape(node.left), ownShape(node.right));
    case 'between':
      return binary(`${node.negated ? 'NOT ' : ''}BETWEEN`, ownShape(node.operand), listShape([node.low, node.high]));
    case 'in':
      return node.list === undefined ? binary(node.negated ? 'NOT IN' : 'IN', ownShape(node.operand), node.select === undefined ? undefined : '[k]') : binary(node.negated ? 'NOT IN' : 'IN', ownShape(node.operand), listShape(node.list));
    default:
      return undefined;
  }
}

function listShape(items: readonly Expression[]): string | undefined {
  const shapes = items.map(ownShape);
  return shapes.includes(undefined) ? undefined : `[${shapes.join(',')}]`;
}
