/**
 * Owns: the expressions of a SELECT, and which columns the names in them may mean, for what holds whether or not it is pushed.
 * Does not own: resolving for pushdown, which is stricter (scope.ts).
 */
import type { Expression, Span } from '../sql/ast.js';
import type { FromSkeleton } from '../sql/skeleton.js';
import { nameKey } from './names.js';
import { columnOf, joinsOf } from './scope.js';
import type { ArmScope, Item, TableLookup } from './scope.js';

export type Read = (span: Span) => Expression | undefined;

export interface Place {
  readonly item?: Item;
  readonly name: string;
  readonly alias?: { readonly expression: Expression; readonly arm: ArmScope };
}

/** Items a name may belong to, innermost first; then the result alias of that level. */
export function* placesOf(path: readonly string[], arm: ArmScope, read: Read): Generator<Place> {
  const name = path.at(-1)!;
  const qualifier = path.length > 1 ? path.at(-2)! : undefined;
  for (let level: ArmScope | undefined = arm; level !== undefined; level = level.parent) {
    const items = level.items.filter((item) => (qualifier === undefined || (item.name !== undefined && nameKey(item.name) === nameKey(qualifier))) && (item.columns === undefined || item.byName.has(nameKey(name))));
    for (const item of items) yield { item, name };
    if (items.some((item) => item.columns !== undefined) || (qualifier !== undefined && items.length > 0)) return;
    const aliased = qualifier === undefined ? level.skeleton.items.find(({ alias }) => alias !== undefined && nameKey(alias) === nameKey(name)) : undefined;
    const expression = aliased === undefined ? undefined : read(aliased.expression);
    if (expression !== undefined) {
      yield { name, alias: { expression, arm: level } };
      return;
    }
  }
}

/** The declared column a name means, undefined if it may be another thing. */
export function baseColumn(path: readonly string[], arm: ArmScope, { tables, read }: { readonly tables: TableLookup; readonly read: Read }): ReturnType<typeof columnOf> {
  for (const { item, name } of placesOf(path, arm, read)) {
    const origin = item?.byName.get(nameKey(name))?.origin;
    const declaration = origin === undefined ? undefined : tables(origin.table);
    if (declaration !== undefined) return columnOf(declaration, origin!.column);
  }
  return undefined;
}

/** Every expression of a SELECT, ORDER BY and LIMIT of its query included once. */
export function expressionsOf(arm: ArmScope): readonly Span[] {
  const { items, where, groupBy, having, windowTerms = [], rowItems = [], from } = arm.skeleton;
  const { orderBy } = arm.query.skeleton;
  return [
    ...items.filter(({ star }) => !star).map(({ expression }) => expression),
    ...joinsOf(arm.from).flatMap(({ on }) => (on === undefined ? [] : [on.span])),
    ...(where === undefined ? [] : [where.span]),
    ...groupBy,
    ...windowTerms,
    ...rowItems,
    ...(from === undefined ? [] : functionArguments(from)),
    ...(having === undefined ? [] : [having.span]),
    ...(arm.query.arms.length === 1 ? orderBy.map(({ expression }) => expression) : []),
  ];
}

/** Arguments of table-valued functions in FROM. */
function functionArguments(from: FromSkeleton): readonly Span[] {
  if (from.kind === 'join') return [...functionArguments(from.left), ...functionArguments(from.right)];
  return from.kind === 'table' ? (from.args ?? []) : [];
}
