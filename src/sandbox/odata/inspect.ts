/**
 * Owns: what a filter uses, for the server's own rules (filter and sort order, refused nodes).
 * Does not own: those rules.
 * Invariants: paths come in order of appearance, each once.
 */
import type { FilterNode } from './tree.js';

export interface FilterUse {
  /** Property paths of the entity, `from/emailAddress/address`, in order of appearance; of a lambda its collection. */
  readonly paths: readonly string[];
  /** Paths inside lambdas, from the element: `singleValueExtendedProperties` then `id`; the element itself is ''. */
  readonly innerPaths: readonly { readonly collection: string; readonly path: string }[];
  /** Functions called, in lower case. */
  readonly functions: readonly string[];
  readonly functionUses: readonly { readonly name: string; readonly path: string }[];
  readonly lambdas: readonly { readonly collection: string; readonly quantifier: 'any' | 'all'; readonly empty: boolean }[];
  /** Derived types in paths and `isof`; targets of `cast`. */
  readonly casts: readonly string[];
  /** Binary operators, and `in` and `not`. */
  readonly operators: readonly string[];
  /** Each comparison of a path: its operator and whether the other side is null. */
  readonly comparisons: readonly { readonly path: string; readonly operator: string; readonly withNull: boolean; readonly inner: boolean }[];
}

/** The property paths of the entity, in order of appearance. */
export function collectPaths(node: FilterNode): readonly string[] {
  return inspectFilter(node).paths;
}

export function inspectFilter(node: FilterNode): FilterUse {
  const paths = new Set<string>();
  const inner = new Map<string, { readonly collection: string; readonly path: string }>();
  const functions = new Set<string>();
  const functionUses: { readonly name: string; readonly path: string }[] = [];
  const lambdas: { readonly collection: string; readonly quantifier: 'any' | 'all'; readonly empty: boolean }[] = [];
  const casts = new Set<string>();
  const operators = new Set<string>();
  const comparisons: { readonly path: string; readonly operator: string; readonly withNull: boolean; readonly inner: boolean }[] = [];
  const sources = new Map<string, string>();

  const pathOf = (part: FilterNode): string | undefined => (part.kind === 'path' ? part.segments.join('/') : part.kind === 'cast' ? pathOf(part.operand) : undefined);
  const comparison = (left: FilterNode, right: FilterNode, operator: string): void => {
    for (const [side, other] of [[left, right], [right, left]] as const) {
      const path = pathOf(side);
      if (path === undefined) continue;
      const variable = side.kind === 'path' ? side.variable : undefined;
      comparisons.push({ path, operator, withNull: other.kind === 'literal' && other.value === null, inner: variable !== undefined });
    }
  };
  const visit = (part: FilterNode): void => {
    switch (part.kind) {
      case 'literal':
        return;
      case 'path': {
        for (const cast of part.casts) casts.add(cast);
        const path = part.segments.join('/');
        if (part.variable === undefined) paths.add(path);
        else {
          const collection = sources.get(part.variable) ?? '';
          inner.set(`${collection}\n${path}`, { collection, path });
        }
        return;
      }
      case 'lambda': {
        visit(part.source);
        const collection = part.source.segments.join('/');
        lambdas.push({ collection, quantifier: part.quantifier, empty: part.body === undefined });
        if (part.variable !== undefined) sources.set(part.variable, collection);
        if (part.body !== undefined) visit(part.body);
        return;
      }
      case 'binary':
        operators.add(part.operator);
        if (part.operator !== 'and' && part.operator !== 'or') comparison(part.left, part.right, part.operator);
        visit(part.left);
        visit(part.right);
        return;
      case 'in':
        operators.add('in');
        comparison(part.operand, part.values.find((value) => value.value === null) ?? (part.values[0] as FilterNode), 'in');
        visit(part.operand);
        return;
      case 'not':
        operators.add('not');
        visit(part.operand);
        return;
      case 'negate':
        visit(part.operand);
        return;
      case 'call':
        functions.add(part.name);
        functionUses.push({ name: part.name, path: part.arguments.map(pathOf).find((path) => path !== undefined) ?? '' });
        part.arguments.forEach(visit);
        return;
      case 'cast':
        casts.add(part.type.name);
        visit(part.operand);
        return;
      case 'isof':
        casts.add(part.target);
        if (part.operand !== undefined) visit(part.operand);
        return;
    }
  };
  visit(node);
  return { paths: [...paths], innerPaths: [...inner.values()], functions: [...functions], functionUses, lambdas, casts: [...casts], operators: [...operators], comparisons };
}
